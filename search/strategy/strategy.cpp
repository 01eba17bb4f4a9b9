// SPDX-License-Identifier: Apache-2.0
#include "search/strategy/strategy.hpp"

#include <array>
#include <stdexcept>
#include <string>
#include <utility>

#include "search/strategy/ageing_evolution.hpp"
#include "search/strategy/guided_evolution.hpp"
#include "search/strategy/nsga2.hpp"
#include "search/strategy/pareto_local_search.hpp"
#include "search/strategy/random_search.hpp"

namespace sotto::search {
namespace {

constexpr std::array<std::string_view, 5> names{"nsga2", "ageing", "local", "guided", "random"};

}  // namespace

std::unique_ptr<Strategy> make_strategy(std::string_view name, const Variation& variation, StrategyOptions options) {
    if (name == "nsga2") {
        return std::make_unique<Nsga2>(variation, std::move(options));
    }
    if (name == "ageing") {
        return std::make_unique<AgeingEvolution>(variation, std::move(options));
    }
    if (name == "local") {
        return std::make_unique<ParetoLocalSearch>(variation, std::move(options));
    }
    if (name == "guided") {
        return std::make_unique<GuidedEvolution>(variation, std::move(options));
    }
    if (name == "random") {
        return std::make_unique<RandomSearch>(variation, std::move(options));
    }
    std::string known;
    for (const std::string_view candidate : names) {
        known += known.empty() ? "" : ", ";
        known += candidate;
    }
    throw std::invalid_argument("unknown strategy '" + std::string(name) + "'; known: " + known);
}

std::span<const std::string_view> strategy_names() {
    return names;
}

}  // namespace sotto::search
