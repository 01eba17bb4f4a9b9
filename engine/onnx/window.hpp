// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "engine/arch/network.hpp"
#include "engine/onnx/node.hpp"

namespace sotto::onnx {

/// The window of a convolution over `input`, from the attributes strides, pads, auto_pad and dilations (1 alone).
/// `kernel` is that of the weights; the attribute kernel_shape, where it stands, is equal.
arch::Window convolution_window(const Node& node, const std::vector<std::int64_t>& kernel, const arch::Shape& input);

/// The window of MaxPool or AveragePool. With ceil_mode, the padding at the bottom and right grows until the last
/// window fits: only windows that start within the image or the padding before it count.
arch::Window pool_window(const Node& node, const arch::Shape& input);

/// The zeros that Pad puts around an image: `pads` before and after each of `axes` (0 to 3), where only height and
/// width (axes 2 and 3) may grow.
arch::Window padding(const Node& node, const std::vector<std::int64_t>& pads, const std::vector<std::int64_t>& axes);

}  // namespace sotto::onnx
