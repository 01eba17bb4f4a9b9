// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plugins/accuracy/score_measures.hpp"

namespace sotto::accuracy {

/// The default objective, higher is better, 0 for a network without activations and positive for every other:
///
///     12 ln(1 + synflow x nonlinear depth / weighted depth) + naswot / images + ln(own units / units)
///
/// docs/accuracy_proxies.md gives the reasons.
double combined_score(const ScoreMeasures& measures);

}  // namespace sotto::accuracy
