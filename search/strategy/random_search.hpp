// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "search/strategy/generational_strategy.hpp"

namespace sotto::search {

/// Independent samples of the space without repeats: the baseline that any other strategy must beat.
class RandomSearch final : public GenerationalStrategy {
  public:
    using GenerationalStrategy::GenerationalStrategy;

    std::string_view name() const override { return "random"; }

  private:
    void absorb(std::span<Genome>, std::span<const Outcome>) override {}
    std::string_view make(std::uint32_t index, Genome& genome) override {
        return sample(index, random::Purpose::random_sample, genome);
    }
};

}  // namespace sotto::search
