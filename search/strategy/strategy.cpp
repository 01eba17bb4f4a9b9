// SPDX-License-Identifier: Apache-2.0
#include "search/strategy/strategy.hpp"

#include <algorithm>
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

struct Known {
    std::string_view name;
    bool uses_insight;
    std::unique_ptr<Strategy> (*make)(const Variation&, StrategyOptions);
};

template <typename Kind>
constexpr Known known_as(std::string_view name) {
    return {name, Kind::uses_insight,
            [](const Variation& variation, StrategyOptions options) -> std::unique_ptr<Strategy> {
                return std::make_unique<Kind>(variation, std::move(options));
            }};
}

constexpr std::array known{known_as<Nsga2>("nsga2"), known_as<AgeingEvolution>("ageing"),
                           known_as<ParetoLocalSearch>("local"), known_as<GuidedEvolution>("guided"),
                           known_as<RandomSearch>("random")};

constexpr auto names = [] {
    std::array<std::string_view, known.size()> result;
    std::ranges::transform(known, result.begin(), &Known::name);
    return result;
}();

const Known& find(std::string_view name) {
    const auto* const found = std::ranges::find(known, name, &Known::name);
    if (found != known.end()) {
        return *found;
    }
    std::string list;
    for (const std::string_view candidate : names) {
        list += list.empty() ? "" : ", ";
        list += candidate;
    }
    throw std::invalid_argument("unknown strategy '" + std::string(name) + "'; known: " + list);
}

}  // namespace

std::unique_ptr<Strategy> make_strategy(std::string_view name, const Variation& variation, StrategyOptions options) {
    return find(name).make(variation, std::move(options));
}

std::span<const std::string_view> strategy_names() {
    return names;
}

bool strategy_uses_insight(std::string_view name) {
    return find(name).uses_insight;
}

}  // namespace sotto::search
