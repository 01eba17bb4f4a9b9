// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "cost_models/protocol/columns.hpp"
#include "cost_models/protocol/program_walk.hpp"

namespace sotto::protocol {

/// One time and the columns it is made of.
struct FitRow {
    FeatureRow row;  ///< values of link columns times the link's milliseconds
    double time_ms = 0;
    std::uint32_t network = 0;
    CostKind kind = CostKind::convolution;
};

/// What is believed of a price before the data.
struct Prior {
    ColumnValues price{};  ///< 0: the column has no price
    ColumnValues trust{};  ///< weight of the belief, in shares of Recipe::strength; 0: none
};

/// How prices are fitted. The variance of a time t is taken as proportional to floor_ms + t, which keeps sums of
/// predictions at the sums of the times.
struct Recipe {
    double floor_ms = 20;
    double huber_deviations = 2.5;  ///< in robust standard deviations of its kind: beyond, an error counts linearly
    double strength = 0.3;          ///< a belief of trust 1 weighs as much as so many average rows
    /// Whether beliefs are about ratios within a group of columns alone: the data set the level of each group first.
    bool adapts_beliefs = false;
    bool sets_level = false;  ///< whether networks' totals are made unbiased in the mean of their logarithms
};

/// Robust non-negative least squares with beliefs: iteratively reweighted, columns scaled to norm 1, columns that never
/// share a row solved apart. Deterministic.
class PriceFit {
  public:
    PriceFit(std::vector<FitRow> rows, const Prior& prior, const Recipe& recipe);

    /// Prices from all rows.
    ColumnValues all() const { return all_; }

    /// Prices from all rows but those of a network, starting from the weights of the fit to all.
    ColumnValues without(std::uint32_t network) const;

    const std::vector<FitRow>& rows() const noexcept { return rows_; }

  private:
    double variance(double fitted_ms) const noexcept { return recipe_.floor_ms + std::max(fitted_ms, 0.0); }
    ColumnValues iterate(std::optional<std::uint32_t> left_out, std::vector<double>& fitted, int iterations) const;
    ColumnValues leveled(const ColumnValues& prices, std::optional<std::uint32_t> left_out,
                         const std::vector<double>& fitted) const;
    std::vector<double> weights(std::optional<std::uint32_t> left_out, const std::vector<double>& fitted) const;

    std::vector<FitRow> rows_;
    Prior prior_;
    Recipe recipe_;
    ColumnValues all_{};
    std::vector<double> fitted_;
};

}  // namespace sotto::protocol
