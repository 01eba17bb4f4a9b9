// SPDX-License-Identifier: Apache-2.0
#include "search/statistics/quantile.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

namespace sotto::statistics {
namespace {

double quantile_of_sorted(std::span<const double> sorted, double part) {
    const double place = static_cast<double>(sorted.size() - 1) * part;
    const auto below = static_cast<std::size_t>(std::floor(place));
    const std::size_t above = std::min(below + 1, sorted.size() - 1);
    return sorted[below] + (place - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

std::vector<double> sorted_copy(std::span<const double> values) {
    assert(!values.empty());
    std::vector<double> sorted(values.begin(), values.end());
    std::sort(sorted.begin(), sorted.end());
    return sorted;
}

}  // namespace

double quantile(std::span<const double> values, double part) {
    assert(part >= 0 && part <= 1);
    return quantile_of_sorted(sorted_copy(values), part);
}

Quartiles quartiles(std::span<const double> values) {
    const std::vector<double> sorted = sorted_copy(values);
    return {quantile_of_sorted(sorted, 0.25), quantile_of_sorted(sorted, 0.5), quantile_of_sorted(sorted, 0.75)};
}

}  // namespace sotto::statistics
