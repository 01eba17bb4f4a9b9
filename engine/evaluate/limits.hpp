// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/evaluate/evaluation.hpp"
#include "engine/plugin/description.hpp"

namespace sotto::evaluate {

/// A limit with its metric resolved.
struct MetricLimit {
    std::size_t metric = 0;
    std::optional<double> least;
    std::optional<double> most;
};

/// `1,234,567` for whole numbers, else the shortest text that reads back the same.
std::string readable_number(double value);

/// Checks the limits on metrics [begin, end), which were just computed. Where some are broken: status `constrained`,
/// the reason (`params 5,000,000 is over the limit 1,000,000; ...`), the sum of relative excesses (excess over the
/// limit's magnitude; the excess itself where the limit is 0), and true.
bool breaks_limits(std::span<const MetricLimit> limits, std::span<const plugin::Metric> metrics, std::size_t begin,
                   std::size_t end, Evaluation& evaluation);

}  // namespace sotto::evaluate
