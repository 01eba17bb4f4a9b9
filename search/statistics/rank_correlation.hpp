// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

namespace sotto::statistics {

/// A correlation of ranks, and the interval that holds it for the whole population with 95 % confidence.
struct RankCorrelation {
    double value = 0;  ///< -1 to 1; NaN where one side has one value alone
    double low = 0;    ///< interval; NaN for fewer than five pairs
    double high = 0;
};

/// Ranks from 0 in rising order; equal values share their mean rank.
std::vector<double> ranks(std::span<const double> values);

/// Spearman's rho: Pearson's correlation of the ranks, equal values sharing their mean rank. Interval: Fisher's z with
/// variance (1 + rho^2 / 2) / (n - 3) (Bonett and Wright, "Sample size requirements for estimating Pearson, Kendall and
/// Spearman correlations", Psychometrika 2000).
///
/// Of both correlations: equally many values, all finite.
RankCorrelation spearman(std::span<const double> left, std::span<const double> right);

/// Kendall's tau-b, corrected for equal values (Kendall, "The treatment of ties in ranking problems", Biometrika 1945),
/// in n log n steps (Knight, "A computer method for calculating Kendall's tau with ungrouped data", JASA 1966).
/// Interval: Fisher's z with variance 0.437 / (n - 4) (Fieller, Hartley and Pearson, "Tests for rank correlation
/// coefficients", Biometrika 1957).
RankCorrelation kendall(std::span<const double> left, std::span<const double> right);

}  // namespace sotto::statistics
