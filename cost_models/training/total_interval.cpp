// SPDX-License-Identifier: Apache-2.0
#include "cost_models/training/total_interval.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <vector>

namespace sotto::training {

TotalInterval total_interval(std::span<const double> measured_over_predicted, double coverage) {
    assert(measured_over_predicted.size() >= 2 && coverage > 0 && coverage < 1);
    std::vector<double> ratios(measured_over_predicted.begin(), measured_over_predicted.end());
    std::sort(ratios.begin(), ratios.end());
    const std::size_t count = ratios.size();
    // The nearest lower whole number: an interval is rather too wide.
    const auto rank = static_cast<std::size_t>((static_cast<double>(count) + 1) * (1 - coverage) / 2 + 1e-9);
    const std::size_t from_end = std::max<std::size_t>(rank, 1) - 1;
    return {ratios[from_end], ratios[count - 1 - from_end]};
}

double interval_coverage(std::span<const double> measured_over_predicted, double coverage) {
    std::size_t covered = 0;
    for (std::size_t i = 0; i < measured_over_predicted.size(); ++i) {
        std::vector<double> others(measured_over_predicted.begin(), measured_over_predicted.end());
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
        const TotalInterval interval = total_interval(others, coverage);
        const double ratio = measured_over_predicted[i];
        covered += ratio >= interval.low && ratio <= interval.high ? 1 : 0;
    }
    return static_cast<double>(covered) / static_cast<double>(measured_over_predicted.size());
}

}  // namespace sotto::training
