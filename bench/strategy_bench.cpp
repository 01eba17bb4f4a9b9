// SPDX-License-Identifier: Apache-2.0
// What a strategy adds to a search: ask and tell per candidate, without the evaluation, by the objectives and the
// population. `per_candidate` is processor time of this thread.
//
// All include the Variation, which here is a cheap one on 60 genes of 8 levels; variation_alone breeds as many children
// from a population of the same size, so that the difference to nsga2 is the strategy's own cost. guided has no Insight
// here: proposals and surrogate know the genes alone.
#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <benchmark/benchmark.h>

#include "bench/thread_clock.hpp"
#include "engine/random/random.hpp"
#include "search/strategy/strategy.hpp"

namespace {

using namespace sotto;
using namespace sotto::search;
using Clock = bench::ThreadClock;

constexpr std::size_t gene_count = 60;
constexpr std::size_t settling_generations = 10;

class CheapVariation final : public Variation {
  public:
    std::vector<std::uint32_t> levels() const override { return std::vector<std::uint32_t>(gene_count, 8); }

    Genome sample(random::Stream& stream) const override {
        Genome genome{std::vector<Gene>(gene_count)};
        std::uint64_t bits = 0;
        for (std::size_t k = 0; k < gene_count; ++k) {
            bits = k % 20 == 0 ? stream.bits() : bits >> 3U;
            genome.genes[k] = static_cast<Gene>(bits & 7U);
        }
        return genome;
    }

    Genome mutate(const Genome& parent, random::Stream& stream) const override {
        Genome child = parent;
        const std::uint64_t bits = stream.bits();
        Gene& gene = child.genes[(bits >> 32U) % gene_count];
        gene = static_cast<Gene>((static_cast<std::uint64_t>(gene) + 1 + bits % 7U) & 7U);
        return child;
    }

    Genome crossover(const Genome& first, const Genome& second, random::Stream& stream) const override {
        Genome child = first;
        const std::uint64_t mask = stream.bits();
        for (std::size_t k = 0; k < gene_count; ++k) {
            child.genes[k] = ((mask >> k) & 1U) != 0 ? second.genes[k] : child.genes[k];
        }
        return child;
    }

    std::vector<Change> changes(const Genome& parent) const override {
        std::vector<Change> changes;
        for (std::uint32_t k = 0; k < gene_count; ++k) {
            for (std::int32_t value = 0; value < 8; ++value) {
                if (value != parent.genes[k]) {
                    changes.push_back({Change::Kind::set_gene, k, value});
                }
            }
        }
        return changes;
    }

    std::optional<Genome> apply(const Genome& parent, const Change& change, random::Stream&) const override {
        Genome child = parent;
        child.genes[change.where] = static_cast<Gene>(change.value);
        return child;
    }
};

/// Objectives in conflict, with real coefficients so that few candidates are equal: each wants other values of the
/// genes.
Outcome score(const Genome& genome) {
    Outcome outcome{true, 0, {}};
    for (std::size_t k = 0; k < gene_count; ++k) {
        const double gene = genome.genes[k];
        const double slope = 0.0137 * static_cast<double>(k);
        outcome.objectives[0] += gene * (1 + slope);
        outcome.objectives[1] += (7 - gene) * (7 - gene) * (2 - slope);
        outcome.objectives[2] += (gene - 3) * (gene - 3) * (1 + slope * slope);
        outcome.objectives[3] += k % 2 == 0 ? gene * (1.3 + slope) : (7 - gene) * (1.1 + slope);
    }
    return outcome;
}

void report(benchmark::State& state, std::size_t candidates) {
    state.SetItemsProcessed(static_cast<std::int64_t>(candidates));
    state.counters["per_candidate"] =
        benchmark::Counter(static_cast<double>(candidates), benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void run_strategy(benchmark::State& state, const std::string& name) {
    const CheapVariation variation;
    StrategyOptions options;
    options.objectives = static_cast<std::size_t>(state.range(0));
    options.population = static_cast<std::size_t>(state.range(1));
    const auto strategy = make_strategy(name, variation, options);
    std::vector<Outcome> outcomes;
    std::size_t candidates = 0;
    const auto generation = [&] {
        const auto asking = Clock::now();
        const auto genomes = strategy->ask(options.population);
        const auto asked = Clock::now();
        outcomes.clear();
        for (const Genome& genome : genomes) {
            outcomes.push_back(score(genome));
        }
        const auto telling = Clock::now();
        strategy->tell(outcomes);
        const auto told = Clock::now();
        candidates += genomes.size();
        return std::chrono::duration<double>((asked - asking) + (told - telling)).count();
    };
    for (std::size_t i = 0; i < settling_generations; ++i) {
        generation();
    }
    candidates = 0;
    for ([[maybe_unused]] auto _ : state) {
        state.SetIterationTime(generation());
    }
    report(state, candidates);
}

void variation_alone(benchmark::State& state) {
    const CheapVariation variation;
    const StrategyOptions options;
    const auto population = static_cast<std::size_t>(state.range(0));
    std::vector<Genome> parents;
    std::vector<Genome> children(population);
    for (std::size_t i = 0; i < population; ++i) {
        random::Stream stream(1, 0, static_cast<std::uint32_t>(i), random::Purpose::test);
        parents.push_back(variation.sample(stream));
    }
    std::uint32_t generation = 0;
    std::size_t candidates = 0;
    for ([[maybe_unused]] auto _ : state) {
        ++generation;
        for (std::size_t i = 0; i < population; ++i) {
            random::Stream stream(1, generation, static_cast<std::uint32_t>(i), random::Purpose::test);
            const std::uint64_t bits = stream.bits();
            const Genome& mother = parents[(bits & 0xffffffffU) % population];
            const Genome& father = parents[(bits >> 32U) % population];
            const bool crosses = stream.chance(options.crossover_probability);
            Genome child = crosses ? variation.crossover(mother, father, stream) : variation.mutate(mother, stream);
            if (crosses && stream.chance(options.mutation_probability)) {
                child = variation.mutate(child, stream);
            }
            children[i] = std::move(child);
        }
        benchmark::DoNotOptimize(children.data());
        candidates += population;
    }
    report(state, candidates);
}

BENCHMARK(variation_alone)->Arg(100)->Arg(1'000)->Arg(10'000)->Unit(benchmark::kMicrosecond);

}  // namespace

int main(int count, char** arguments) {
    for (const std::string_view name : strategy_names()) {
        auto* const run = benchmark::RegisterBenchmark(std::string(name).c_str(), run_strategy, std::string(name));
        run->ArgNames({"objectives", "population"})->UseManualTime()->Unit(benchmark::kMicrosecond);
        for (const int objectives : {2, 3, 4}) {
            if (objectives > 2 && name != "nsga2") {
                break;
            }
            for (const int population : {100, 1'000, 10'000}) {
                run->Args({objectives, population});
            }
        }
    }
    benchmark::Initialize(&count, arguments);
    if (benchmark::ReportUnrecognizedArguments(count, arguments)) {
        return 2;
    }
    benchmark::RunSpecifiedBenchmarks();
}
