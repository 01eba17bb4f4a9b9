// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "search/pareto/archive.hpp"
#include "search/strategy/generational_strategy.hpp"

namespace sotto::search {

/// Pareto local search (Paquete, Chiarandini, Stuetzle, "Pareto local optimum sets in the biobjective traveling
/// salesman problem: an experimental study", in Metaheuristics for Multiobjective Optimisation, 2004): keeps all
/// non-dominated candidates and asks for every neighbour (Variation::changes) of one after the other, in random order.
/// When all have been visited it goes on from new samples.
///
/// A member that leaves the archive before all of its neighbours were asked is not visited to the end. Where nothing
/// keeps the constraints yet, the candidate that breaks them least stands in for the archive.
class ParetoLocalSearch final : public GenerationalStrategy {
  public:
    ParetoLocalSearch(const Variation& variation, StrategyOptions options);

    std::string_view name() const override { return "local"; }

  private:
    struct Member {
        Genome genome;
        Outcome outcome;
        bool opened = false;       // `left` was filled
        std::vector<Change> left;  // neighbours not asked yet, in random order, the next one last
        bool visited() const noexcept { return opened && left.empty(); }
    };

    void absorb(std::span<Genome> asked, std::span<const Outcome> outcomes) override;
    std::string_view make(std::uint32_t index, Genome& genome) override;
    void offer(Genome&& genome, const Outcome& outcome);
    Member* next_unvisited();

    std::vector<Member> archive_;
    pareto::Archive front_;  // the objectives of its members that keep the constraints, by their numbers in `offered_`
    std::uint64_t offered_ = 0;
    std::size_t current_ = 0;
};

}  // namespace sotto::search
