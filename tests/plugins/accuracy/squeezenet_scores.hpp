// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/plugins/accuracy/flat_network.hpp"

namespace sotto::accuracy_test {

/// What the plug-in `id` gives a network; requires that it gives something.
std::vector<double> metrics_of(const std::string& id, FlatNetwork network, std::uint64_t seed = 1);

/// The first metric of a SqueezeNet, for one seed and in the mean over four.
double score_of(const std::string& id, const SqueezeNetVariant& variant);
double mean_score_of(const std::string& id, const SqueezeNetVariant& variant);

/// SqueezeNet whose every block ends in this activation.
SqueezeNetVariant with_all(std::int32_t activation);

}  // namespace sotto::accuracy_test
