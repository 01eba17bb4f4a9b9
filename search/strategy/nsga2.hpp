// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "search/strategy/generational_strategy.hpp"
#include "search/strategy/survivor_selection.hpp"

namespace sotto::search {

/// NSGA-II (Deb, Pratap, Agarwal, Meyarivan, "A fast and elitist multiobjective genetic algorithm: NSGA-II", IEEE
/// Transactions on Evolutionary Computation 6(2), 2002) on genomes that a Variation samples, crosses and mutates.
///
/// Until the population is full, candidates are samples. Then each child has parents from binary tournaments, is a
/// crossover of two with `crossover_probability`, mutated with `mutation_probability`; else it is a mutant of one. A
/// child that was asked before is mutated again, and after some tries a sample takes its place.
class Nsga2 final : public GenerationalStrategy {
  public:
    Nsga2(const Variation& variation, StrategyOptions options);

    std::string_view name() const override { return "nsga2"; }

  private:
    void absorb(std::span<Genome> asked, std::span<const Outcome> outcomes) override;
    std::string_view make(std::uint32_t index, Genome& genome) override;
    bool breed(std::uint32_t index, Genome& genome);

    // Best first: the member that wins a tournament is the one with the lower index.
    std::vector<Genome> population_;
    std::vector<Genome> next_population_;
    std::vector<Outcome> pool_;  // the population's outcomes; while absorbing, also those of the children behind them
    std::vector<Outcome> next_pool_;
    SurvivorSelection selection_;
};

}  // namespace sotto::search
