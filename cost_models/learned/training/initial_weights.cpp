// SPDX-License-Identifier: Apache-2.0
#include "cost_models/learned/training/initial_weights.hpp"

#include <cmath>
#include <numbers>
#include <numeric>
#include <utility>

namespace sotto::learned {

std::vector<float> normal_numbers(random::Stream& stream, std::size_t count, double deviation) {
    std::vector<float> values(count);
    for (std::size_t i = 0; i < count; i += 2) {
        const double radius = deviation * std::sqrt(-2 * std::log1p(-stream.unit()));
        const double angle = 2 * std::numbers::pi * stream.unit();
        values[i] = static_cast<float>(radius * std::cos(angle));
        if (i + 1 < count) {
            values[i + 1] = static_cast<float>(radius * std::sin(angle));
        }
    }
    return values;
}

std::vector<std::size_t> shuffled_indices(random::Stream& stream, std::size_t count) {
    std::vector<std::size_t> indices(count);
    std::iota(indices.begin(), indices.end(), std::size_t{0});
    random::shuffle(indices, stream);
    return indices;
}

}  // namespace sotto::learned
