// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/normalized_activation.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include <ATen/ops/empty_like.h>
#include <ATen/ops/tensor.h>
#include <torch/csrc/autograd/custom_function.h>

#include "sotto/plugin.h"

namespace sotto::accuracy {
namespace {

// Rows of channels that are summed in single precision before they are added to sums in double.
constexpr std::int64_t block_rows = 64;

/// The numbers of each channel: map x factor + offset is normalised, scaled and shifted.
struct Affine {
    std::vector<float> factor;
    std::vector<float> offset;
};

Affine affine_of(const float* mean, const float* deviation_inverse, const at::Tensor& scale, const at::Tensor& shift) {
    Affine affine;
    for (std::int64_t channel = 0; channel < scale.numel(); ++channel) {
        affine.factor.push_back(deviation_inverse[channel] * scale.data_ptr<float>()[channel]);
        affine.offset.push_back(shift.data_ptr<float>()[channel] - mean[channel] * affine.factor.back());
    }
    return affine;
}

template <std::int32_t activation>
float activate(float value) {
    if constexpr (activation == SOTTO_ACTIVATION_RELU) {
        return value <= 0 ? 0 : value;  // NaN stays
    } else if constexpr (activation == SOTTO_ACTIVATION_SQUARE) {
        return value * value;
    } else {
        return value;
    }
}

/// The derivative times `gradient`.
template <std::int32_t activation>
float pass_back(float value, float gradient) {
    if constexpr (activation == SOTTO_ACTIVATION_RELU) {
        return value <= 0 ? 0 : gradient;
    } else if constexpr (activation == SOTTO_ACTIVATION_SQUARE) {
        return 2 * value * gradient;
    } else {
        return gradient;
    }
}

template <std::int32_t activation>
void transform(const float* __restrict map, std::int64_t rows, std::int64_t channels, const Affine& affine,
               float* __restrict out) {
    const float* __restrict factor = affine.factor.data();
    const float* __restrict offset = affine.offset.data();
    for (std::int64_t row = 0; row < rows; ++row, map += channels, out += channels) {
        for (std::int64_t channel = 0; channel < channels; ++channel) {
            out[channel] = activate<activation>(map[channel] * factor[channel] + offset[channel]);
        }
    }
}

/// Adds up `add(row, first, second)` over rows: two sums for each channel.
template <typename Add>
void sum_rows(std::int64_t rows, std::int64_t channels, std::vector<double>& first, std::vector<double>& second,
              Add add) {
    const auto count = static_cast<std::size_t>(channels);
    first.assign(count, 0);
    second.assign(count, 0);
    std::vector<float> part_first(count);
    std::vector<float> part_second(count);
    for (std::int64_t begin = 0; begin < rows; begin += block_rows) {
        std::fill(part_first.begin(), part_first.end(), 0.0F);
        std::fill(part_second.begin(), part_second.end(), 0.0F);
        add(begin, std::min(rows, begin + block_rows), part_first.data(), part_second.data());
        for (std::size_t channel = 0; channel < count; ++channel) {
            first[channel] += part_first[channel];
            second[channel] += part_second[channel];
        }
    }
}

template <std::int32_t activation>
void sum_gradients(const float* map, const float* gradient, std::int64_t rows, std::int64_t channels,
                   const Affine& affine, const float* mean, const float* deviation_inverse, std::vector<double>& plain,
                   std::vector<double>& weighted) {
    sum_rows(rows, channels, plain, weighted,
             [&](std::int64_t begin, std::int64_t end, float* __restrict first, float* __restrict second) {
                 const float* __restrict factor = affine.factor.data();
                 const float* __restrict offset = affine.offset.data();
                 const float* __restrict in = map + begin * channels;
                 const float* __restrict back = gradient + begin * channels;
                 for (std::int64_t row = begin; row < end; ++row, in += channels, back += channels) {
                     for (std::int64_t channel = 0; channel < channels; ++channel) {
                         const float slope =
                             pass_back<activation>(in[channel] * factor[channel] + offset[channel], back[channel]);
                         first[channel] += slope;
                         second[channel] += slope * ((in[channel] - mean[channel]) * deviation_inverse[channel]);
                     }
                 }
             });
}

template <std::int32_t activation>
void write_gradients(const float* __restrict map, const float* __restrict gradient, std::int64_t rows,
                     std::int64_t channels, const Affine& affine, const float* __restrict map_factor,
                     const float* __restrict constant, float* __restrict out) {
    const float* __restrict factor = affine.factor.data();
    const float* __restrict offset = affine.offset.data();
    for (std::int64_t row = 0; row < rows; ++row, map += channels, gradient += channels, out += channels) {
        for (std::int64_t channel = 0; channel < channels; ++channel) {
            const float slope =
                pass_back<activation>(map[channel] * factor[channel] + offset[channel], gradient[channel]);
            out[channel] = factor[channel] * slope + map[channel] * map_factor[channel] + constant[channel];
        }
    }
}

/// Calls `body` with the activation as a constant.
template <typename Body>
void with_activation(std::int64_t activation, Body body) {
    switch (activation) {
        case SOTTO_ACTIVATION_RELU:
            body(std::integral_constant<std::int32_t, SOTTO_ACTIVATION_RELU>{});
            break;
        case SOTTO_ACTIVATION_SQUARE:
            body(std::integral_constant<std::int32_t, SOTTO_ACTIVATION_SQUARE>{});
            break;
        default:
            body(std::integral_constant<std::int32_t, SOTTO_ACTIVATION_IDENTITY>{});
    }
}

class NormalizedActivation : public torch::autograd::Function<NormalizedActivation> {
  public:
    static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& any_map,
                              const at::Tensor& scale, const at::Tensor& shift, const at::Tensor& running_mean,
                              const at::Tensor& running_variance, double momentum, double epsilon,
                              std::int64_t activation) {
        const at::Tensor map = any_map.contiguous(at::MemoryFormat::ChannelsLast);
        const std::int64_t channels = map.size(1);
        const std::int64_t rows = map.numel() / channels;
        const float* const values = map.data_ptr<float>();
        // Distances from some value of the channel: their squares are of the order of the variance.
        const float* const origin = values;
        std::vector<double> sums;
        std::vector<double> squares;
        sum_rows(rows, channels, sums, squares,
                 [&](std::int64_t begin, std::int64_t end, float* __restrict first, float* __restrict second) {
                     const float* __restrict in = values + begin * channels;
                     for (std::int64_t row = begin; row < end; ++row, in += channels) {
                         for (std::int64_t channel = 0; channel < channels; ++channel) {
                             const float distance = in[channel] - origin[channel];
                             first[channel] += distance;
                             second[channel] += distance * distance;
                         }
                     }
                 });
        at::Tensor mean = at::empty_like(scale);
        at::Tensor deviation_inverse = at::empty_like(scale);
        const auto count = static_cast<double>(rows);
        for (std::size_t channel = 0; channel < sums.size(); ++channel) {
            const double distance = sums[channel] / count;
            const double variance = std::max(0.0, squares[channel] / count - distance * distance);
            const double channel_mean = origin[channel] + distance;
            mean.data_ptr<float>()[channel] = static_cast<float>(channel_mean);
            deviation_inverse.data_ptr<float>()[channel] = static_cast<float>(1 / std::sqrt(variance + epsilon));
            if (momentum > 0) {
                const double unbiased = rows > 1 ? variance * count / (count - 1) : variance;
                float& kept_mean = running_mean.data_ptr<float>()[channel];
                float& kept_variance = running_variance.data_ptr<float>()[channel];
                kept_mean = static_cast<float>((1 - momentum) * kept_mean + momentum * channel_mean);
                kept_variance = static_cast<float>((1 - momentum) * kept_variance + momentum * unbiased);
            }
        }
        const Affine affine = affine_of(mean.data_ptr<float>(), deviation_inverse.data_ptr<float>(), scale, shift);
        at::Tensor result = at::empty_like(map);
        with_activation(activation,
                        [&](auto kind) { transform<kind>(values, rows, channels, affine, result.data_ptr<float>()); });
        context->save_for_backward({map, scale, shift, mean, deviation_inverse});
        context->saved_data["activation"] = activation;
        return result;
    }

