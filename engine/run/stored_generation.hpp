// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace sotto::run {

/// How a generation went. Everything but the two times is a function of the configuration.
struct StoredGeneration {
    std::uint32_t generation = 0;
    std::uint64_t evaluations = 0;  ///< candidates asked so far
    std::uint64_t distinct = 0;     ///< different networks among them
    std::uint64_t front_size = 0;
    double hypervolume = 0;
    double seconds = 0;  ///< wall time since the run began; not part of a run's identity

    // Of this generation alone.
    std::uint64_t candidates = 0;
    std::uint64_t cache_hits = 0;      ///< gave a network that the run had asked for before
    std::uint64_t rejected = 0;        ///< gave no network
    std::uint64_t constrained = 0;     ///< broke a hard limit
    std::uint64_t unsupported = 0;     ///< a layer that the lowering or a plug-in cannot express
    std::uint64_t failed = 0;          ///< a plug-in broke its contract
    double candidates_per_second = 0;  ///< of the session that finished it; not part of a run's identity

    friend bool operator==(const StoredGeneration&, const StoredGeneration&) = default;
};

/// What one way of making candidates had achieved when a generation was made: sums over the generations before.
struct StoredOperator {
    std::string name;        ///< as `candidates.source` has it
    double probability = 0;  ///< with which it made a candidate of this generation
    std::uint64_t children = 0;
    std::uint64_t successes = 0;

    friend bool operator==(const StoredOperator&, const StoredOperator&) = default;
};

}  // namespace sotto::run
