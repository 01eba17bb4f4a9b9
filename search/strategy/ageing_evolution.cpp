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

// Smaller is better. Behind all that keep the constraints: those that break them, then those without a score.
struct Fitness {
    int tier = 0;
    double value = 0;

    friend auto operator<=>(const Fitness&, const Fitness&) = default;
};

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
    for (std::size_t k = 0; k < options().objectives; ++k) {
        best_[k] = std::numeric_limits<double>::infinity();
        double worst = -best_[k];
        for (const Member& member : queue_) {
            if (member.outcome.evaluated && member.outcome.constraint_violation == 0) {
                best_[k] = std::min(best_[k], member.outcome.objectives[k]);
                worst = std::max(worst, member.outcome.objectives[k]);
            }
        }
        extent_[k] = worst > best_[k] ? worst - best_[k] : 1;
    }
}

const AgeingEvolution::Member& AgeingEvolution::winner(random::Stream& picks) {
    // Exponential draws, scaled by their sum, are even over the simplex; the sum does not change who wins.
    std::array<double, maximum_objectives> weights{};
    for (std::size_t k = 0; k < options().objectives; ++k) {
        weights[k] = -std::log1p(-picks.unit());
    }
    const auto fitness = [&](const Outcome& outcome) -> Fitness {
        if (!outcome.evaluated) {
            return {2, 0};
        }
        if (outcome.constraint_violation > 0) {
            return {1, outcome.constraint_violation};
        }
        double farthest = 0;
        double sum = 0;
        for (std::size_t k = 0; k < options().objectives; ++k) {
            const double distance = weights[k] * (outcome.objectives[k] - best_[k]) / extent_[k];
            farthest = std::max(farthest, distance);
            sum += distance;
        }
        // The small sum tells apart weakly dominated members.
        return {0, farthest + 1e-3 * sum};
    };
    const std::size_t rivals = std::max<std::size_t>(2, queue_.size() / 4);
    const Member* best = nullptr;
    Fitness least;
    for (std::size_t i = 0; i < rivals; ++i) {
        const Member& rival = queue_[picks.below(queue_.size())];
        const Fitness value = fitness(rival.outcome);
        if (best == nullptr || value < least) {
            best = &rival;
            least = value;
        }
    }
    return *best;
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
