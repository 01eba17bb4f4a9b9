// SPDX-License-Identifier: Apache-2.0
#include "search/strategy/ageing_evolution.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace sotto::search {
namespace {

// Mutations of one parent's kin before a sample takes the child's place.
constexpr unsigned breeding_tries = 8;
// Rivals of a tournament: the best of more costs more than breeding its child.
constexpr std::size_t most_rivals = 64;

}  // namespace

AgeingEvolution::AgeingEvolution(const Variation& variation, StrategyOptions options)
    : GenerationalStrategy(variation, std::move(options)) {}

std::size_t AgeingEvolution::batch() const {
    return is_full() ? std::max<std::size_t>(1, options().population / 10) : options().population - queue_.size();
}

void AgeingEvolution::absorb(std::span<Genome> asked, std::span<const Outcome> outcomes) {
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        queue_.push_back({std::move(asked[i]), outcomes[i]});
    }
    while (queue_.size() > options().population) {
        queue_.pop_front();
    }
    rate();
}

void AgeingEvolution::rate() {
    standings_.resize(queue_.size());
    std::array<double, maximum_objectives> best{};
    std::array<double, maximum_objectives> worst{};
    best.fill(std::numeric_limits<double>::infinity());
    worst.fill(-std::numeric_limits<double>::infinity());
    for (std::size_t i = 0; i < queue_.size(); ++i) {
        const Outcome& outcome = queue_[i].outcome;
        Standing& standing = standings_[i];
        standing.tier = !outcome.evaluated ? 2 : outcome.constraint_violation > 0 ? 1 : 0;
        standing.value = {standing.tier == 1 ? outcome.constraint_violation : 0};
        if (standing.tier == 0) {
            standing.value = outcome.objectives;
            for (std::size_t k = 0; k < options().objectives; ++k) {
                best[k] = std::min(best[k], standing.value[k]);
                worst[k] = std::max(worst[k], standing.value[k]);
            }
        }
    }
    for (Standing& standing : standings_) {
        for (std::size_t k = 0; standing.tier == 0 && k < options().objectives; ++k) {
            standing.value[k] = (standing.value[k] - best[k]) / (worst[k] > best[k] ? worst[k] - best[k] : 1);
        }
    }
}

const AgeingEvolution::Member& AgeingEvolution::winner(random::Stream& picks) {
    // Exponential draws, scaled by their sum, are even over the simplex; the sum does not change who wins.
    std::array<double, maximum_objectives> weights{};
    for (std::size_t k = 0; k < options().objectives; ++k) {
        weights[k] = -std::log1p(-picks.unit());
    }
    const auto fitness = [&](const Standing& standing) {
        if (standing.tier != 0) {
            return standing.value[0];
        }
        double farthest = 0;
        double sum = 0;
        for (std::size_t k = 0; k < options().objectives; ++k) {
            const double distance = weights[k] * standing.value[k];
            farthest = std::max(farthest, distance);
            sum += distance;
        }
        // The small sum tells apart weakly dominated members.
        return farthest + 1e-3 * sum;
    };
    const std::size_t rivals = std::clamp<std::size_t>(queue_.size() / 4, 2, most_rivals);
    std::size_t best = 0;
    int tier = std::numeric_limits<int>::max();
    double least = 0;
    for (std::size_t i = 0; i < rivals; ++i) {
        const std::size_t rival = picks.below(standings_.size());
        const Standing& standing = standings_[rival];
        if (standing.tier > tier) {
            continue;
        }
        const double value = fitness(standing);
        if (standing.tier < tier || value < least) {
            best = rival;
            tier = standing.tier;
            least = value;
        }
    }
    return queue_[best];
}

std::string_view AgeingEvolution::make(std::uint32_t index, Genome& genome) {
    if (!is_full()) {
        return sample(index, random::Purpose::initial_population, genome);
    }
    random::Stream picks = stream(index, random::Purpose::selection);
    random::Stream mutations = stream(index, random::Purpose::mutation);
    const Member& parent = winner(picks);
    bool bred = false;
    const bool found = source().draw(breeding_tries, genome, [&](Genome& child) {
        child = variation().mutate(bred ? child : parent.genome, mutations);
        bred = true;
    });
    return found ? "child" : sample(index, random::Purpose::random_sample, genome);
}

}  // namespace sotto::search
