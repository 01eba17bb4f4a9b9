// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

#include "engine/random/random.hpp"
#include "search/space/genome.hpp"

namespace sotto::search {

/// Thrown by a Variation that found no valid genome within its bounded number of tries: says which constraint or shape
/// refused most.
class NoValidGenome : public std::runtime_error {
  public:
    explicit NoValidGenome(const std::string& reason) : std::runtime_error(reason) {}
};

/// What a strategy needs of a search space. Every genome returned is valid: it decodes to a network that keeps the
/// space's constraints. Implementations are thread-safe (const, the only state is the stream given).
class Variation {
  public:
    virtual ~Variation() = default;

    virtual Genome sample(random::Stream& stream) const = 0;
    /// Differs from `parent` in at least one active gene.
    virtual Genome mutate(const Genome& parent, random::Stream& stream) const = 0;
    virtual Genome crossover(const Genome& first, const Genome& second, random::Stream& stream) const = 0;
};

}  // namespace sotto::search
