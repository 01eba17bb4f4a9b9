// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "plugins/accuracy/graph.hpp"

namespace sotto::accuracy {

/// The network for images of `size` x `size`; 0, or more than the network's own resolution: as it is. Throws
/// CandidateError with SOTTO_UNSUPPORTED where a window does not fit.
Graph at_size(const Graph& graph, std::int64_t size);

/// The same, with images that grow in steps of 32 until the network takes them.
Graph at_least_size(const Graph& graph, std::int64_t size);

}  // namespace sotto::accuracy
