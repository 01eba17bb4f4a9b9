// SPDX-License-Identifier: Apache-2.0
// What a candidate of configs/squeezenet_space.yaml costs on its way through the evaluation pipeline with the
// analytical model (decode, hash, look-up, counts, lower, cost), and what storing it adds.
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "cost_models/analytical/analytical_plugin.hpp"
#include "engine/evaluate/pipeline.hpp"
#include "engine/plugin/registry.hpp"
#include "engine/run/store.hpp"
#include "search/space/space.hpp"

namespace {

using namespace sotto;
using search::Genome;
using search::Space;

constexpr std::size_t generation_size = 1000;

const Space& squeezenet_space() {
    static const Space space = Space::load_file(SOTTO_SOURCE_DIRECTORY "/configs/squeezenet_space.yaml");
    return space;
}

std::vector<Genome> genomes(std::uint32_t generation) {
    std::vector<Genome> list;
    for (std::uint32_t i = 0; i < generation_size; ++i) {
        random::Stream stream(1, generation, i, random::Purpose::mutation);
        list.push_back(squeezenet_space().mutate(i == 0 ? squeezenet_space().baseline().value() : list[i / 4], stream));
    }
    return list;
}

// A pipeline with the analytical model, and the decoders of its slots.
struct Evaluator {
    explicit Evaluator(std::size_t threads) {
        registry.add_built_in(analytical::analytical_plugin_entry(), "analytical");
        evaluate::PipelineOptions options;
        options.stages.push_back({plugin::Kind::cost_model, "analytical", {}, {}});
        options.threads = threads;
        options.cache_capacity = 0;
        pipeline.emplace(registry, options);
        for (std::size_t slot = 0; slot < pipeline->slots(); ++slot) {
            decoders.emplace_back(squeezenet_space());
        }
    }

    evaluate::Batch evaluate(const std::vector<Genome>& list) {
        return pipeline->evaluate(list.size(), [&](std::size_t index, std::size_t slot, std::string& reason) {
            search::Rejection rejection;
            const arch::Network* network = decoders[slot].decode(list[index], rejection);
            reason = std::move(rejection.reason);
            return network;
        });
    }

    plugin::Registry registry{plugin::HostServices{}};
    std::optional<evaluate::Pipeline> pipeline;
    std::vector<Space::Decoder> decoders;
};

void set_rate(benchmark::State& state, std::size_t candidates) {
    const double total = static_cast<double>(state.iterations()) * static_cast<double>(candidates);
    state.SetItemsProcessed(static_cast<std::int64_t>(total));
    state.counters["us_per_candidate"] =
        benchmark::Counter(total * 1e-6, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void evaluate_generation(benchmark::State& state) {
    const std::vector<Genome> list = genomes(0);
    Evaluator evaluator(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        benchmark::DoNotOptimize(evaluator.evaluate(list));
    }
    set_rate(state, list.size());
}
BENCHMARK(evaluate_generation)->Arg(1)->Arg(2)->ArgName("threads")->Unit(benchmark::kMillisecond)->UseRealTime();

void store_generation(benchmark::State& state) {
    const std::vector<Genome> list = genomes(0);
    Evaluator evaluator(1);
    const evaluate::Batch batch = evaluator.evaluate(list);
    std::vector<run::StoredMetric> metrics;
    for (const plugin::Metric& metric : evaluator.pipeline->metrics()) {
        metrics.push_back({metric.name, metric.unit});
    }
    std::vector<std::string> texts;
    texts.reserve(list.size());
    for (const Genome& genome : list) {
        texts.push_back(squeezenet_space().to_text(genome));
    }
    std::string scratch = (std::filesystem::temp_directory_path() / "sotto-bench-XXXXXX").string();
    const std::filesystem::path directory = ::mkdtemp(scratch.data());
    {
        run::Store store = run::Store::create(directory / "run.db", {}, metrics);
        std::uint64_t id = 0;
        std::uint32_t generation = 0;
        for (auto _ : state) {
            for (std::size_t i = 0; i < list.size(); ++i) {
                evaluate::Evaluation evaluation = batch.evaluations[i];
                evaluation.hash.high += id;  // as if every generation brought new networks
                store.append({++id, generation, static_cast<std::uint32_t>(i), texts[i], evaluation.hash, "child", {}},
                             &evaluation);
            }
            store.finish_generation({.generation = generation++, .evaluations = id, .distinct = id, .front_size = 1});
        }
    }
    std::filesystem::remove_all(directory);
    set_rate(state, list.size());
}
BENCHMARK(store_generation)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
