// SPDX-License-Identifier: Apache-2.0
#include "search/strategy/survivor_selection.hpp"

#include <limits>
#include <set>
#include <vector>

#include "engine/random/random.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::search;

namespace {

Outcome feasible(double first, double second) {
    return {true, 0, {first, second}};
}

Outcome violating(double violation) {
    constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
    return {true, violation, {nothing, nothing}};
}

std::vector<std::uint32_t> selected(const std::vector<Outcome>& pool, std::size_t most, std::size_t objectives = 2) {
    SurvivorSelection selection(objectives, 100);
    const auto survivors = selection.select(pool, most);
    return {survivors.begin(), survivors.end()};
}

/// Constraint domination, written out from Deb et al. 2002, section VI; candidates without a score lose to all others.
bool beats(const Outcome& a, const Outcome& b, std::size_t objectives) {
    if (a.evaluated != b.evaluated) {
        return a.evaluated;
    }
    if (!a.evaluated) {
        return false;
    }
    if (a.constraint_violation != b.constraint_violation) {
        return a.constraint_violation < b.constraint_violation;
    }
    if (a.constraint_violation > 0) {
        return false;
    }
    bool better = false;
    for (std::size_t k = 0; k < objectives; ++k) {
        if (a.objectives[k] > b.objectives[k]) {
            return false;
        }
        better = better || a.objectives[k] < b.objectives[k];
    }
    return better;
}

}  // namespace

TEST_CASE("feasible come before violating, and those before candidates without a score") {
    const std::vector<Outcome> pool{{}, violating(0.5), feasible(9, 9), violating(0.1),
                                    {}, feasible(1, 1), violating(0.5)};
    CHECK(selected(pool, 10) == std::vector<std::uint32_t>{5, 2, 3, 1, 6, 0, 4});
    CHECK(selected(pool, 4) == std::vector<std::uint32_t>{5, 2, 3, 1});
    CHECK(selected(pool, 1) == std::vector<std::uint32_t>{5});
    CHECK(selected({}, 3).empty());
    CHECK(selected({{}, {}, {}}, 2) == std::vector<std::uint32_t>{0, 1});
}

TEST_CASE("a rank is ordered and cut by crowding distance") {
    // One rank along f1 + f2 = 10; f1: 0 1 2 6 10. Distances: 2*2/10, 2*5/10, 2*8/10 inside, infinity at the ends.
    const std::vector<Outcome> pool{feasible(1, 9), feasible(2, 8), feasible(0, 10), feasible(6, 4), feasible(10, 0)};
    CHECK(selected(pool, 5) == std::vector<std::uint32_t>{2, 4, 3, 1, 0});
    CHECK(selected(pool, 3) == std::vector<std::uint32_t>{2, 4, 3});
}

TEST_CASE("repeats of one point come behind every distinct point of their rank and before the next rank") {
    const std::vector<Outcome> pool{feasible(0, 2), feasible(0, 2), feasible(2, 0), feasible(1, 1),
                                    feasible(3, 3), feasible(0, 2), feasible(1, 1)};
    // The last of equal ones stands for them: 5 for (0,2), 6 for (1,1).
    CHECK(selected(pool, 7) == std::vector<std::uint32_t>{2, 5, 6, 1, 3, 0, 4});
}

TEST_CASE("no candidate left out beats one that survives, and survivors come in order") {
    for (std::uint32_t round = 0; round < 200; ++round) {
        random::Stream stream(51, 0, round, random::Purpose::test);
        const std::size_t objectives = 1 + round % maximum_objectives;
        const std::size_t most = 1 + stream.below(50);
        std::vector<Outcome> pool(stream.below(80));
        for (Outcome& outcome : pool) {
            outcome.evaluated = stream.chance(0.9);
            outcome.constraint_violation = stream.chance(0.7) ? 0 : static_cast<double>(stream.below(4));
            for (double& objective : outcome.objectives) {
                objective = static_cast<double>(stream.below(8));
            }
        }
        const std::vector<std::uint32_t> survivors = selected(pool, most, objectives);
        const std::set<std::uint32_t> kept(survivors.begin(), survivors.end());
        REQUIRE(survivors.size() == std::min(most, pool.size()));
        REQUIRE(kept.size() == survivors.size());
        for (std::size_t k = 0; k < survivors.size(); ++k) {
            for (std::size_t j = k + 1; j < survivors.size(); ++j) {
                REQUIRE_FALSE(beats(pool[survivors[j]], pool[survivors[k]], objectives));
            }
            for (std::uint32_t i = 0; i < pool.size(); ++i) {
                if (!kept.contains(i)) {
                    REQUIRE_FALSE(beats(pool[i], pool[survivors[k]], objectives));
                }
            }
        }
    }
}
