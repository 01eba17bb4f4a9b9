// SPDX-License-Identifier: Apache-2.0
#include "cost_models/protocol/group_factors.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "cost_models/training/non_negative_least_squares.hpp"

namespace sotto::protocol {
namespace {

constexpr double weight_power = 0.6;  // between equal weights (0) and relative errors (1)
constexpr double row_deviation = 0.15;
constexpr double factor_deviation = 0.5;
constexpr double huber_relative = 0.1;
constexpr int iterations = 8;
// Of a group, beside the overall speed: a group that is hardly measured keeps a price.
constexpr double least_factor = 0.1;
constexpr double most_factor = 10;

double sum(const GroupedTime& time) {
    return std::accumulate(time.predicted_ms.begin(), time.predicted_ms.end(), 0.0);
}

// Median of measured over predicted, each weighted by the root of what was measured.
double overall_speed(std::span<const GroupedTime> times) {
    std::vector<std::pair<double, double>> ratios;
    double total = 0;
    for (const GroupedTime& time : times) {
        if (sum(time) > 0) {
            ratios.emplace_back(time.measured_ms / sum(time), std::sqrt(time.measured_ms));
            total += ratios.back().second;
        }
    }
    std::sort(ratios.begin(), ratios.end());
    double weight = 0;
    for (const auto& [ratio, of_ratio] : ratios) {
        weight += of_ratio;
        if (weight >= total / 2) {
            return ratio;
        }
    }
    return 1;
}

}  // namespace

std::array<double, cost_group_count> group_factors(std::span<const GroupedTime> given) {
    std::array<double, cost_group_count> speeds;
    speeds.fill(overall_speed(given));
    speeds[static_cast<std::size_t>(CostGroup::link)] = 1;  // a machine does not change its link
    std::vector<GroupedTime> times(given.begin(), given.end());
    for (GroupedTime& time : times) {
        for (std::size_t i = 0; i < cost_group_count; ++i) {
            time.predicted_ms[i] *= speeds[i];
        }
    }
    std::array<double, cost_group_count> factors;
    factors.fill(1);
    if (times.empty()) {
        return factors;
    }
    // Weights such that a row of average size has the standard deviation that it is given.
    double mean = 0;
    for (const GroupedTime& time : times) {
        mean += std::pow(time.measured_ms, 1 - weight_power);
    }
    mean /= static_cast<double>(times.size());
    std::vector<double> robust(times.size(), 1);
    for (int iteration = 0; iteration < iterations; ++iteration) {
        std::array<long double, cost_group_count * cost_group_count> gram{};
        std::array<long double, cost_group_count> moment{};
        const long double belief = 1 / (factor_deviation * factor_deviation);
        for (std::size_t i = 0; i < cost_group_count; ++i) {
            gram[i * cost_group_count + i] = belief;
            moment[i] = belief;
        }
        for (std::size_t row = 0; row < times.size(); ++row) {
            const GroupedTime& time = times[row];
            const double weight = std::pow(time.measured_ms, -weight_power) / mean / row_deviation;
            const double square = weight * weight * robust[row];
            for (std::size_t i = 0; i < cost_group_count; ++i) {
                moment[i] += square * time.predicted_ms[i] * time.measured_ms;
                for (std::size_t j = 0; j < cost_group_count; ++j) {
                    gram[i * cost_group_count + j] += square * time.predicted_ms[i] * time.predicted_ms[j];
                }
            }
        }
        const std::vector<long double> solution = training::non_negative_least_squares(gram, moment);
        std::transform(solution.begin(), solution.end(), factors.begin(), [](long double factor) {
            return std::clamp(static_cast<double>(factor), least_factor, most_factor);
        });
        for (std::size_t row = 0; row < times.size(); ++row) {
            const double predicted =
                std::inner_product(factors.begin(), factors.end(), times[row].predicted_ms.begin(), 0.0);
            const double relative = std::fabs(times[row].measured_ms - predicted) / std::max(predicted, 1e-9);
            robust[row] = std::min(1.0, huber_relative / std::max(relative, 1e-9));
        }
    }
    for (std::size_t i = 0; i < cost_group_count; ++i) {
        factors[i] *= speeds[i];
    }
    return factors;
}

}  // namespace sotto::protocol
