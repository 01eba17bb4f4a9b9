// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/feature_maps.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include "plugins/accuracy/position_classes.hpp"

namespace sotto::accuracy {
namespace {

template <bool maximum>
float reduce(float left, float right) {
    return maximum ? std::max(left, right) : left + right;
}

/// Over rows first, then over columns, both in loops that the compiler turns into vector instructions.
template <bool maximum>
at::Tensor pool(const Node& node, const at::Tensor& map) {
    const sotto_window& window = node.window;
    const bool global = node.kind == SOTTO_LAYER_GLOBAL_MAX_POOL || node.kind == SOTTO_LAYER_GLOBAL_AVERAGE_POOL;
    const std::int32_t kernel_height = global ? node.input.height : window.kernel_height;
    const std::int32_t kernel_width = global ? node.input.width : window.kernel_width;
    const Taps rows = dense_taps(node.input.height, kernel_height, std::max(window.stride_height, 1), window.pad_top,
                                 node.output.height);
    const auto kernel = static_cast<std::size_t>(kernel_width);
    const auto stride = static_cast<std::size_t>(std::max(window.stride_width, 1));
    const auto lead = static_cast<std::size_t>(window.pad_left);
    const auto outputs = static_cast<std::size_t>(node.output.width);
    const auto width = static_cast<std::size_t>(map.size(3));
    at::Tensor result = at::empty({map.size(0), map.size(1), node.output.height, node.output.width}, at::kFloat);
    const float* from = map.data_ptr<float>();
    float* out = result.data_ptr<float>();
    constexpr float start = maximum ? -std::numeric_limits<float>::infinity() : 0.0F;
    const float scale = 1 / (static_cast<float>(kernel_height) * static_cast<float>(kernel_width));
    // A line with its padding, which changes nothing that it is reduced with.
    std::vector<float> padded(std::max(lead + width, (outputs - 1) * stride + kernel), start);
    float* const line = padded.data() + lead;
    for (std::int64_t plane = 0; plane < map.size(0) * map.size(1); ++plane, from += map.size(2) * map.size(3)) {
        for (std::int32_t row = 0; row < rows.outputs; ++row, out += outputs) {
            std::fill_n(line, width, start);
            for (const std::int32_t tap : rows.of(row)) {
                if (tap < 0) {
                    continue;
                }
                const float* const source = from + static_cast<std::size_t>(tap) * width;
                for (std::size_t column = 0; column < width; ++column) {
                    line[column] = reduce<maximum>(line[column], source[column]);
                }
            }
            std::fill_n(out, outputs, start);
            for (std::size_t offset = 0; offset < kernel; ++offset) {
                const float* const taps = padded.data() + offset;
                for (std::size_t column = 0; column < outputs; ++column) {
                    out[column] = reduce<maximum>(out[column], taps[column * stride]);
                }
            }
            for (std::size_t column = 0; column < outputs; ++column) {
                // A window that lies in the padding altogether has no maximum.
                out[column] = maximum ? (out[column] == start ? 0.0F : out[column]) : out[column] * scale;
            }
        }
    }
    return result;
}

}  // namespace

std::span<float> values_of(const at::Tensor& tensor) {
    return {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

at::Tensor owned(at::Tensor map) {
    return map.use_count() == 1 ? std::move(map) : map.clone();
}

at::Tensor pool_map(const Node& node, const at::Tensor& map) {
    const bool maximum = node.kind == SOTTO_LAYER_MAX_POOL || node.kind == SOTTO_LAYER_GLOBAL_MAX_POOL;
    return maximum ? pool<true>(node, map) : pool<false>(node, map);
}

at::Tensor pad_map(const Node& node, const at::Tensor& map) {
    at::Tensor result = at::zeros({map.size(0), map.size(1), node.output.height, node.output.width}, at::kFloat);
    result.narrow(2, node.window.pad_top, map.size(2)).narrow(3, node.window.pad_left, map.size(3)).copy_(map);
    return result;
}

at::Tensor flatten_map(const Node& node, const at::Tensor& map) {
    at::Tensor result = map.permute({0, 2, 3, 1}).reshape({node.output.channels, map.size(1), 1, 1});
    // A view is a tensor of its own, so owned() could not tell that its values are somebody else's too.
    return result.is_alias_of(map) ? result.clone() : result;
}

}  // namespace sotto::accuracy
