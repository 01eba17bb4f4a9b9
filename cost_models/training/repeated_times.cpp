// SPDX-License-Identifier: Apache-2.0
#include "cost_models/training/repeated_times.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace sotto::training {
namespace {

constexpr std::size_t few_runs = 8;

double trimmed_mean(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t cut = values.size() / 10;
    double sum = 0;
    for (std::size_t i = cut; i < values.size() - cut; ++i) {
        sum += values[i];
    }
    return sum / static_cast<double>(values.size() - 2 * cut);
}

double trimmed_mean(const std::vector<RoleTimes>& known, Role role) {
    std::vector<double> values;
    values.reserve(known.size());
    for (const RoleTimes& times : known) {
        values.push_back(times.of(role));
    }
    return trimmed_mean(std::move(values));
}

}  // namespace

RepeatedTimes repeated_times(const MeasuredNetwork& network, std::size_t position) {
    constexpr double not_known = std::numeric_limits<double>::quiet_NaN();
    std::vector<RoleTimes> known;
    for (const std::vector<RoleTimes>& run : network.runs) {
        if (!std::isnan(run[position].client_ms) && !std::isnan(run[position].server_ms)) {
            known.push_back(run[position]);
        }
    }
    if (known.empty()) {
        return {{not_known, not_known}, 0};
    }
    if (network.runs.size() < few_runs) {
        const auto fastest = std::min_element(known.begin(), known.end(), [](const auto& left, const auto& right) {
            return std::max(left.client_ms, left.server_ms) < std::max(right.client_ms, right.server_ms);
        });
        return {*fastest, known.size()};
    }
    return {{trimmed_mean(known, Role::client), trimmed_mean(known, Role::server)}, known.size()};
}

}  // namespace sotto::training
