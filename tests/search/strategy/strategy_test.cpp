// SPDX-License-Identifier: Apache-2.0
#include "search/strategy/strategy.hpp"

#include <atomic>
#include <cmath>
#include <functional>
#include <limits>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "search/strategy/insight.hpp"
#include "tests/search/strategy/grid_variation.hpp"
#include "tests/search/strategy/problems.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::search;
using namespace sotto::search::test;

namespace {

StrategyOptions small(std::size_t population = 20, std::uint64_t seed = 7) {
    StrategyOptions options;
    options.population = population;
    options.seed = seed;
    return options;
}

/// Refuses to sample and to vary with given probabilities.
class Refusing final : public GridVariation {
  public:
    Refusing(double sample_refusal, double variation_refusal)
        : GridVariation(8, 10), sample_refusal_(sample_refusal), variation_refusal_(variation_refusal) {}

    Genome sample(random::Stream& stream) const override {
        refuse(sample_refusal_, stream);
        return GridVariation::sample(stream);
    }
    Genome mutate(const Genome& parent, random::Stream& stream) const override {
        refuse(variation_refusal_, stream);
        return GridVariation::mutate(parent, stream);
    }
    Genome crossover(const Genome& first, const Genome& second, random::Stream& stream) const override {
        refuse(variation_refusal_, stream);
        return GridVariation::crossover(first, second, stream);
    }

    void set_sample_refusal(double probability) { sample_refusal_ = probability; }

  private:
    static void refuse(double probability, random::Stream& stream) {
        if (stream.chance(probability)) {
            throw NoValidGenome("the window is larger than its input");
        }
    }

    double sample_refusal_;
    double variation_refusal_;
};

/// Genomes of a family (gene 0) and a number; children stay in the family of their first parent.
class Families final : public Variation {
  public:
    explicit Families(std::uint64_t families) : families_(families) {}

