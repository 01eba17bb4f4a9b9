// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>

namespace sotto::statistics {

/// Two samples compared by their ranks.
struct RankTest {
    /// Pairs in which the first sample's value is the greater one; equal pairs count a half (Mann and Whitney, "On a
    /// test of whether one of two random variables is stochastically larger than the other", 1947).
    double u = 0;
    /// Two-sided: how often a deviation of `u` from its mean at least as large comes about where both samples are from
    /// one distribution. Exact over all ways to part the joint ranks, equal values included, up to
    /// `most_exact_values`; else the normal approximation, corrected for equal values and for continuity.
    double p_value = 1;
    bool exact = true;
    /// The chance that a value of the first sample is greater than one of the second, equal ones counting a half
    /// (Vargha and Delaney, "A critique and improvement of the CL common language effect size statistics of McGraw and
    /// Wong", 2000, equation 14): 0.5 is no effect. They call 0.56 small, 0.64 medium and 0.71 large (as 0.44, 0.36,
    /// 0.29).
    double a12 = 0.5;
};

inline constexpr std::size_t most_exact_values = 60;

/// Both samples hold at least one value; all finite.
RankTest rank_test(std::span<const double> first, std::span<const double> second);

/// `negligible`, `small`, `medium`, `large`.
const char* effect_name(double a12);

}  // namespace sotto::statistics
