// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "plugins/accuracy/graph.hpp"
#include "plugins/accuracy/wanted_scores.hpp"

namespace sotto::accuracy {

/// What evaluations take at their peak, in bytes, from the graph alone: feature maps by their lives, weights, and the
/// buffers of the layer that runs. Upper bounds of what LibTorch allocates, tight within about a half (tests compare
/// them); the few MiB that LibTorch, its matrix library and its kernels keep in any case are not in them.

/// Of synaptic_flow() (synflow.hpp).
std::int64_t synflow_bytes(const Graph& graph);

/// Of one draw of naswot() (naswot.hpp).
std::int64_t naswot_bytes(const Graph& graph, std::int64_t images);

/// Of one draw of zen_score() (zen.hpp).
std::int64_t zen_bytes(const Graph& graph, std::int64_t images);

/// Of gradient_scores() (gradient_scores.hpp), in float: where that overflows, the repetition in double takes twice as
/// much.
std::int64_t gradient_bytes(const Graph& graph, std::int64_t images, const WantedScores& wanted);

/// Throws CandidateError with SOTTO_UNSUPPORTED, needed and allowed MiB in its text, where `bytes` are more than
/// `limit_mib`; 0: no limit.
void check_memory(std::int64_t bytes, std::int64_t limit_mib);

}  // namespace sotto::accuracy
