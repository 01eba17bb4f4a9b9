// SPDX-License-Identifier: Apache-2.0
#include "bench/compare_pagmo/problem.hpp"

#include <cmath>

namespace sotto::bench {

Values penalty(std::span<const double> reference) {
    Values values{};
    for (std::size_t k = 0; k < reference.size(); ++k) {
        values[k] = reference[k] + 10 * (reference[k] == 0 ? 1 : std::abs(reference[k]));
    }
    return values;
}

}  // namespace sotto::bench
