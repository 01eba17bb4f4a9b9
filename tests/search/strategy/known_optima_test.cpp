// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <vector>

#include "tests/search/strategy/grid_variation.hpp"
#include "tests/search/strategy/problems.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::search;
using namespace sotto::search::test;

namespace {

Run run_strategy(const char* name, const Variation& variation, StrategyOptions options, const Problem& problem,
                 std::size_t budget) {
    const auto strategy = make_strategy(name, variation, std::move(options));
    return run(*strategy, problem, budget);
}

StrategyOptions with_seed(std::uint64_t seed, std::size_t population = 100) {
    StrategyOptions options;
    options.seed = seed;
    options.population = population;
    return options;
}

// All that search rather than sample.
constexpr const char* searchers[] = {"nsga2", "ageing", "local", "guided"};

}  // namespace

TEST_CASE("nsga2 reaches 97 % of the hypervolume of ZDT1 and beats random search") {
    constexpr int steps = 100;
    const std::vector<double> reference{1.1, 1.1};
    // The front of the grid: f2 = 1 - sqrt(f1) at f1 = 0, 1/steps, ..., 1; summed in strips.
    double optimum = 0;
    for (int i = 0; i <= steps; ++i) {
        const double width = i < steps ? 1.0 / steps : 0.1;
        optimum += width * (0.1 + std::sqrt(static_cast<double>(i) / steps));
    }
    CHECK(optimum == Approx(0.77 + 2.0 / 3 - 0.56).epsilon(0.01));  // near the integral, 0.8767

    const GridVariation variation(12, steps + 1);
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        INFO("seed " << seed);
        const Run evolved = run_strategy("nsga2", variation, with_seed(seed), zdt1(steps), 10'000);
        const Run drawn = run_strategy("random", variation, with_seed(seed), zdt1(steps), 10'000);
        CHECK(evolved.asked.size() == 10'000);
        CHECK(drawn.asked.size() == 10'000);
        CHECK_FALSE(evolved.repeated);
        CHECK_FALSE(drawn.repeated);
        CHECK(evolved.front.hypervolume(reference) > 0.97 * optimum);
        CHECK(evolved.front.hypervolume(reference) <= optimum * (1 + 1e-12));
        CHECK(evolved.front.hypervolume(reference) > drawn.front.hypervolume(reference));
        // Far corner, so that random search counts at all.
        const std::vector<double> far{1.1, 10};
        CHECK(drawn.front.hypervolume(far) > 0);
        CHECK(evolved.front.hypervolume(far) > drawn.front.hypervolume(far));
    }
}

TEST_CASE("strategies find the whole front of leading ones, trailing zeros") {
    // Not ageing evolution, which forgets where it has been.
    const char* const name = GENERATE("nsga2", "local", "guided");
    constexpr std::size_t bits = 14;
    const GridVariation variation(bits, 2);
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        INFO(name << ", seed " << seed);
        const Run seen = run_strategy(name, variation, with_seed(seed, 40), leading_ones_trailing_zeros, 8'000);
        REQUIRE(seen.front.size() == bits + 1);
        for (std::size_t k = 0; k <= bits; ++k) {
            const std::size_t ones = bits - k;
            const auto member = seen.front[k];
            CHECK(member.objectives[0] == -static_cast<double>(ones));
            CHECK(member.objectives[1] == -static_cast<double>(k));
            const Genome& genome = seen.asked[member.id];
            for (std::size_t bit = 0; bit < bits; ++bit) {
                CHECK(genome.genes[bit] == (bit < ones ? 1 : 0));
            }
        }
    }
}

TEST_CASE("strategies find the optimum of one objective") {
    const char* const name = GENERATE(from_range(std::begin(searchers), std::end(searchers)));
    INFO(name);
    // OneMax on 40 bits: 2^40 genomes, one best.
    const GridVariation variation(40, 2);
    StrategyOptions options = with_seed(3, 30);
    options.objectives = 1;
    const Run seen = run_strategy(
        name, variation, options,
        [](const Genome& genome) {
            double ones = 0;
            for (const Gene gene : genome.genes) {
                ones += gene;
            }
            return outcome(-ones, 0);
        },
        4'000);
    CHECK(seen.front[0].objectives[0] == -40);
}

TEST_CASE("strategies find the feasible front of CONSTR") {
    // Not local search: two genes have 430 neighbours, so that it explores a handful of members.
    const char* const name = GENERATE("nsga2", "ageing", "guided");
    // The front of the grid by enumeration; it follows x2 = 6 - 9 x1 up to x1 = 2/3 and x2 = 0 from there.
    pareto::Archive optimum(2);
    for (Gene i = 0; i < 181; ++i) {
        for (Gene j = 0; j < 251; ++j) {
            const Outcome seen = constr({{i, j}});
            if (seen.constraint_violation == 0) {
                optimum.add(static_cast<std::uint64_t>(i) * 251 + static_cast<std::uint64_t>(j),
                            std::span<const double>(seen.objectives).first(2));
            }
        }
    }
    for (const pareto::Archive::Member& member : optimum.front()) {
        const double x1 = member.objectives[0];
        const double least = (1 + std::max(0.0, 6 - 9 * x1)) / x1;
        CHECK(x1 >= Approx(7.0 / 18));
        CHECK(member.objectives[1] >= least - 1e-9);
        CHECK(member.objectives[1] <= least + 0.021 / x1);
    }

    const std::vector<double> reference{1.1, 10};
    const GridVariation variation(std::vector<std::int16_t>{181, 251});
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
        INFO(name << ", seed " << seed);
        const Run evolved = run_strategy(name, variation, with_seed(seed), constr, 4'000);
        const Run drawn = run_strategy("random", variation, with_seed(seed), constr, 4'000);
        CHECK(evolved.front.hypervolume(reference) > 0.985 * optimum.hypervolume(reference));
        CHECK(evolved.front.hypervolume(reference) <= optimum.hypervolume(reference) * (1 + 1e-12));
        CHECK(evolved.front.hypervolume(reference) > drawn.front.hypervolume(reference));
    }
}

TEST_CASE("strategies work their way out of a space that is nearly all infeasible or unsupported") {
    const char* const name = GENERATE(from_range(std::begin(searchers), std::end(searchers)));
    INFO(name);
    // Only genomes whose genes are all below 10 of 100 have a score, 1 in 10^6; the violation leads there. Odd first
    // genes are never evaluated.
    const GridVariation variation(6, 100);
    const Run seen = run_strategy(
        name, variation, with_seed(4, 50),
        [](const Genome& genome) {
            if (genome.genes[0] % 2 == 1) {
                return Outcome{};
            }
            double violation = 0;
            double sum = 0;
            for (const Gene gene : genome.genes) {
                violation += std::max(0, gene - 9) / 10.0;
                sum += gene;
            }
            return outcome(sum, -sum, violation);
        },
        4'000);
    CHECK(seen.front.size() > 10);
}

TEST_CASE("guided evolution learns linear objectives from its first generation") {
    // Two linear functions of 30 genes of 8 levels in conflict on a third of them: 8^30 genomes.
    const GridVariation variation(30, 8);
    const auto linear = [](const Genome& genome) {
        double first = 0;
        double second = 0;
        for (std::size_t k = 0; k < genome.genes.size(); ++k) {
            const double weight = 1 + 0.1 * static_cast<double>(k);
            first += weight * genome.genes[k];
            second += (k % 3 == 0 ? -weight : 0.5 * weight) * genome.genes[k];
        }
        return outcome(first, second);
    };
    const std::vector<double> reference{600, 300};
    // One seed differs from the next by as much as the strategies do.
    const auto median = [&](const char* name, std::size_t evaluations) {
        std::vector<double> hypervolumes;
        for (std::uint64_t seed = 1; seed <= 7; ++seed) {
            hypervolumes.push_back(
                run_strategy(name, variation, with_seed(seed), linear, evaluations).front.hypervolume(reference));
        }
        std::ranges::nth_element(hypervolumes, hypervolumes.begin() + 3);
        return hypervolumes[3];
    };
    CHECK(median("guided", 1'000) > median("nsga2", 5'000));
}

TEST_CASE("reference directions spread four objectives over the front of DTLZ2") {
    // DTLZ2 (Deb, Thiele, Laumanns, Zitzler 2005) with 3 position and 5 distance variables on a grid. On the front the
    // squares of the objectives sum to 1.
    constexpr int steps = 20;
    const GridVariation variation(8, steps + 1);
    const auto dtlz2 = [](const Genome& genome) {
        const auto value = [&](std::size_t k) { return static_cast<double>(genome.genes[k]) / steps; };
        double g = 0;
        for (std::size_t k = 3; k < 8; ++k) {
            g += (value(k) - 0.5) * (value(k) - 0.5);
        }
        const double quarter = 1.5707963267948966;
        Outcome result{true, 0, {}};
        for (std::size_t k = 0; k < 4; ++k) {
            double product = 1 + g;
            for (std::size_t j = 0; j + k < 3; ++j) {
                product *= std::cos(value(j) * quarter);
            }
            result.objectives[k] = k == 0 ? product : product * std::sin(value(3 - k) * quarter);
        }
        return result;
    };
    StrategyOptions options = with_seed(1, 120);
    options.objectives = 4;
    const auto strategy = make_strategy("nsga2", variation, options);
    std::vector<Outcome> last;
    for (int generation = 0; generation < 80; ++generation) {
        last.clear();
        for (const Genome& genome : strategy->ask(1'000)) {
            last.push_back(dtlz2(genome));
        }
        strategy->tell(last);
    }
    // Children of a population that lies on the front lie near it, and in every corner of it.
    std::array<double, 4> largest{};
    double radius = 0;
    for (const Outcome& child : last) {
        double squares = 0;
        for (std::size_t k = 0; k < 4; ++k) {
            squares += child.objectives[k] * child.objectives[k];
            largest[k] = std::max(largest[k], child.objectives[k]);
        }
        radius += std::sqrt(squares) / static_cast<double>(last.size());
    }
    CHECK(radius < 1.1);
    for (const double value : largest) {
        CHECK(value > 0.9);
    }
}
