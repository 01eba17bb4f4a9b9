// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <stdexcept>
#include <vector>

#include "search/strategy/variation.hpp"

namespace sotto::bench {

/// Keeps what the operators of another Variation made, and after rewind() gives the same again in the same order
/// without running them: what a strategy costs without its operators. For one thread.
class RecordedVariation final : public search::Variation {
  public:
    explicit RecordedVariation(const search::Variation& source) : source_(source) {}

    void rewind() {
        replays_ = true;
        next_ = 0;
    }

    std::vector<std::uint32_t> levels() const override { return source_.levels(); }
    search::Genome sample(random::Stream& stream) const override {
        return replays_ ? replay() : keep(source_.sample(stream));
    }
    search::Genome mutate(const search::Genome& parent, random::Stream& stream) const override {
        return replays_ ? replay() : keep(source_.mutate(parent, stream));
    }
    search::Genome crossover(const search::Genome& first, const search::Genome& second,
                             random::Stream& stream) const override {
        return replays_ ? replay() : keep(source_.crossover(first, second, stream));
    }

    /// NSGA-II enumerates no changes.
    std::vector<search::Change> changes(const search::Genome&) const override { throw std::logic_error("no changes"); }
    std::optional<search::Genome> apply(const search::Genome&, const search::Change&, random::Stream&) const override {
        throw std::logic_error("no changes");
    }

  private:
    search::Genome keep(search::Genome genome) const {
        genomes_.push_back(genome);
        return genome;
    }
    search::Genome replay() const { return genomes_.at(next_++); }

    const search::Variation& source_;
    mutable std::vector<search::Genome> genomes_;
    mutable std::size_t next_ = 0;
    bool replays_ = false;
};

}  // namespace sotto::bench
