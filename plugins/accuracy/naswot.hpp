// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "sotto/plugin.h"

#include "plugins/accuracy/evaluator.hpp"
#include "plugins/accuracy/graph.hpp"

namespace sotto::accuracy {

/// How many images are compared, and with how many draws of weights and images.
struct NoiseSettings {
    std::int32_t batch = 16;
    std::int32_t repeats = 1;
};

/// The parameters `batch` and `repeats`.
NoiseSettings noise_settings(const Arguments& arguments);

/// NASWOT (Mellor, Turner, Storkey and Crowley, "Neural architecture search without training", ICML 2021): ln det(I +
/// K), K[i][j] = units that are in the same state for images i and j of a batch of N(0, 1) noise, a square's units
/// counted half. The mean over the repeats. 0 for a network without activation units, and positive for every other.
///
/// Weights are Kaiming uniform, biases 0, batch normalisation uses the statistics of the batch. Any thread.
double naswot(const Graph& graph, std::uint64_t seed, const NoiseSettings& settings, const sotto_host* host);

std::unique_ptr<Evaluator> make_naswot(const Arguments& arguments, const sotto_host* host);

}  // namespace sotto::accuracy
