// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "sotto/plugin.h"

#include "plugins/accuracy/graph.hpp"

namespace sotto::accuracy {

/// Mellor et al., "Neural architecture search without training", ICML 2021.
struct ActivationPatterns {
    double log_determinant = 0;  ///< ln det(I + K); 0 for a network without activation units
    double units = 0;            ///< weighted number of activation units
    std::int64_t images = 0;
};

/// Sends `images` images of N(0, 1) noise through the network (both from the seed) and compares which units are on.
/// Batch normalisation uses the statistics of the batch; biases are 0. Any thread.
ActivationPatterns activation_patterns(const Graph& graph, std::uint64_t seed, std::int64_t images,
                                       const sotto_host* host);

}  // namespace sotto::accuracy
