// SPDX-License-Identifier: Apache-2.0
#include "bench/cost_models_report/coverage.hpp"

#include <cassert>
#include <cmath>

namespace sotto::report {
namespace {

// Of a normal distribution, 90 % lie this many standard deviations around the mean.
constexpr double interval_deviations = 1.6448536269514722;

}  // namespace

std::optional<Coverage> coverage_of(std::span<const StatedTotal> totals) {
    assert(!totals.empty());
    const auto count = static_cast<double>(totals.size());
    Coverage coverage;
    for (const StatedTotal& total : totals) {
        if (std::isnan(total.deviation_ms)) {
            return std::nullopt;
        }
        const double reach = interval_deviations * total.deviation_ms;
        coverage.covered += std::fabs(total.measured_ms - total.predicted_ms) <= reach ? 1 / count : 0;
        coverage.half_width_percent += 100 * reach / total.predicted_ms / count;
    }
    return coverage;
}

}  // namespace sotto::report
