// SPDX-License-Identifier: Apache-2.0
#include "cost_models/training/non_negative_least_squares.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <optional>

namespace sotto::training {
namespace {

using Vector = std::vector<long double>;

// Below these fractions of the terms they come from, a gradient or a pivot is rounding noise.
constexpr long double gradient_tolerance = 1e-11L;
constexpr long double pivot_tolerance = 1e-11L;

// Solves the equations of the passive columns by Cholesky decomposition; nothing where these depend on each other.
std::optional<Vector> solve(std::span<const long double> gram, std::span<const long double> moment,
                            const std::vector<std::size_t>& passive) {
    const std::size_t columns = moment.size();
    const std::size_t n = passive.size();
    Vector lower(n * n);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t j = 0; j <= i; ++j) {
            long double sum = gram[passive[i] * columns + passive[j]];
            for (std::size_t k = 0; k < j; ++k) {
                sum -= lower[i * n + k] * lower[j * n + k];
            }
            if (i != j) {
                lower[i * n + j] = sum / lower[j * n + j];
            } else if (sum > pivot_tolerance * gram[passive[i] * columns + passive[i]]) {
                lower[i * n + i] = std::sqrt(sum);
            } else {
                return std::nullopt;
            }
        }
    }
    Vector x(n);
    for (std::size_t i = 0; i < n; ++i) {
        long double sum = moment[passive[i]];
        for (std::size_t k = 0; k < i; ++k) {
            sum -= lower[i * n + k] * x[k];
        }
        x[i] = sum / lower[i * n + i];
    }
    for (std::size_t i = n; i-- > 0;) {
        long double sum = x[i];
        for (std::size_t k = i + 1; k < n; ++k) {
            sum -= lower[k * n + i] * x[k];
        }
        x[i] = sum / lower[i * n + i];
    }
    return x;
}

// The column outside the passive set along which the error falls fastest; nothing where it falls along none.
std::optional<std::size_t> steepest(std::span<const long double> gram, std::span<const long double> moment,
                                    const Vector& x, const std::vector<bool>& is_closed) {
    const std::size_t columns = moment.size();
    std::optional<std::size_t> best;
    long double best_gradient = 0;
    for (std::size_t j = 0; j < columns; ++j) {
        long double gradient = moment[j];
        long double size = std::fabs(moment[j]);
        for (std::size_t k = 0; k < columns; ++k) {
            gradient -= gram[j * columns + k] * x[k];
            size += std::fabs(gram[j * columns + k] * x[k]);
        }
        if (!is_closed[j] && gradient > gradient_tolerance * size && gradient > best_gradient) {
            best = j;
            best_gradient = gradient;
        }
    }
    return best;
}

}  // namespace

std::vector<long double> non_negative_least_squares(std::span<const long double> gram,
                                                    std::span<const long double> moment) {
    const std::size_t columns = moment.size();
    assert(gram.size() == columns * columns);
    Vector x(columns, 0);
    std::vector<std::size_t> passive;
    std::vector<bool> is_closed(columns, false);  // passive already, or refused because it brings nothing new
    while (const auto entering = steepest(gram, moment, x, is_closed)) {
        passive.push_back(*entering);
        is_closed[*entering] = true;
        std::optional<Vector> step = solve(gram, moment, passive);
        if (!step || step->back() <= 0) {
            passive.pop_back();
            continue;
        }
        while (step) {
            long double fraction = 1;
            for (std::size_t i = 0; i < passive.size(); ++i) {
                if ((*step)[i] <= 0) {
                    fraction = std::min(fraction, x[passive[i]] / (x[passive[i]] - (*step)[i]));
                }
            }
            std::vector<std::size_t> kept;
            for (std::size_t i = 0; i < passive.size(); ++i) {
                const std::size_t column = passive[i];
                x[column] += fraction * ((*step)[i] - x[column]);
                const bool is_at_bound = (*step)[i] <= 0 && x[column] <= pivot_tolerance * std::fabs((*step)[i]);
                if (is_at_bound) {
                    x[column] = 0;
                } else {
                    kept.push_back(column);
                }
            }
            if (kept.size() == passive.size()) {
                break;
            }
            passive = kept;
            step = solve(gram, moment, passive);
        }
        // What was refused before may bring something from here.
        is_closed.assign(columns, false);
        for (const std::size_t column : passive) {
            is_closed[column] = true;
        }
    }
    return x;
}

}  // namespace sotto::training
