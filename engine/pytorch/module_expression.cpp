// SPDX-License-Identifier: Apache-2.0
#include "engine/pytorch/module_expression.hpp"

#include <cassert>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace sotto::pytorch {
namespace {

using arch::Layer;
using arch::LayerKind;
using arch::Shape;
using arch::Window;

std::string number(std::int64_t value) {
    return std::to_string(value);
}

std::string extents(std::int32_t height, std::int32_t width) {
    return height == width ? number(height) : '(' + number(height) + ", " + number(width) + ')';
}

Expression keyword(const std::string& name, const std::string& value) {
    return {name + '=' + value};
}

bool is_symmetric(const Window& window) {
    return window.pad_top == window.pad_bottom && window.pad_left == window.pad_right;
}

// What PyTorch allows the padding of a pool to be.
bool pool_takes(const Window& window) {
    return window.pad_top <= window.kernel_height / 2 && window.pad_left <= window.kernel_width / 2;
}

// PyTorch's output size with ceil_mode, padding on both sides: the last window begins within the input or the padding
// before it.
std::int64_t rounded_up_size(std::int64_t input, std::int64_t kernel, std::int64_t stride, std::int64_t pad) {
    const std::int64_t size = (input + 2 * pad - kernel + stride - 1) / stride + 1;
    return (size - 1) * stride >= input + pad ? size - 1 : size;
}

// Windows begin where ours do; what hangs over the end is left out, as padding is.
bool ceil_mode_serves(const Window& window, const Shape& input, const Shape& output) {
    return pool_takes(window) &&
           rounded_up_size(input.height, window.kernel_height, window.stride_height, window.pad_top) == output.height &&
           rounded_up_size(input.width, window.kernel_width, window.stride_width, window.pad_left) == output.width;
}

// PyTorch's order: left, right, top, bottom.
std::string sides(const Window& window) {
    if (is_symmetric(window) && window.pad_top == window.pad_left) {
        return number(window.pad_top);
    }
    return '(' + number(window.pad_left) + ", " + number(window.pad_right) + ", " + number(window.pad_top) + ", " +
           number(window.pad_bottom) + ')';
}

Expression zero_pad(const Window& window) {
    return call("nn.ZeroPad2d", {{sides(window)}});
}

Expression lowest_pad(const Window& window) {
    return call("nn.ConstantPad2d", {{sides(window)}, {"float(\"-inf\")"}});
}

// Of both sides.
void add_pads(std::vector<Expression>& arguments, const Window& window) {
    if (window.pad_top != 0 || window.pad_left != 0) {
        arguments.push_back(keyword("padding", extents(window.pad_top, window.pad_left)));
    }
}

ModuleExpression convolution(const Layer& layer, const Shape& input) {
    const Window& window = layer.window;
    ModuleExpression result;
    std::vector<Expression> arguments{{number(input.channels)},
                                      {number(layer.output.channels)},
                                      keyword("kernel_size", extents(window.kernel_height, window.kernel_width))};
    if (window.stride_height != 1 || window.stride_width != 1) {
        arguments.push_back(keyword("stride", extents(window.stride_height, window.stride_width)));
    }
    if (is_symmetric(window)) {
        add_pads(arguments, window);
    } else {
        result.pad = zero_pad(window);
    }
    if (layer.groups != 1) {
        arguments.push_back(keyword("groups", number(layer.groups)));
    }
    if (!layer.bias) {
        arguments.push_back(keyword("bias", "False"));
    }
    result.module = call("nn.Conv2d", std::move(arguments));
    return result;
}

ModuleExpression pool(const Layer& layer, const Shape& input) {
    const Window& window = layer.window;
    const bool is_maximum = layer.kind == LayerKind::max_pool;
    ModuleExpression result;
    std::vector<Expression> arguments{keyword("kernel_size", extents(window.kernel_height, window.kernel_width)),
                                      keyword("stride", extents(window.stride_height, window.stride_width))};
    if (is_symmetric(window) && pool_takes(window)) {
        add_pads(arguments, window);
    } else if (is_maximum && ceil_mode_serves(window, input, layer.output)) {
        add_pads(arguments, window);
        arguments.push_back(keyword("ceil_mode", "True"));
    } else {
        result.pad = is_maximum ? lowest_pad(window) : zero_pad(window);
    }
    result.module = call(is_maximum ? "nn.MaxPool2d" : "nn.AvgPool2d", std::move(arguments));
    return result;
}

Expression fully_connected(const Layer& layer, const Shape& input) {
    std::vector<Expression> arguments{{number(input.channels)}, {number(layer.output.channels)}};
    if (!layer.bias) {
        arguments.push_back(keyword("bias", "False"));
    }
    return call("nn.Linear", std::move(arguments));
}

Expression activation(arch::Activation function) {
    switch (function) {
        case arch::Activation::relu:
            return {"nn.ReLU()"};
        case arch::Activation::square:
            return {"Square()"};
        case arch::Activation::identity:
        case arch::Activation::none:
            break;
    }
    return {"nn.Identity()"};
}

}  // namespace

ModuleExpression module_expression(const arch::Network& network, arch::LayerIndex index, std::size_t rank) {
    const Layer& layer = network.layer(index);
    const Shape& input = network.operand_shape(index);
    switch (layer.kind) {
        case LayerKind::convolution:
            return convolution(layer, input);
        case LayerKind::batch_normalization:
            return {{}, call(rank == 4 ? "nn.BatchNorm2d" : "nn.BatchNorm1d", {{number(input.channels)}})};
        case LayerKind::activation:
            return {{}, activation(layer.activation)};
        case LayerKind::max_pool:
        case LayerKind::average_pool:
            return pool(layer, input);
        case LayerKind::global_max_pool:
            return {{}, call("nn.AdaptiveMaxPool2d", {{"1"}})};
        case LayerKind::global_average_pool:
            return {{}, call("nn.AdaptiveAvgPool2d", {{"1"}})};
        case LayerKind::fully_connected:
            return {{}, fully_connected(layer, input)};
        case LayerKind::flatten:
            return {{}, {"nn.Flatten()"}};
        case LayerKind::pad:
            return {{}, zero_pad(layer.window)};
        case LayerKind::input:
        case LayerKind::add:
        case LayerKind::concat:
            break;
    }
    assert(false);
    return {};
}

}  // namespace sotto::pytorch
