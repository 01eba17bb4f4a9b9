// SPDX-License-Identifier: Apache-2.0
#include "cost_models/protocol/fit/spread_fit.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

namespace sotto::protocol {
namespace {

constexpr std::array<double, 7> short_times_ms = {0, 300, 1000, 3000, 10'000, 30'000, 100'000};
constexpr double coverage = 0.9;
constexpr double deviations_of_coverage = 1.6448536269514722;  // of a normal distribution, both sides

}  // namespace

Spread fit_spread(std::span<const HeldOutTotal> totals) {
    Spread best;
    double least = std::numeric_limits<double>::infinity();
    for (const double short_ms : short_times_ms) {
        // Of a normal distribution with its best scale: -2 log likelihood = n log(mean z^2) + sum log variance.
        std::vector<double> errors;
        double squares = 0;
        double logarithms = 0;
        for (const HeldOutTotal& total : totals) {
            const double growth = std::sqrt(1 + short_ms / total.predicted_ms);
            errors.push_back(std::fabs(std::log(total.measured_ms / total.predicted_ms)) / growth);
            squares += errors.back() * errors.back();
            logarithms += 2 * std::log(growth);
        }
        const auto count = static_cast<double>(totals.size());
        const double likelihood = count * std::log(std::max(squares / std::max(count, 1.0), 1e-12)) + logarithms;
        if (errors.empty() || likelihood >= least) {
            continue;
        }
        least = likelihood;
        std::sort(errors.begin(), errors.end());
        const auto rank = static_cast<std::size_t>(std::ceil(coverage * (count + 1)));
        best = {errors[std::min(rank, errors.size()) - 1] / deviations_of_coverage, short_ms};
    }
    return best;
}

}  // namespace sotto::protocol