    static torch::autograd::tensor_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::tensor_list& gradients) {
        const torch::autograd::variable_list saved = context->get_saved_variables();
        const at::Tensor& map = saved[0];
        const at::Tensor& scale = saved[1];
        const float* const mean = saved[3].data_ptr<float>();
        const float* const deviation_inverse = saved[4].data_ptr<float>();
        const std::int64_t activation = context->saved_data["activation"].toInt();
        const at::Tensor gradient = gradients[0].contiguous(at::MemoryFormat::ChannelsLast);
        const std::int64_t channels = map.size(1);
        const std::int64_t rows = map.numel() / channels;
        const Affine affine = affine_of(mean, deviation_inverse, scale, saved[2]);
        std::vector<double> plain;
        std::vector<double> weighted;
        at::Tensor result = at::empty_like(map);
        at::Tensor scale_gradient = at::empty_like(scale);
        at::Tensor shift_gradient = at::empty_like(scale);
        with_activation(activation, [&](auto kind) {
            sum_gradients<kind>(map.data_ptr<float>(), gradient.data_ptr<float>(), rows, channels, affine, mean,
                                deviation_inverse, plain, weighted);
            // factor (slope - mean slope - normalised map x mean of slope x normalised map)
            std::vector<float> map_factor;
            std::vector<float> constant;
            for (std::size_t channel = 0; channel < plain.size(); ++channel) {
                const double count = static_cast<double>(rows);
                const double of_map = -affine.factor[channel] * deviation_inverse[channel] * weighted[channel] / count;
                map_factor.push_back(static_cast<float>(of_map));
                constant.push_back(
                    static_cast<float>(-affine.factor[channel] * plain[channel] / count - mean[channel] * of_map));
                scale_gradient.data_ptr<float>()[channel] = static_cast<float>(weighted[channel]);
                shift_gradient.data_ptr<float>()[channel] = static_cast<float>(plain[channel]);
            }
            write_gradients<kind>(map.data_ptr<float>(), gradient.data_ptr<float>(), rows, channels, affine,
                                  map_factor.data(), constant.data(), result.data_ptr<float>());
        });
        return {result, scale_gradient, shift_gradient, {}, {}, {}, {}, {}};
    }
};

}  // namespace

