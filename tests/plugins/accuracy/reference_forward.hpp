// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

#include "tests/plugins/accuracy/flat_network.hpp"

namespace sotto::accuracy_test {

/// Weights of every layer, [output][input channel of the group][row][column]; empty where there are none.
using Weights = std::vector<std::vector<double>>;

/// The weights that the proxies give the network for this seed.
Weights proxy_weights(FlatNetwork& network, std::uint64_t seed);

struct ForwardRules {
    bool linearized = false;  ///< as synflow: batch normalisation and activations pass their input on
    /// May change what a layer gives, one map an image.
    std::function<void(std::uint32_t layer, std::vector<std::vector<double>>& maps)> change = {};
    /// Mean and deviation of each channel of each normalised layer: kept here where there are none yet, else taken from
    /// here. Null: those of the batch.
    std::vector<std::vector<std::pair<double, double>>>* statistics = nullptr;
};

/// Values of every layer for a batch, [image][channel][row][column], computed in double by the definitions of the
/// layers.
std::vector<std::vector<double>> forward(const FlatNetwork& network, const Weights& weights,
                                         const std::vector<double>& images, std::size_t count,
                                         const ForwardRules& rules);

}  // namespace sotto::accuracy_test
