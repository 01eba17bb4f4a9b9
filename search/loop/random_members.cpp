// SPDX-License-Identifier: Apache-2.0
#include "search/loop/random_members.hpp"

#include <unordered_set>
#include <utility>

#include "engine/random/random.hpp"

namespace sotto::search {

std::vector<Genome> random_members(const Space& space, std::size_t count, std::uint64_t seed,
                                   std::uint32_t generation) {
    constexpr std::size_t draws_each = 100;
    std::vector<Genome> members;
    std::unordered_set<Genome, GenomeHash> drawn;
    for (std::size_t draw = 0; members.size() < count && draw < draws_each * count; ++draw) {
        random::Stream stream(seed, generation, static_cast<std::uint32_t>(draw), random::Purpose::random_sample);
        Genome genome = space.sample(stream);
        if (drawn.insert(genome).second) {
            members.push_back(std::move(genome));
        }
    }
    return members;
}

}  // namespace sotto::search
