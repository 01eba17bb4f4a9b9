// SPDX-License-Identifier: Apache-2.0
#include "search/strategy/nsga2.hpp"

#include <algorithm>
#include <utility>

namespace sotto::search {
namespace {

// Mutations of one child before a sample takes its place.
constexpr unsigned breeding_tries = 8;

}  // namespace

Nsga2::Nsga2(const Variation& variation, StrategyOptions options)
    : GenerationalStrategy(variation, std::move(options)),
      selection_(this->options().objectives, this->options().population) {}

void Nsga2::absorb(std::span<Genome> asked, std::span<const Outcome> outcomes) {
    pool_.insert(pool_.end(), outcomes.begin(), outcomes.end());
    next_population_.clear();
    next_pool_.clear();
    for (const std::uint32_t index : selection_.select(pool_, options().population)) {
        Genome& genome = index < population_.size() ? population_[index] : asked[index - population_.size()];
        next_population_.push_back(std::move(genome));
        next_pool_.push_back(pool_[index]);
    }
    population_.swap(next_population_);
    pool_.swap(next_pool_);
}

std::string_view Nsga2::make(std::uint32_t index, Genome& genome) {
    if (population_.size() < options().population) {
        return sample(index, random::Purpose::initial_population, genome);
    }
    return breed(index, genome) ? "child" : sample(index, random::Purpose::random_sample, genome);
}

bool Nsga2::breed(std::uint32_t index, Genome& genome) {
    random::Stream picks = stream(index, random::Purpose::selection);
    random::Stream crossings = stream(index, random::Purpose::crossover);
    random::Stream mutations = stream(index, random::Purpose::mutation);
    const auto tournament = [&]() -> const Genome& {
        const std::uint64_t first = picks.below(population_.size());
        const std::uint64_t second = picks.below(population_.size());
        return population_[std::min(first, second)];
    };
    const Genome& mother = tournament();
    const Genome& father = tournament();
    const bool crosses = &mother != &father && crossings.chance(options().crossover_probability);
    const bool mutates = !crosses || mutations.chance(options().mutation_probability);
    bool bred = false;
    return source().draw(breeding_tries, genome, [&](Genome& child) {
        if (bred) {
            child = variation().mutate(child, mutations);
            return;
        }
        if (crosses) {
            child = variation().crossover(mother, father, crossings);
        }
        if (mutates) {
            child = variation().mutate(crosses ? child : mother, mutations);
        }
        bred = true;
    });
}

}  // namespace sotto::search
