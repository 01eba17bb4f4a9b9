// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <utility>

#include "plugins/accuracy/graph.hpp"

namespace sotto::accuracy {

/// The taps of a window, along one axis, that any output reads something but padding with: over a map of 1x1 the middle
/// one of three.
struct TapsInUse {
    std::int64_t first = 0;
    std::int64_t count = 0;
    std::int64_t lead = 0;  ///< pads that are left to read
    std::int64_t trail = 0;
    bool is_even = false;  ///< as many behind the map as in front of it give the same outputs
};

/// Of a window of `kernel` taps that moves by `stride` over `length` positions behind `lead` pads, to `outputs` places.
/// All of them where the window reads nothing but padding.
TapsInUse taps_in_use(std::int64_t kernel, std::int64_t stride, std::int64_t lead, std::int64_t length,
                      std::int64_t outputs);

/// Rows and columns of a convolution's window.
std::pair<TapsInUse, TapsInUse> taps_in_use(const Node& convolution);

}  // namespace sotto::accuracy
