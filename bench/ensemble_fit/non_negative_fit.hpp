// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

namespace sotto::ensemble_fit {

/// Weights, none negative, that bring the weighted sum of the columns of `rows` nearest to `target` in the least
/// squares, both sides about their means. Columns are of comparable size (standardised); rows have equal length.
std::vector<double> non_negative_fit(const std::vector<std::vector<double>>& rows, std::span<const double> target);

}  // namespace sotto::ensemble_fit
