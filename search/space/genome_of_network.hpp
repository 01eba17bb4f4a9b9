// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "engine/arch/network.hpp"
#include "search/space/genome.hpp"
#include "search/space/space.hpp"

namespace sotto::search {

/// What a search for the genome of a network came to.
struct GenomeOfNetwork {
    std::optional<Genome> genome;   ///< decodes to a network of the wanted one's canonical hash
    std::optional<Genome> nearest;  ///< where there is none: of those tried, one whose network is most alike
    std::uint64_t tried = 0;        ///< genomes that were decoded
    bool tried_all = false;         ///< every genome of the space was: that there is none is certain
};

/// Steps that a search may take before it gives up: some seconds.
inline constexpr std::uint64_t most_steps_for_a_genome = 25'000'000;

/// Looks for a genome of `space` that decodes to `wanted`, up to names and the order of independent layers. Where
/// several do, any of them may be returned.
///
/// Climbs from the baseline, then from members drawn at random: gene by gene takes the alternative that makes the
/// network most alike (Likeness). As layers count with all that they are computed from, this finds a network from its
/// input on. Where no single change helps, several genes near the first layer that differs are changed together. After
/// that, a space of which all genomes can be tried in as many steps is tried in full, and that none is found is certain
/// (`tried_all`); in any other space it proves nothing.
///
/// The same for the same space and network: draws come from fixed streams, and effort is counted in steps, not in time.
/// A genome that is decoded takes a step for each layer of its network (one that gives none: of `wanted`) and 20 more;
/// none is decoded after `most_steps`, which count anew where all are tried.
GenomeOfNetwork find_genome(const Space& space, const arch::Network& wanted,
                            std::uint64_t most_steps = most_steps_for_a_genome);

}  // namespace sotto::search
