// SPDX-License-Identifier: Apache-2.0
#include "engine/arch/network.hpp"

#include <algorithm>
#include <cassert>

namespace sotto::arch {
namespace {

struct Pads {
    std::int32_t before;
    std::int32_t after;
};

Pads same_pads(std::int32_t extent, std::int32_t kernel, std::int32_t stride) {
    const std::int64_t output = (std::int64_t{extent} + stride - 1) / stride;
    const std::int64_t total = std::max<std::int64_t>(0, (output - 1) * stride + kernel - extent);
    return {static_cast<std::int32_t>(total / 2), static_cast<std::int32_t>(total - total / 2)};
}

}  // namespace

std::string to_text(const Shape& shape) {
    return std::to_string(shape.channels) + 'x' + std::to_string(shape.height) + 'x' + std::to_string(shape.width);
}

std::string_view to_text(LayerKind kind) {
    switch (kind) {
        case LayerKind::input:
            return "input";
        case LayerKind::convolution:
            return "conv";
        case LayerKind::batch_normalization:
            return "batch_norm";
        case LayerKind::activation:
            return "activation";
        case LayerKind::max_pool:
            return "max_pool";
        case LayerKind::average_pool:
            return "average_pool";
        case LayerKind::global_max_pool:
            return "global_max_pool";
        case LayerKind::global_average_pool:
            return "global_average_pool";
        case LayerKind::fully_connected:
            return "fully_connected";
        case LayerKind::add:
            return "add";
        case LayerKind::concat:
            return "concat";
        case LayerKind::flatten:
            return "flatten";
        case LayerKind::pad:
            return "pad";
    }
    assert(false && "unknown layer kind");
    return {};
}

std::string_view to_text(Activation activation) {
    switch (activation) {
        case Activation::none:
            return "none";
        case Activation::relu:
            return "relu";
        case Activation::square:
            return "square";
        case Activation::identity:
            return "identity";
    }
    assert(false && "unknown activation");
    return {};
}

Window same_padding(Window window, const Shape& input) {
    const Pads vertical = same_pads(input.height, window.kernel_height, window.stride_height);
    const Pads horizontal = same_pads(input.width, window.kernel_width, window.stride_width);
    window.pad_top = vertical.before;
    window.pad_bottom = vertical.after;
    window.pad_left = horizontal.before;
    window.pad_right = horizontal.after;
    return window;
}

std::span<const LayerIndex> Network::operands(LayerIndex index) const {
    assert(index < layers_.size());
    return std::span(operands_).subspan(operand_begin_[index], operand_begin_[index + 1] - operand_begin_[index]);
}

std::string_view Network::layer_name(LayerIndex index) const {
    assert(index < layers_.size());
    return std::string_view(layer_names_).substr(name_begin_[index], name_begin_[index + 1] - name_begin_[index]);
}

const Shape& Network::operand_shape(LayerIndex index, std::size_t which) const {
    return layers_[operands(index)[which]].output;
}

}  // namespace sotto::arch
