// SPDX-License-Identifier: Apache-2.0
// What tells ageing evolution and Pareto local search from other strategies.
#include <algorithm>
#include <vector>

#include "tests/search/strategy/grid_variation.hpp"
#include "tests/search/strategy/problems.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::search;
using namespace sotto::search::test;

namespace {

StrategyOptions single_objective(std::size_t population) {
    StrategyOptions options;
    options.objectives = 1;
    options.population = population;
    return options;
}

/// Gene 0 names a family, which a mutant inherits; gene 1 is any number.
class Families final : public GridVariation {
  public:
    Families() : GridVariation(std::vector<std::int16_t>{1'000, 30'000}) {}

    Genome mutate(const Genome& parent, random::Stream& stream) const override {
        return {{parent.genes[0], static_cast<Gene>(stream.below(30'000))}};
    }
};

std::size_t differences(const Genome& a, const Genome& b) {
    std::size_t count = 0;
    for (std::size_t k = 0; k < a.genes.size(); ++k) {
        count += a.genes[k] != b.genes[k] ? 1U : 0U;
    }
    return count;
}

}  // namespace

TEST_CASE("in ageing evolution the best die of age") {
    // The youngest of the first generation is the best of it, and all of its children are the worst: once the first
    // generation has died its family hardly breeds any more. An elitist strategy would never forget it.
    constexpr std::size_t population = 40;
    const Families variation;
    StrategyOptions options = single_objective(population);
    for (Gene family = 0; family < static_cast<Gene>(population); ++family) {
        options.initial.push_back({{family, 0}});
    }
    const auto strategy = make_strategy("ageing", variation, options);
    strategy->ask(population);
    std::vector<Outcome> outcomes;
    for (std::size_t family = 0; family < population; ++family) {
        outcomes.push_back(outcome(-static_cast<double>(family), 0));
    }
    strategy->tell(outcomes);
    std::size_t early = 0;
    std::size_t late = 0;
    std::size_t told = 0;
    for (int generation = 0; generation < 60; ++generation) {
        const auto genomes = strategy->ask(population);
        outcomes.clear();
        for (const Genome& genome : genomes) {
            const bool of_the_best = genome.genes[0] == static_cast<Gene>(population - 1);
            (told < population ? early : late) += of_the_best ? 1U : 0U;
            outcomes.push_back(outcome(of_the_best ? 1e6 : 100, 0));
        }
        told += genomes.size();
        strategy->tell(outcomes);
    }
    CHECK(early > 5);
    // Members of the family are in the queue still, and win only where a tournament holds nobody else.
    CHECK(late <= early / 2);
    CHECK(told > 4 * population);
}

TEST_CASE("ageing evolution breeds a tenth of its population at a time") {
    const GridVariation variation(10, 10);
    const auto strategy = make_strategy("ageing", variation, single_objective(50));
    CHECK(strategy->ask(1'000).size() == 50);
    strategy->tell(std::vector<Outcome>(50, outcome(1, 0)));
    CHECK(strategy->ask(1'000).size() == 5);
}

TEST_CASE("local search asks for every neighbour of a local optimum and then goes on from samples") {
    // One objective, the sum of the genes: from any start only steps down are taken, and at 0 all 20 x 4 neighbours are
    // asked before anything else.
    const GridVariation variation(20, 5);
    const auto strategy = make_strategy("local", variation, single_objective(1));
    const Run seen = run(
        *strategy,
        [](const Genome& genome) {
            double sum = 0;
            for (const Gene gene : genome.genes) {
                sum += gene;
            }
            return outcome(sum, 0);
        },
        600);
    const auto best = std::find_if(seen.outcomes.begin(), seen.outcomes.end(),
                                   [](const Outcome& outcome) { return outcome.objectives[0] == 0; });
    REQUIRE(best != seen.outcomes.end());
    const auto at = static_cast<std::size_t>(best - seen.outcomes.begin());
    REQUIRE(at + 100 < seen.asked.size());
    std::size_t near = 0;
    for (const Genome& genome : seen.asked) {
        near += differences(genome, seen.asked[at]) == 1 ? 1U : 0U;
    }
    CHECK(near == 20 * 4);
    // Every candidate after the first is a neighbour of the best one before it, until the optimum is explored.
    std::size_t current = 0;
    for (std::size_t i = 1; i <= at; ++i) {
        REQUIRE(differences(seen.asked[i], seen.asked[current]) == 1);
        current = seen.outcomes[i].objectives[0] < seen.outcomes[current].objectives[0] ? i : current;
    }
}
