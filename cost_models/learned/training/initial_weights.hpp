// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/random/random.hpp"

namespace sotto::learned {

/// Independent normal numbers of mean 0 (Box and Muller, "A note on the generation of random normal deviates", 1958):
/// the same on every machine, unlike a library's generator.
std::vector<float> normal_numbers(random::Stream& stream, std::size_t count, double deviation);

/// Fisher and Yates' shuffle of 0 ... count - 1.
std::vector<std::size_t> shuffled_indices(random::Stream& stream, std::size_t count);

}  // namespace sotto::learned
