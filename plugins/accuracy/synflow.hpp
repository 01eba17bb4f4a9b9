// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "sotto/plugin.h"

#include "plugins/accuracy/evaluator.hpp"
#include "plugins/accuracy/graph.hpp"

namespace sotto::accuracy {

/// ln of the synaptic flow, the sum over all weights of |w dR/dw|, R the sum of the outputs for an image of ones
/// (Tanaka et al., "Pruning neural networks without any data by iteratively conserving synaptic flow", NeurIPS 2020; as
/// a score: Abdelfattah et al., "Zero-cost proxies for lightweight NAS", ICLR 2021).
///
/// Weights are absolute values of Kaiming uniform ones, biases 0; batch normalisation, ReLU, square and identity pass
/// their input on. Throws CandidateError: SOTTO_UNSUPPORTED for a network without weights. Any thread.
double synaptic_flow(const Graph& graph, std::uint64_t seed, const sotto_host* host);

std::unique_ptr<Evaluator> make_synflow(const Arguments& arguments, const sotto_host* host);

}  // namespace sotto::accuracy
