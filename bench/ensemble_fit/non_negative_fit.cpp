// SPDX-License-Identifier: Apache-2.0
#include "bench/ensemble_fit/non_negative_fit.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace sotto::ensemble_fit {

std::vector<double> non_negative_fit(const std::vector<std::vector<double>>& rows, std::span<const double> target) {
    const std::size_t columns = rows.front().size();
    const auto count = static_cast<double>(rows.size());
    std::vector<double> means(columns);
    double target_mean = 0;
    for (std::size_t row = 0; row < rows.size(); ++row) {
        target_mean += target[row] / count;
        for (std::size_t column = 0; column < columns; ++column) {
            means[column] += rows[row][column] / count;
        }
    }
    std::vector<double> products(columns * columns);
    std::vector<double> with_target(columns);
    for (std::size_t row = 0; row < rows.size(); ++row) {
        for (std::size_t a = 0; a < columns; ++a) {
            const double value = rows[row][a] - means[a];
            with_target[a] += value * (target[row] - target_mean) / count;
            for (std::size_t b = 0; b < columns; ++b) {
                products[a * columns + b] += value * (rows[row][b] - means[b]) / count;
            }
        }
    }
    // Coordinate descent: the problem is convex, and each step solves it exactly in one weight.
    std::vector<double> weights(columns);
    for (double change = 1; change > 1e-12;) {
        change = 0;
        for (std::size_t a = 0; a < columns; ++a) {
            double rest = with_target[a];
            for (std::size_t b = 0; b < columns; ++b) {
                rest -= b == a ? 0 : products[a * columns + b] * weights[b];
            }
            const double square = products[a * columns + a];
            const double next = square > 0 ? std::max(0.0, rest / square) : 0;
            change = std::max(change, std::abs(next - weights[a]));
            weights[a] = next;
        }
    }
    return weights;
}

}  // namespace sotto::ensemble_fit
