// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "engine/arch/network.hpp"

namespace sotto::arch {

/// Sizes of a network for one image.
struct Counts {
    std::int64_t parameters = 0;     ///< weights and biases; batch normalisation: scale and shift (2 per channel)
    std::int64_t multiply_adds = 0;  ///< of convolutions and fully connected layers
    std::int64_t relu_elements = 0;  ///< elements that pass through a ReLU
    std::int64_t comparisons = 0;    ///< relu_elements, plus outputs x (window elements - 1) of every max pool
};

Counts count(const Network& network);

}  // namespace sotto::arch
