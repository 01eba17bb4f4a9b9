// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/onnx/constant.hpp"
#include "engine/onnx/node.hpp"

namespace sotto::onnx {

/// The output of a node whose inputs are all constants: exporters compute shapes and paddings in the graph. A left out
/// input is null. Nothing for an operator that is not computed. Throws InputError where the inputs do not fit it.
std::optional<Constant> fold(const Node& node, std::span<const Constant* const> inputs);

/// What Shape gives for a tensor of these dimensions.
Constant shape_of(const Node& node, const std::vector<std::int64_t>& dimensions);

// Dimensions after an operator that keeps the elements in their order.

/// Of Reshape: 0 copies a dimension, -1 takes what is left.
std::vector<std::int64_t> reshaped(const Node& node, const std::vector<std::int64_t>& from,
                                   const std::vector<std::int64_t>& target);
/// Of Squeeze; without axes every dimension of 1 goes.
std::vector<std::int64_t> squeezed(const Node& node, const std::vector<std::int64_t>& from,
                                   const std::optional<std::vector<std::int64_t>>& axes);
std::vector<std::int64_t> unsqueezed(const Node& node, const std::vector<std::int64_t>& from,
                                     const std::vector<std::int64_t>& axes);

/// The attribute `axes`, or input 1, which took its place in later operator sets.
std::optional<std::vector<std::int64_t>> axes_of(const Node& node, const Constant* input);

/// From 0 to rank - 1; a negative one counts from the end.
std::size_t axis_from_start(const Node& node, std::int64_t axis, std::size_t rank);

/// The integers of a constant that decides a structure; `what` names it where they are unknown.
const std::vector<std::int64_t>& integers_of(const Node& node, const Constant& constant, const std::string& what);

}  // namespace sotto::onnx