at::Tensor normalize_by_batch(const at::Tensor& map, const at::Tensor& scale, const at::Tensor& shift,
                              const at::Tensor& running_mean, const at::Tensor& running_variance, double momentum,
                              double epsilon, std::int32_t activation) {
    return NormalizedActivation::apply(map, scale, shift, running_mean, running_variance, momentum, epsilon,
                                       std::int64_t{activation});
}

at::Tensor normalize_by_running(const at::Tensor& any_map, const at::Tensor& scale, const at::Tensor& shift,
                                const at::Tensor& running_mean, const at::Tensor& running_variance, double epsilon,
                                std::int32_t activation) {
    const at::Tensor map = any_map.detach().contiguous(at::MemoryFormat::ChannelsLast);
    std::vector<float> deviation_inverse;
    for (std::int64_t channel = 0; channel < map.size(1); ++channel) {
        deviation_inverse.push_back(
            static_cast<float>(1 / std::sqrt(running_variance.data_ptr<float>()[channel] + epsilon)));
    }
    const Affine affine = affine_of(running_mean.data_ptr<float>(), deviation_inverse.data(), scale, shift);
    at::Tensor result = at::empty_like(map);
    with_activation(activation, [&](auto kind) {
        transform<kind>(map.data_ptr<float>(), map.numel() / map.size(1), map.size(1), affine,
                        result.data_ptr<float>());
    });
    return result;
}

}  // namespace sotto::accuracy
