// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <numeric>

namespace sotto::accuracy {

/// The sum of term(index) for all indices below `count`, added up in eight lanes that the compiler can keep in vector
/// registers: one sum alone would make each addition wait for the one before.
template <typename Term>
double sum_in_lanes(std::size_t count, const Term& term) {
    constexpr std::size_t width = 8;
    std::array<double, width> lanes{};
    std::size_t index = 0;
    for (; index + width <= count; index += width) {
        for (std::size_t lane = 0; lane < width; ++lane) {
            lanes[lane] += term(index + lane);
        }
    }
    for (; index < count; ++index) {
        lanes[index % width] += term(index);
    }
    return std::accumulate(lanes.begin(), lanes.end(), 0.0);
}

}  // namespace sotto::accuracy
