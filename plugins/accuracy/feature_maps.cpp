// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/feature_maps.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include "plugins/accuracy/position_classes.hpp"

namespace sotto::accuracy {

std::span<float> values_of(const at::Tensor& tensor) {
    return {tensor.data_ptr<float>(), static_cast<std::size_t>(tensor.numel())};
}

at::Tensor owned(at::Tensor map) {
    return map.use_count() == 1 ? map : map.clone();
}

at::Tensor pool_map(const Node& node, const at::Tensor& map) {
    const sotto_window& window = node.window;
    const bool maximum = node.kind == SOTTO_LAYER_MAX_POOL || node.kind == SOTTO_LAYER_GLOBAL_MAX_POOL;
    const bool global = node.kind == SOTTO_LAYER_GLOBAL_MAX_POOL || node.kind == SOTTO_LAYER_GLOBAL_AVERAGE_POOL;
    const std::int32_t kernel_height = global ? node.input.height : window.kernel_height;
    const std::int32_t kernel_width = global ? node.input.width : window.kernel_width;
    const Taps rows = dense_taps(node.input.height, kernel_height, std::max(window.stride_height, 1), window.pad_top,
                                 node.output.height);
    const Taps columns = dense_taps(node.input.width, kernel_width, std::max(window.stride_width, 1), window.pad_left,
                                    node.output.width);
    at::Tensor result = at::empty({map.size(0), map.size(1), rows.outputs, columns.outputs}, at::kFloat);
    const float* from = map.data_ptr<float>();
    float* out = result.data_ptr<float>();
    const auto width = static_cast<std::size_t>(map.size(3));
    const float start = maximum ? -std::numeric_limits<float>::infinity() : 0.0F;
    const float scale = 1 / (static_cast<float>(kernel_height) * static_cast<float>(kernel_width));
    // Over rows first, where the compiler can use vector instructions.
    std::vector<float> line(width);
    for (std::int64_t plane = 0; plane < map.size(0) * map.size(1); ++plane, from += map.size(2) * map.size(3)) {
        for (std::int32_t row = 0; row < rows.outputs; ++row) {
            std::fill(line.begin(), line.end(), start);
            for (const std::int32_t tap : rows.of(row)) {
                if (tap < 0) {
                    continue;
                }
                const float* const source = from + static_cast<std::size_t>(tap) * width;
                if (maximum) {
                    for (std::size_t column = 0; column < width; ++column) {
                        line[column] = std::max(line[column], source[column]);
                    }
                } else {
                    for (std::size_t column = 0; column < width; ++column) {
                        line[column] += source[column];
                    }
                }
            }
            for (std::int32_t column = 0; column < columns.outputs; ++column) {
                float reduced = start;
                for (const std::int32_t tap : columns.of(column)) {
                    if (tap >= 0) {
                        const float value = line[static_cast<std::size_t>(tap)];
                        reduced = maximum ? std::max(reduced, value) : reduced + value;
                    }
                }
                // A window that lies in the padding altogether has no maximum.
                *out++ = maximum ? (reduced == start ? 0.0F : reduced) : reduced * scale;
            }
        }
    }
    return result;
}

at::Tensor pad_map(const Node& node, const at::Tensor& map) {
    at::Tensor result = at::zeros({map.size(0), map.size(1), node.output.height, node.output.width}, at::kFloat);
    result.narrow(2, node.window.pad_top, map.size(2)).narrow(3, node.window.pad_left, map.size(3)).copy_(map);
    return result;
}

at::Tensor flatten_map(const Node& node, const at::Tensor& map) {
    return map.permute({0, 2, 3, 1}).reshape({node.output.channels, map.size(1), 1, 1});
}

}  // namespace sotto::accuracy
