// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "engine/random/random.hpp"
#include "search/strategy/genome_source.hpp"
#include "search/strategy/strategy.hpp"

namespace sotto::search {

/// The order of ask and tell, the checks of what is told, and the genomes given at the start: what strategies that work
/// a generation at a time share. A strategy says which genomes come next.
class GenerationalStrategy : public Strategy {
  public:
    /// Throws std::invalid_argument for options out of range.
    GenerationalStrategy(const Variation& variation, StrategyOptions options);

    std::span<const Genome> ask(std::size_t most) final;
    void tell(std::span<const Outcome> outcomes) final;
    std::string_view origin(std::size_t index) const final { return origins_[index]; }
    std::uint32_t generation() const final { return generation_; }

  protected:
    /// Candidates of a generation; the population's size unless a strategy says otherwise. At least 1.
    virtual std::size_t batch() const { return options_.population; }

    /// Called once for every generation, before its genomes are made: `asked` (may be moved from) and `outcomes` are
    /// those of the last one, empty at first.
    virtual void absorb(std::span<Genome> asked, std::span<const Outcome> outcomes) = 0;

    /// Makes candidate `index` of the generation out of draws from stream(index, ...) and says how, as origin() does.
    /// Empty where no new genome was found: the index is then left out.
    virtual std::string_view make(std::uint32_t index, Genome& genome) = 0;

    random::Stream stream(std::uint32_t index, random::Purpose purpose) const noexcept {
        return {options_.seed, generation_, index, purpose};
    }
    /// `sample`, or empty.
    std::string_view sample(std::uint32_t index, random::Purpose purpose, Genome& genome);

    const Variation& variation() const noexcept { return variation_; }
    const StrategyOptions& options() const noexcept { return options_; }
    GenomeSource& source() noexcept { return source_; }

  private:
    void check(const Outcome& outcome, std::size_t index) const;

    const Variation& variation_;
    StrategyOptions options_;
    GenomeSource source_;
    std::vector<Genome> asked_;
    std::vector<std::string_view> origins_;  // of asked_
    std::vector<Outcome> outcomes_;
    std::size_t initial_taken_ = 0;
    std::uint32_t generation_ = 0;
    bool waiting_ = false;  // asked and not told
};

}  // namespace sotto::search
