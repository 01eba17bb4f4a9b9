// SPDX-License-Identifier: Apache-2.0
#include "cost_models/protocol/group_factors.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "cost_models/training/non_negative_least_squares.hpp"

namespace sotto::protocol {
namespace {

constexpr double weight_power = 0.6;  // between equal weights (0) and relative errors (1)
constexpr double row_deviation = 0.15;
constexpr double factor_deviation = 0.5;
constexpr double huber_relative = 0.1;
constexpr int iterations = 8;

}  // namespace

std::array<double, cost_group_count> group_factors(std::span<const GroupedTime> times) {
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
        std::transform(solution.begin(), solution.end(), factors.begin(),
                       [](long double factor) { return static_cast<double>(factor); });
        for (std::size_t row = 0; row < times.size(); ++row) {
            const double predicted =
                std::inner_product(factors.begin(), factors.end(), times[row].predicted_ms.begin(), 0.0);
            const double relative = std::fabs(times[row].measured_ms - predicted) / std::max(predicted, 1e-9);
            robust[row] = std::min(1.0, huber_relative / std::max(relative, 1e-9));
        }
    }
    return factors;
}

}  // namespace sotto::protocol
