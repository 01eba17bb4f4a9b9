// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace sotto::statistics {

struct Quartiles {
    double lower = 0;
    double median = 0;
    double upper = 0;
};

/// The quantile `part` (0 to 1) of some values, at least one: linear between order statistics, h = (n - 1) part
/// (definition 7 of Hyndman and Fan, "Sample quantiles in statistical packages", 1996).
double quantile(std::span<const double> values, double part);

Quartiles quartiles(std::span<const double> values);

}  // namespace sotto::statistics
