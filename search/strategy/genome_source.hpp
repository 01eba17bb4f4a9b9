// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <exception>

#include "search/space/genome.hpp"
#include "search/strategy/genome_set.hpp"
#include "search/strategy/variation.hpp"

namespace sotto::search {

/// Lets each genome through once, and knows when a space gives no more.
class GenomeSource {
  public:
    /// Draws in a row without a new genome that end an ask. A draw that the variation itself gave up on (it tried many
    /// times) counts for `refusal_weight`.
    static constexpr std::size_t patience = 16'384;
    static constexpr std::size_t refusal_weight = 256;

    /// Starts an ask: patience is restored.
    void begin() noexcept {
        misses_ = 0;
        known_ = false;
        refusal_ = nullptr;
    }

    bool exhausted() const noexcept { return misses_ >= patience; }

    bool knows(const Genome& genome) const { return asked_.contains(GenomeHash{}(genome)); }

    /// True where the genome was not let through before.
    bool take(const Genome& genome) { return asked_.insert(GenomeHash{}(genome)); }

    /// Calls `draw(genome)`, which overwrites its argument, until the genome is new, at most `tries` times. False where
    /// none was.
    template <typename Draw>
    bool draw(unsigned tries, Genome& genome, Draw&& draw) {
        for (unsigned tried = 0; tried < tries && !exhausted(); ++tried) {
            try {
                draw(genome);
            } catch (const NoValidGenome&) {
                refusal_ = std::current_exception();
                misses_ += refusal_weight;
                continue;
            }
            if (take(genome)) {
                misses_ = 0;
                return true;
            }
            known_ = true;
            ++misses_;
        }
        return false;
    }

    /// Throws the last NoValidGenome where every draw since begin ended in one.
    void rethrow_refusal() const {
        if (!known_ && refusal_) {
            std::rethrow_exception(refusal_);
        }
    }

  private:
    GenomeSet asked_;
    std::size_t misses_ = 0;
    bool known_ = false;
    std::exception_ptr refusal_;
};

}  // namespace sotto::search
