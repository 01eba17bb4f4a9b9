// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/combined_score.hpp"

#include <algorithm>
#include <cmath>

namespace sotto::accuracy {
namespace {

// How much more an e-fold of credited flow is worth than an e-fold of activation units.
constexpr double flow_weight = 12;

}  // namespace

double combined_score(const ScoreMeasures& measures) {
    if (measures.units <= 0) {
        return 0;
    }
    const double credited_flow = std::max(measures.synflow, 0.0) * measures.nonlinear_depth / measures.weighted_depth;
    return flow_weight * std::log1p(credited_flow) + measures.naswot / measures.images +
           std::log(measures.own_units / measures.units);
}

}  // namespace sotto::accuracy
