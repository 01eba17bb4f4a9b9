// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "search/space/space.hpp"

namespace sotto::search {

/// `count` random members, each genome once; fewer where the space gives no more within 100 draws for each. Draw i has
/// the stream (seed, generation, i, random_sample).
std::vector<Genome> random_members(const Space& space, std::size_t count, std::uint64_t seed, std::uint32_t generation);

}  // namespace sotto::search