    std::vector<std::uint32_t> levels() const override { return {static_cast<std::uint32_t>(families_), 30'000}; }

    Genome sample(random::Stream& stream) const override {
        return {{static_cast<Gene>(stream.below(families_)), number(stream)}};
    }
    Genome mutate(const Genome& parent, random::Stream& stream) const override {
        return {{parent.genes[0], number(stream)}};
    }
    Genome crossover(const Genome& first, const Genome&, random::Stream& stream) const override {
        return mutate(first, stream);
    }
    std::vector<Change> changes(const Genome& parent) const override {
        return {{Change::Kind::set_gene, 1, (parent.genes[1] + 1) % 30'000}};
    }
    std::optional<Genome> apply(const Genome& parent, const Change& change, random::Stream&) const override {
        return Genome{{parent.genes[0], static_cast<Gene>(change.value)}};
    }

  private:
    static Gene number(random::Stream& stream) { return static_cast<Gene>(stream.below(30'000)); }

    std::uint64_t families_;
};

/// Knows of a genome the sum of its genes, and takes each for an operation.
class CountedGenes final : public Insight {
  public:
    std::size_t feature_count() const override { return 1; }
    bool describe(const Genome& genome, Description& description) override {
        ++described_;
        description = {};
        description.features = {0};
        for (const Gene gene : genome.genes) {
            description.features[0] += gene;
            description.workload.relu_elements += gene;
            description.operations.push_back(static_cast<std::uint64_t>(gene));
        }
        description.network = GenomeHash{}(genome);
        return true;
    }
    void operation_costs(const Genome& genome, std::vector<double>& costs) override {
        costs.assign(genome.genes.begin(), genome.genes.end());
    }

    std::size_t described() const { return described_; }

  private:
    std::atomic<std::size_t> described_{0};
};

std::vector<Outcome> some_outcomes(std::size_t count) {
    std::vector<Outcome> outcomes;
    for (std::size_t i = 0; i < count; ++i) {
        outcomes.push_back(outcome(static_cast<double>(i), -static_cast<double>(i)));
    }
    return outcomes;
}

}  // namespace

TEST_CASE("strategies are made by name, and an unknown name is answered with the known ones") {
    const GridVariation variation(4, 4);
    for (const std::string_view name : strategy_names()) {
        CHECK(make_strategy(name, variation, small())->name() == name);
    }
    CHECK(std::vector<std::string_view>(strategy_names().begin(), strategy_names().end()) ==
          std::vector<std::string_view>{"nsga2", "ageing", "local", "guided", "random"});
    try {
        make_strategy("nsga3", variation, small());
        FAIL("made a strategy of an unknown name");
    } catch (const std::invalid_argument& error) {
        const std::string text = error.what();
        CHECK(text.find("nsga3") != std::string::npos);
        CHECK(text.find("nsga2") != std::string::npos);
        CHECK(text.find("random") != std::string::npos);
    }
}

TEST_CASE("options out of range are refused") {
    const GridVariation variation(4, 4);
    const auto refused = [&](auto change) {
        StrategyOptions options = small();
        change(options);
        CHECK_THROWS_AS(make_strategy("nsga2", variation, options), std::invalid_argument);
        CHECK_THROWS_AS(make_strategy("random", variation, options), std::invalid_argument);
    };
    refused([](StrategyOptions& options) { options.objectives = 0; });
    refused([](StrategyOptions& options) { options.objectives = maximum_objectives + 1; });
    refused([](StrategyOptions& options) { options.population = 0; });
    refused([](StrategyOptions& options) { options.crossover_probability = 1.01; });
    refused([](StrategyOptions& options) { options.crossover_probability = NAN; });
    refused([](StrategyOptions& options) { options.mutation_probability = -0.01; });
}

TEST_CASE("ask and tell keep their order") {
    const GridVariation variation(8, 10);
    for (const std::string_view name : strategy_names()) {
        INFO(name);
        const auto strategy = make_strategy(name, variation, small());
        CHECK(strategy->generation() == 0);
        CHECK_THROWS_AS(strategy->tell({}), std::logic_error);
        CHECK_THROWS_AS(strategy->ask(0), std::invalid_argument);
        CHECK(strategy->ask(1000).size() == 20);
        CHECK_THROWS_AS(strategy->ask(1000), std::logic_error);
        CHECK_THROWS_AS(strategy->tell(some_outcomes(19)), std::logic_error);
        CHECK(strategy->generation() == 0);
        strategy->tell(some_outcomes(20));
        CHECK(strategy->generation() == 1);
        CHECK_THROWS_AS(strategy->tell(some_outcomes(20)), std::logic_error);
        const std::size_t next = strategy->ask(5).size();
        CHECK(next >= 1);
        CHECK(next <= 5);
        strategy->tell(some_outcomes(next));
        CHECK(strategy->generation() == 2);
    }
}

TEST_CASE("what is told is checked, and can be told again") {
    const GridVariation variation(8, 10);
    for (const std::string_view name : strategy_names()) {
        INFO(name);
        const auto strategy = make_strategy(name, variation, small(3));
        strategy->ask(3);
        const auto refused = [&](const Outcome& wrong) {
            std::vector<Outcome> outcomes = some_outcomes(3);
            outcomes[1] = wrong;
            CHECK_THROWS_AS(strategy->tell(outcomes), std::invalid_argument);
        };
        refused(outcome(NAN, 0));
        refused(outcome(0, INFINITY));
        refused(outcome(0, 0, -1));
        refused(outcome(0, 0, NAN));
        refused(outcome(0, 0, INFINITY));
        // Not read: objectives of a violating one, anything of one without a score, objectives beyond the second.
        std::vector<Outcome> outcomes{outcome(NAN, NAN, 0.5), Outcome{false, NAN, {NAN, NAN}}, outcome(0, 0)};
        outcomes[2].objectives[2] = NAN;
        strategy->tell(outcomes);
        CHECK(strategy->generation() == 1);
        CHECK_FALSE(strategy->ask(3).empty());
    }
}

TEST_CASE("the view of an ask survives its tell") {
    const GridVariation variation(8, 10);
    const auto strategy = make_strategy("nsga2", variation, small());
    for (int generation = 0; generation < 3; ++generation) {
        const auto asked = strategy->ask(20);
        const std::vector<Genome> copy(asked.begin(), asked.end());
        strategy->tell(some_outcomes(20));
        CHECK(std::vector<Genome>(asked.begin(), asked.end()) == copy);
    }
}

TEST_CASE("runs depend on the seed alone") {
    const GridVariation variation(12, 101);
    for (const std::string_view name : strategy_names()) {
        INFO(name);
        const auto asked = [&](std::uint64_t seed) {
            const auto strategy = make_strategy(name, variation, small(50, seed));
            return run(*strategy, zdt1(100), 1000).asked;
        };
        CHECK(asked(1) == asked(1));
        CHECK(asked(1) != asked(2));
        CHECK(asked(1) != asked(std::uint64_t{1} << 40U));
    }
}

TEST_CASE("threads that a strategy may use change nothing") {
    const GridVariation variation(12, 101);
    for (const std::string_view name : strategy_names()) {
        INFO(name);
        CountedGenes insight;
        StrategyOptions options = small(40);
        options.insight = &insight;
        const auto alone = make_strategy(name, variation, options);
        const Run expected = run(*alone, zdt1(100), 400);
        options.parallel_for = [](std::size_t count, const std::function<void(std::size_t)>& body) {
            std::vector<std::thread> threads;
            for (std::size_t t = 0; t < 3; ++t) {
                threads.emplace_back([&, t] {
                    for (std::size_t k = t; k < count; k += 3) {
                        body(count - 1 - k);
                    }
                });
            }
            for (std::thread& thread : threads) {
                thread.join();
            }
        };
        const auto together = make_strategy(name, variation, options);
        CHECK(run(*together, zdt1(100), 400).asked == expected.asked);
    }
}

TEST_CASE("strategies say whether they use an insight") {
    const GridVariation variation(12, 101);
    for (const std::string_view name : strategy_names()) {
        INFO(name);
        CountedGenes insight;
        StrategyOptions options = small(40);
        options.insight = &insight;
        const auto strategy = make_strategy(name, variation, options);
        run(*strategy, zdt1(100), 200);
        CHECK((insight.described() > 0) == strategy_uses_insight(name));
    }
    CHECK_THROWS_AS(strategy_uses_insight("nsga3"), std::invalid_argument);
}

TEST_CASE("replaying what was told restores a strategy in the middle of a run") {
    const GridVariation variation(12, 101);
    for (const std::string_view name : strategy_names()) {
        INFO(name);
        const auto first = make_strategy(name, variation, small(30));
        const Run before = run(*first, zdt1(100), 400);

        const auto second = make_strategy(name, variation, small(30));
        std::size_t told = 0;
        while (told < before.asked.size()) {
            const auto genomes = second->ask(before.asked.size() - told);
            for (std::size_t i = 0; i < genomes.size(); ++i) {
                REQUIRE(genomes[i] == before.asked[told + i]);
            }
            second->tell(std::span<const Outcome>(before.outcomes).subspan(told, genomes.size()));
            told += genomes.size();
        }
        CHECK(run(*second, zdt1(100), 300).asked == run(*first, zdt1(100), 300).asked);
    }
}

TEST_CASE("a budget is kept to the candidate, whatever its pieces") {
    const GridVariation variation(12, 101);
    for (const std::string_view name : strategy_names()) {
        for (const std::size_t batch : {std::size_t{1}, std::size_t{7}, std::size_t{64}, std::size_t{1000}}) {
            INFO(name << ", " << batch << " at a time");
            const auto strategy = make_strategy(name, variation, small(64));
            const Run seen = run(*strategy, zdt1(100), 301, batch);
            CHECK(seen.asked.size() == 301);
            CHECK_FALSE(seen.repeated);
            CHECK_FALSE(seen.exhausted);
        }
    }
}

TEST_CASE("given genomes come first, in order, each once") {
    const GridVariation variation(3, 50);
    const Genome a{{1, 2, 3}};
    const Genome b{{9, 9, 9}};
    const Genome c{{0, 0, 1}};
    for (const std::string_view name : strategy_names()) {
        INFO(name);
        StrategyOptions options = small(4);
        options.initial = {b, a, b, c};
        const auto strategy = make_strategy(name, variation, options);
        const auto asked = strategy->ask(100);
        REQUIRE(asked.size() == 4);
        CHECK(asked[0] == b);
        CHECK(asked[1] == a);
        CHECK(asked[2] == c);

        const auto narrow = make_strategy(name, variation, options);
        CHECK(narrow->ask(2)[1] == a);
        narrow->tell(some_outcomes(2));
        const auto next = narrow->ask(2);
        REQUIRE_FALSE(next.empty());
        CHECK(next[0] == c);
    }
}

TEST_CASE("a small space is asked to its last genome, then the strategy ends") {
    const GridVariation variation(std::vector<std::int16_t>{3, 4, 5});
    for (const std::string_view name : strategy_names()) {
        for (const std::size_t population : {std::size_t{1}, std::size_t{7}, std::size_t{20}, std::size_t{500}}) {
            INFO(name << ", population " << population);
            const auto strategy = make_strategy(name, variation, small(population));
            const Run seen = run(*strategy, leading_ones_trailing_zeros, 1000);
            CHECK(seen.exhausted);
            CHECK_FALSE(seen.repeated);
            CHECK(seen.asked.size() == 3 * 4 * 5);
            CHECK(strategy->ask(10).empty());
            CHECK_THROWS_AS(strategy->tell({}), std::logic_error);
        }
    }
}

TEST_CASE("parents come from binary tournaments") {
    // The better of two uniform draws out of n ranks lies at n/3 on average, with a deviation of sqrt(1/18) n.
    constexpr std::size_t population = 1'000;
    const Families variation(30'000);
    StrategyOptions options = small(population);
    options.objectives = 1;
    for (std::size_t i = 0; i < population; ++i) {
        options.initial.push_back({{static_cast<Gene>(i), 0}});
    }
    const auto strategy = make_strategy("nsga2", variation, options);
    strategy->ask(population);
    strategy->tell(some_outcomes(population));
    double sum = 0;
    for (const Genome& child : strategy->ask(population)) {
        sum += child.genes[0];
    }
    const double n = static_cast<double>(population);
    CHECK(sum / n == Approx(n / 3).margin(4 * n * std::sqrt(1.0 / 18) / std::sqrt(n)));
}

TEST_CASE("one generation can hold nearly all of a space") {
    // 5,000 genomes: the last hundred take some 20,000 draws, most of them in vain.
    const GridVariation variation(std::vector<std::int16_t>{50, 100});
    for (const std::string_view name : strategy_names()) {
        INFO(name);
        const auto strategy = make_strategy(name, variation, small(5'000));
        CHECK(strategy->ask(5'000).size() >= 4'980);
    }
}

TEST_CASE("a strategy that found nothing can be asked again") {
    Refusing variation(1, 1);
    for (const std::string_view name : strategy_names()) {
        INFO(name);
        variation.set_sample_refusal(1);
        const auto strategy = make_strategy(name, variation, small());
        CHECK_THROWS_AS(strategy->ask(10), NoValidGenome);
        variation.set_sample_refusal(0);
        CHECK(strategy->ask(10).size() == 10);
    }
}

TEST_CASE("a space without a valid genome is an error that says why") {
    const Refusing variation(1, 1);
    for (const std::string_view name : strategy_names()) {
        INFO(name);
        const auto strategy = make_strategy(name, variation, small());
        CHECK_THROWS_AS(strategy->ask(10), NoValidGenome);
        try {
            strategy->ask(10);
        } catch (const NoValidGenome& error) {
            CHECK(error.what() == std::string("the window is larger than its input"));
        }
    }
}

TEST_CASE("a variation that often refuses only slows a strategy down") {
    for (const std::string_view name : strategy_names()) {
        for (const double refusal : {0.5, 1.0}) {
            INFO(name << ", varying refused with probability " << refusal);
            const Refusing variation(0.5, refusal);
            const auto strategy = make_strategy(name, variation, small());
            const Run seen = run(*strategy, leading_ones_trailing_zeros, 500);
            CHECK(seen.asked.size() == 500);
            CHECK_FALSE(seen.repeated);
        }
    }
}

TEST_CASE("three and four objectives run to the end of their budget") {
    const GridVariation variation(6, 30);
    for (const std::size_t objectives : {std::size_t{3}, std::size_t{4}}) {
        StrategyOptions options = small(40);
        options.objectives = objectives;
        const auto strategy = make_strategy("nsga2", variation, options);
        // Each objective is one gene plus a penalty that vanishes where the last two genes are 0.
        const Run seen = run(
            *strategy,
            [&](const Genome& genome) {
                Outcome result{true, 0, {}};
                for (std::size_t k = 0; k < objectives; ++k) {
                    result.objectives[k] = genome.genes[k] + 10.0 * (genome.genes[4] + genome.genes[5]);
                }
                return result;
            },
            3000);
        double best = std::numeric_limits<double>::infinity();
        for (const Outcome& outcome : seen.outcomes) {
            double sum = 0;
            for (std::size_t k = 0; k < objectives; ++k) {
                sum += outcome.objectives[k];
            }
            best = std::min(best, sum);
        }
        CHECK(seen.asked.size() == 3000);
        CHECK(best == 0);
    }
}
