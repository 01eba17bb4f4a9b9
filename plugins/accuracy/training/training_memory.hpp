// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "plugins/accuracy/graph.hpp"
#include "plugins/accuracy/training/training.hpp"

namespace sotto::accuracy {

/// What a Training takes at its peak, in bytes, from the graph alone: feature maps kept for the backward pass, their
/// gradients, parameters with gradients, velocities and best values, and a checkpoint being written or read. An upper
/// bound of what LibTorch and the heap give; the data set, which all trainings share, is not in it.
std::int64_t training_bytes(const Graph& graph, const TrainingSettings& settings);

}  // namespace sotto::accuracy
