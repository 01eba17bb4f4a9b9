// SPDX-License-Identifier: Apache-2.0
#include "search/loop/space_source.hpp"

#include <utility>

namespace sotto::search {

SpaceSource::SpaceSource(const Space& space, std::size_t slots) {
    decoders_.reserve(slots);
    for (std::size_t slot = 0; slot < slots; ++slot) {
        decoders_.emplace_back(space);
    }
}

evaluate::Source SpaceSource::of(std::function<const Genome&(std::size_t index)> genome_of) {
    return [this, genome_of = std::move(genome_of)](std::size_t index, std::size_t slot, std::string& reason) {
        Rejection rejection;
        const arch::Network* const network = decoders_[slot].decode(genome_of(index), rejection);
        reason = std::move(rejection.reason);
        return network;
    };
}

}  // namespace sotto::search
