// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "cost_models/analytical/coefficients.hpp"

namespace sotto::analytical {

/// One role's measured times of one layer type; entries of the vectors belong together.
struct MeasuredRows {
    std::vector<FeatureValues> features;
    std::vector<double> times_ms;
    std::int64_t left_out = 0;  ///< times of 0: below the resolution of the clock
};

/// Fits one layer type to all rows (at least one): every feature is scaled to [0, 1] by its least and most value, then
/// weighted by non-negative least squares together with the intercept, where the type has one. Weights are rounded to
/// 10 significant digits, so that the last bits of an addition order do not show.
Fit fit_rows(LayerType type, const MeasuredRows& rows);

}  // namespace sotto::analytical
