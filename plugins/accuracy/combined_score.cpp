// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/combined_score.hpp"

#include <cmath>

namespace sotto::accuracy {

double combined_score(const Graph& graph, const SynapticFlow& flow, const ActivationPatterns& patterns) {
    const double gain_per_layer = flow.log_flow / graph.weighted_depth();
    const double code_capacity = patterns.log_determinant / static_cast<double>(patterns.images);
    return gain_per_layer * std::log1p(graph.nonlinear_depth()) + code_capacity;
}

}  // namespace sotto::accuracy
