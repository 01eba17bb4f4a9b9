// SPDX-License-Identifier: Apache-2.0
#include "search/strategy/generational_strategy.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>
#include <utility>

namespace sotto::search {
namespace {

// Samples of one candidate index before the next index tries: only where most of a space was asked does one not do.
constexpr unsigned sample_tries = 32;

void check_probability(const char* name, double value) {
    if (!(value >= 0 && value <= 1)) {
        throw std::invalid_argument(std::string("the ") + name + " probability must lie in [0, 1], not " +
                                    std::to_string(value));
    }
}

}  // namespace

GenerationalStrategy::GenerationalStrategy(const Variation& variation, StrategyOptions options)
    : variation_(variation), options_(std::move(options)) {
    if (options_.objectives == 0 || options_.objectives > maximum_objectives) {
        throw std::invalid_argument("a strategy takes 1 to " + std::to_string(maximum_objectives) +
                                    " objectives, not " + std::to_string(options_.objectives));
    }
    if (options_.population == 0) {
        throw std::invalid_argument("the population of a strategy must be at least 1");
    }
    check_probability("crossover", options_.crossover_probability);
    check_probability("mutation", options_.mutation_probability);
}

std::span<const Genome> GenerationalStrategy::ask(std::size_t most) {
    if (waiting_) {
        throw std::logic_error("asked for another generation before the last was told");
    }
    if (most == 0) {
        throw std::invalid_argument("asked for a generation of no candidates");
    }
    absorb(asked_, outcomes_);
    asked_.clear();
    origins_.clear();
    outcomes_.clear();
    source_.begin();

    const std::size_t wanted = std::min(most, batch());
    while (initial_taken_ < options_.initial.size() && asked_.size() < wanted) {
        Genome& genome = options_.initial[initial_taken_++];
        if (source_.take(genome)) {
            asked_.push_back(std::move(genome));
            origins_.emplace_back("initial");
        }
    }
    Genome genome;
    for (auto index = static_cast<std::uint32_t>(asked_.size()); asked_.size() < wanted && !source_.exhausted();
         ++index) {
        const std::string_view origin = make(index, genome);
        if (!origin.empty()) {
            asked_.push_back(std::move(genome));
            origins_.push_back(origin);
        }
    }
    if (asked_.empty()) {
        source_.rethrow_refusal();
    }
    waiting_ = !asked_.empty();
    return asked_;
}

void GenerationalStrategy::tell(std::span<const Outcome> outcomes) {
    if (!waiting_) {
        throw std::logic_error("told a generation that was not asked for");
    }
    if (outcomes.size() != asked_.size()) {
        throw std::logic_error("told " + std::to_string(outcomes.size()) + " outcomes of a generation of " +
                               std::to_string(asked_.size()));
    }
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        check(outcomes[i], i);
    }
    outcomes_.assign(outcomes.begin(), outcomes.end());
    waiting_ = false;
    ++generation_;
}

std::string_view GenerationalStrategy::sample(std::uint32_t index, random::Purpose purpose, Genome& genome) {
    random::Stream draws = stream(index, purpose);
    const bool found = source_.draw(sample_tries, genome, [&](Genome& drawn) { drawn = variation_.sample(draws); });
    return found ? "sample" : "";
}

void GenerationalStrategy::check(const Outcome& outcome, std::size_t index) const {
    if (!outcome.evaluated) {
        return;
    }
    if (!(outcome.constraint_violation >= 0) || !std::isfinite(outcome.constraint_violation)) {
        throw std::invalid_argument("the constraint violation of candidate " + std::to_string(index) +
                                    " is negative or not finite");
    }
    if (outcome.constraint_violation > 0) {
        return;
    }
    for (std::size_t k = 0; k < options_.objectives; ++k) {
        if (!std::isfinite(outcome.objectives[k])) {
            throw std::invalid_argument("objective " + std::to_string(k) + " of candidate " + std::to_string(index) +
                                        " is not finite");
        }
    }
}

}  // namespace sotto::search
