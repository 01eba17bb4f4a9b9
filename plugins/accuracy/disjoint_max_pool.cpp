// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/disjoint_max_pool.hpp"

#include <algorithm>
#include <cstdint>

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/custom_function.h>

namespace sotto::accuracy {
namespace {

at::TensorOptions channels_last(at::ScalarType type) {
    return at::TensorOptions().dtype(type).memory_format(at::MemoryFormat::ChannelsLast);
}

class DisjointMaxPool : public torch::autograd::Function<DisjointMaxPool> {
  public:
    static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& any_map,
                              std::int64_t kernel_height, std::int64_t kernel_width) {
        const at::Tensor map = any_map.contiguous(at::MemoryFormat::ChannelsLast);
        const std::int64_t images = map.size(0);
        const std::int64_t channels = map.size(1);
        const std::int64_t height = map.size(2);
        const std::int64_t width = map.size(3);
        const std::int64_t rows = height / kernel_height;
        const std::int64_t columns = width / kernel_width;
        at::Tensor result = at::empty({images, channels, rows, columns}, channels_last(at::kFloat));
        at::Tensor places = at::empty({images, channels, rows, columns}, channels_last(at::kInt));
        float* __restrict out = result.data_ptr<float>();
        std::int32_t* __restrict place = places.data_ptr<std::int32_t>();
        for (std::int64_t image = 0; image < images; ++image) {
            for (std::int64_t row = 0; row < rows; ++row) {
                for (std::int64_t column = 0; column < columns; ++column, out += channels, place += channels) {
                    const float* const corner =
                        map.data_ptr<float>() +
                        ((image * height + row * kernel_height) * width + column * kernel_width) * channels;
                    std::copy_n(corner, channels, out);
                    std::fill_n(place, channels, std::int32_t{0});
                    for (std::int64_t element = 1; element < kernel_height * kernel_width; ++element) {
                        const auto number = static_cast<std::int32_t>(element);
                        const float* __restrict in =
                            corner + (element / kernel_width * width + element % kernel_width) * channels;
                        for (std::int64_t channel = 0; channel < channels; ++channel) {
                            // What is not a number is larger than all, as in LibTorch.
                            const bool larger = (in[channel] > out[channel]) | (in[channel] != in[channel]);
                            out[channel] = larger ? in[channel] : out[channel];
                            place[channel] = larger ? number : place[channel];
                        }
                    }
                }
            }
        }
        context->save_for_backward({places});
        context->saved_data["kernel_height"] = kernel_height;
        context->saved_data["kernel_width"] = kernel_width;
        context->saved_data["height"] = height;
        context->saved_data["width"] = width;
        return result;
    }

    static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::tensor_list& gradients) {
        const at::Tensor places = context->get_saved_variables()[0];
        const std::int64_t kernel_height = context->saved_data["kernel_height"].toInt();
        const std::int64_t kernel_width = context->saved_data["kernel_width"].toInt();
        const std::int64_t height = context->saved_data["height"].toInt();
        const std::int64_t width = context->saved_data["width"].toInt();
        const at::Tensor gradient = gradients[0].contiguous(at::MemoryFormat::ChannelsLast);
        const std::int64_t images = places.size(0);
        const std::int64_t channels = places.size(1);
        const std::int64_t rows = places.size(2);
        const std::int64_t columns = places.size(3);
        // Every element of a window is written; what fills no window stays 0.
        const bool whole = rows * kernel_height == height && columns * kernel_width == width;
        at::Tensor result =
            whole ? at::empty({images, channels, height, width}, channels_last(at::kFloat))
                  : at::zeros({images, channels, height, width}, at::kFloat).contiguous(at::MemoryFormat::ChannelsLast);
        const float* __restrict back = gradient.data_ptr<float>();
        const std::int32_t* __restrict place = places.data_ptr<std::int32_t>();
        for (std::int64_t image = 0; image < images; ++image) {
            for (std::int64_t row = 0; row < rows; ++row) {
                for (std::int64_t column = 0; column < columns; ++column, back += channels, place += channels) {
                    float* const corner =
                        result.data_ptr<float>() +
                        ((image * height + row * kernel_height) * width + column * kernel_width) * channels;
                    for (std::int64_t element = 0; element < kernel_height * kernel_width; ++element) {
                        const auto number = static_cast<std::int32_t>(element);
                        float* __restrict out =
                            corner + (element / kernel_width * width + element % kernel_width) * channels;
                        for (std::int64_t channel = 0; channel < channels; ++channel) {
                            out[channel] = place[channel] == number ? back[channel] : 0.0F;
                        }
                    }
                }
            }
        }
        return {result, {}, {}};
    }
};

}  // namespace

at::Tensor disjoint_max_pool(const at::Tensor& map, std::int64_t kernel_height, std::int64_t kernel_width) {
    return DisjointMaxPool::apply(map, kernel_height, kernel_width);
}

}  // namespace sotto::accuracy
