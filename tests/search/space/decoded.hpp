// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/arch/network.hpp"
#include "search/space/space.hpp"
#include "tests/support/catch.hpp"

namespace sotto::search {

/// The network of a genome that has one.
inline arch::Network decoded(const Space& space, const Genome& genome) {
    Space::Decoder decoder(space);
    Rejection rejection;
    const arch::Network* const network = decoder.decode(genome, rejection);
    INFO(rejection.reason);
    REQUIRE(network != nullptr);
    return *network;
}

}  // namespace sotto::search
