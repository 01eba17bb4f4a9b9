// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "plugins/accuracy/graph.hpp"

namespace sotto::accuracy {

/// Layers with weights on the shortest path from input to output, in such layers.
std::int64_t shortest_weighted_path(const Graph& graph);

/// Weights of all layers that lead to the output, without biases and normalisations.
std::int64_t weights_in_all(const Graph& graph);

}  // namespace sotto::accuracy
