// SPDX-License-Identifier: Apache-2.0
#include "bench/compare_pagmo/sotto_nsga2.hpp"

#include <chrono>
#include <stdexcept>
#include <utility>

#include "bench/thread_clock.hpp"

namespace sotto::bench {

double run_sotto(Evaluator& evaluator, const search::Variation& variation, search::StrategyOptions options,
                 const std::vector<search::Genome>& first, unsigned generations) {
    options.initial = first;
    options.objectives = evaluator.problem().objectives();
    const std::size_t population = options.population;
    const auto strategy = search::make_strategy("nsga2", variation, std::move(options));
    std::vector<search::Outcome> outcomes;
    std::chrono::duration<double> spent{};
    for (unsigned generation = 0; generation <= generations; ++generation) {
        const auto asking = ThreadClock::now();
        const auto genomes = strategy->ask(population);
        const auto asked = ThreadClock::now();
        if (genomes.size() != population) {
            throw std::runtime_error("the space is exhausted: fewer candidates than asked for");
        }
        outcomes.clear();
        for (const search::Genome& genome : genomes) {
            outcomes.push_back({true, 0, evaluator.evaluate(genome)});
        }
        const auto telling = ThreadClock::now();
        strategy->tell(outcomes);
        const auto told = ThreadClock::now();
        if (generation > 0) {
            spent += (asked - asking) + (told - telling);
        }
    }
    return spent.count();
}

}  // namespace sotto::bench
