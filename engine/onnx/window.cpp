// SPDX-License-Identifier: Apache-2.0
#include "engine/onnx/window.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/arch/network_builder.hpp"
#include "engine/input/input_error.hpp"
#include "engine/onnx/fold.hpp"

namespace sotto::onnx {
namespace {

using arch::Shape;
using arch::Window;
using Integers = std::vector<std::int64_t>;

constexpr std::string_view image_only = " (of images with height and width)";

// Two, four, ... numbers from `least` to the largest extent.
Integers extents(const Node& node, std::string_view attribute, const Integers& values, std::size_t count,
                 std::int64_t least) {
    if (values.size() != count) {
        node.fail("attribute " + in_quotes(attribute), to_text(values),
                  std::to_string(count) + " numbers" + std::string(image_only));
    }
    if (std::any_of(values.begin(), values.end(),
                    [least](std::int64_t value) { return value < least || value > arch::maximum_extent; })) {
        node.fail("attribute " + in_quotes(attribute), to_text(values),
                  "numbers from " + std::to_string(least) + " to " + std::to_string(arch::maximum_extent));
    }
    return values;
}

void set_kernel(const Node& node, const Integers& kernel, Window& window) {
    const Integers sizes = extents(node, "kernel_shape", kernel, 2, 1);
    window.kernel_height = static_cast<std::int32_t>(sizes[0]);
    window.kernel_width = static_cast<std::int32_t>(sizes[1]);
    const Integers strides = extents(node, "strides", node.find_integers("strides").value_or(Integers{1, 1}), 2, 1);
    window.stride_height = static_cast<std::int32_t>(strides[0]);
    window.stride_width = static_cast<std::int32_t>(strides[1]);
    const Integers dilations = node.find_integers("dilations").value_or(Integers{1, 1});
    if (dilations != Integers{1, 1}) {
        node.fail("dilated windows have no secure form: attribute 'dilations'", to_text(dilations), "[1, 1]");
    }
}

// pads are top, left, bottom, right.
void set_pads(const Node& node, const Integers& pads, Window& window) {
    const Integers sizes = extents(node, "pads", pads, 4, 0);
    window.pad_top = static_cast<std::int32_t>(sizes[0]);
    window.pad_left = static_cast<std::int32_t>(sizes[1]);
    window.pad_bottom = static_cast<std::int32_t>(sizes[2]);
    window.pad_right = static_cast<std::int32_t>(sizes[3]);
}

void set_padding(const Node& node, const Shape& input, Window& window) {
    constexpr std::array<std::string_view, 4> names{"NOTSET", "VALID", "SAME_UPPER", "SAME_LOWER"};
    const std::string mode = node.word("auto_pad", "NOTSET");
    if (std::find(names.begin(), names.end(), mode) == names.end()) {
        node.fail("attribute 'auto_pad'", in_quotes(mode), input::list_names(names),
                  std::string(input::nearest_name(mode, names)));
    }
    const Integers pads = node.find_integers("pads").value_or(Integers{0, 0, 0, 0});
    set_pads(node, pads, window);
    if (mode == "NOTSET") {
        return;
    }
    if (pads != Integers{0, 0, 0, 0}) {
        node.fail("attributes 'auto_pad' and 'pads' contradict each other", in_quotes(mode) + " and " + to_text(pads),
                  "one of them");
    }
    if (mode != "VALID") {
        window = arch::same_padding(window, input);
    }
    if (mode == "SAME_LOWER") {
        std::swap(window.pad_top, window.pad_bottom);
        std::swap(window.pad_left, window.pad_right);
    }
}

// The padding after one direction that lets the last window of ceil_mode fit.
std::int32_t pad_after_in_ceil_mode(std::int32_t extent, std::int32_t kernel, std::int32_t stride, std::int32_t before,
                                    std::int32_t after) {
    const std::int64_t padded = std::int64_t{extent} + before + after;
    if (kernel > padded) {
        return after;  // the builder refuses it
    }
    std::int64_t last = (padded - kernel + stride - 1) / stride * stride;
    if (last >= std::int64_t{extent} + before) {
        last -= stride;
    }
    return static_cast<std::int32_t>(std::max<std::int64_t>(after, last + kernel - extent - before));
}

bool has_padding(const Window& window) {
    return window.pad_top > 0 || window.pad_bottom > 0 || window.pad_left > 0 || window.pad_right > 0;
}

}  // namespace

Window convolution_window(const Node& node, const Integers& kernel, const Shape& input) {
    Window window;
    const Integers stated = node.find_integers("kernel_shape").value_or(kernel);
    if (stated != kernel) {
        node.fail("attribute 'kernel_shape' is not that of the weights", to_text(stated), to_text(kernel));
    }
    set_kernel(node, kernel, window);
    set_padding(node, input, window);
    return window;
}

Window pool_window(const Node& node, const Shape& input) {
    Window window;
    const auto kernel = node.find_integers("kernel_shape");
    if (!kernel) {
        node.fail("attribute 'kernel_shape' is missing", {}, "height and width of the window");
    }
    set_kernel(node, *kernel, window);
    set_padding(node, input, window);
    const bool is_average = node.operation() == "AveragePool";
    if (is_average && has_padding(window) && !node.flag("count_include_pad", false)) {
        node.fail("the average leaves the padding out", "attribute 'count_include_pad' of 0",
                  "1: the secure engine pads with zeros and divides by the whole window");
    }
    if (node.flag("ceil_mode", false)) {
        const Window before = window;
        window.pad_bottom = pad_after_in_ceil_mode(input.height, window.kernel_height, window.stride_height,
                                                   window.pad_top, window.pad_bottom);
        window.pad_right = pad_after_in_ceil_mode(input.width, window.kernel_width, window.stride_width,
                                                  window.pad_left, window.pad_right);
        if (is_average && window != before) {
            node.fail("the last average is over a part of the window", "attribute 'ceil_mode' of 1",
                      "windows that fit the input " + arch::to_text(input));
        }
    }
    return window;
}

Window padding(const Node& node, const Integers& pads, const Integers& axes) {
    if (pads.size() != 2 * axes.size()) {
        node.fail("wrong number of paddings", to_text(pads), std::to_string(2 * axes.size()) + " numbers");
    }
    Integers sides(4, 0);  // top, left, bottom, right
    std::vector<bool> is_set(4, false);
    for (std::size_t i = 0; i < axes.size(); ++i) {
        const std::size_t axis = axis_from_start(node, axes[i], 4);
        if (is_set[axis]) {
            node.fail("an axis is padded twice", to_text(axes));
        }
        is_set[axis] = true;
        const std::int64_t before = pads[i];
        const std::int64_t after = pads[i + axes.size()];
        if (axis < 2) {
            if (before != 0 || after != 0) {
                node.fail("pads batch or channels", to_text(pads), "zeros around height and width");
            }
            continue;
        }
        sides[axis - 2] = before;
        sides[axis] = after;
    }
    Window window;
    set_pads(node, sides, window);
    return window;
}

}  // namespace sotto::onnx
