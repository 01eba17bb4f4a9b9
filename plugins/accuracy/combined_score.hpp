// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "plugins/accuracy/evaluator.hpp"

namespace sotto::accuracy {

/// What the combined score is made from; all of it a function of the candidate alone.
struct ScoreParts {
    double synflow = 0;          ///< ln of the synaptic flow
    double naswot = 0;           ///< ln det(I + K) of the images that were compared
    double images = 1;           ///< how many those were
    double units = 0;            ///< activation units at the resolution they were compared at
    double own_units = 0;        ///< activation units at the network's own resolution
    double nonlinear_depth = 0;  ///< Graph::nonlinear_depth
    double weighted_depth = 1;   ///< Graph::weighted_depth
};

/// The default objective, higher is better, 0 for a network without activations and positive for every other:
///
///     12 ln(1 + synflow x nonlinear depth / weighted depth) + naswot / images + ln(own units / units)
///
/// docs/accuracy_proxies.md gives the reasons.
double combined_score(const ScoreParts& parts);

std::unique_ptr<Evaluator> make_combined(const Arguments& arguments, const sotto_host* host);

}  // namespace sotto::accuracy
