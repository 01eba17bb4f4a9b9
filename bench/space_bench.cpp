// SPDX-License-Identifier: Apache-2.0
// What a candidate of configs/squeezenet_space.yaml costs on one core: decoding alone, the whole path that a search
// takes with every candidate (decode, canonical hash and order, lower, analytical cost), and the variation operators.
// `baseline` is SqueezeNet; `population` walks over 1,000 mutants of it.
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "cost_models/analytical/analytical_plugin.hpp"
#include "engine/arch/canonical_hash.hpp"
#include "engine/plugin/registry.hpp"
#include "engine/secure/lowering.hpp"
#include "search/space/space.hpp"

namespace {

using namespace sotto;
using search::Genome;
using search::Space;

const Space& squeezenet_space() {
    static const Space space = Space::load_file(SOTTO_SOURCE_DIRECTORY "/configs/squeezenet_space.yaml");
    return space;
}

enum class Candidates : int { baseline = 0, population = 1 };

std::vector<Genome> genomes_of(Candidates which) {
    const Space& space = squeezenet_space();
    std::vector<Genome> genomes{space.baseline().value()};
    for (std::uint32_t i = 0; which == Candidates::population && i < 1000; ++i) {
        random::Stream stream(1, 0, i, random::Purpose::mutation);
        genomes.push_back(space.mutate(genomes[i / 4], stream));
    }
    return genomes;
}

Candidates candidates_of(const benchmark::State& state) {
    return static_cast<Candidates>(state.range(0));
}

void decode(benchmark::State& state) {
    const std::vector<Genome> genomes = genomes_of(candidates_of(state));
    Space::Decoder decoder(squeezenet_space());
    search::Rejection rejection;
    std::size_t at = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(decoder.decode(genomes[at], rejection));
        at = at + 1 == genomes.size() ? 0 : at + 1;
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(decode)->Arg(0)->Arg(1)->ArgName("population");

void decode_hash_lower(benchmark::State& state) {
    const std::vector<Genome> genomes = genomes_of(candidates_of(state));
    Space::Decoder decoder(squeezenet_space());
    search::Rejection rejection;
    secure::Lowering lowering;
    secure::SecureProgram program;
    std::vector<arch::LayerIndex> order;
    std::size_t at = 0;
    for (auto _ : state) {
        const arch::Network* const network = decoder.decode(genomes[at], rejection);
        benchmark::DoNotOptimize(arch::canonical_form(*network, order));
        benchmark::DoNotOptimize(lowering.lower(*network, order, program));
        at = at + 1 == genomes.size() ? 0 : at + 1;
    }
    state.SetItemsProcessed(state.iterations());
}
BENCHMARK(decode_hash_lower)->Arg(0)->Arg(1)->ArgName("population");

void candidate_path(benchmark::State& state) {
    constexpr std::size_t batch = 64;
    const std::vector<Genome> genomes = genomes_of(candidates_of(state));
    plugin::Registry registry({});
    registry.add_built_in(analytical::analytical_plugin_entry(), "analytical");
    const auto model = registry.create(plugin::Kind::cost_model, "analytical", {});
    Space::Decoder decoder(squeezenet_space());
    search::Rejection rejection;
    secure::Lowering lowering;
    std::vector<arch::LayerIndex> order;
    std::vector<secure::SecureProgram> programs(batch);
    std::vector<plugin::CandidateView> views(batch);
    std::vector<const plugin::CandidateView*> pointers;
    pointers.reserve(batch);
    for (const plugin::CandidateView& view : views) {
        pointers.push_back(&view);
    }
    std::vector<plugin::Score> scores(batch);
    std::size_t at = 0;
    for (auto _ : state) {
        for (std::size_t i = 0; i < batch; ++i) {
            const arch::Network* const network = decoder.decode(genomes[at], rejection);
            benchmark::DoNotOptimize(arch::canonical_form(*network, order));
            benchmark::DoNotOptimize(lowering.lower(*network, order, programs[i]));
            views[i].set(i, nullptr, &programs[i]);
            at = at + 1 == genomes.size() ? 0 : at + 1;
        }
        model->evaluate(pointers, scores);
        benchmark::ClobberMemory();
    }
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(batch));
    state.counters["us_per_candidate"] =
        benchmark::Counter(static_cast<double>(state.iterations()) * static_cast<double>(batch) * 1e-6,
                           benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(candidate_path)->Arg(0)->Arg(1)->ArgName("population");

void sample(benchmark::State& state) {
    std::uint32_t index = 0;
    for (auto _ : state) {
        random::Stream stream(1, 0, index++, random::Purpose::random_sample);
        benchmark::DoNotOptimize(squeezenet_space().sample(stream));
    }
}
BENCHMARK(sample);

void mutate(benchmark::State& state) {
    const Genome parent = squeezenet_space().baseline().value();
    std::uint32_t index = 0;
    for (auto _ : state) {
        random::Stream stream(1, 0, index++, random::Purpose::mutation);
        benchmark::DoNotOptimize(squeezenet_space().mutate(parent, stream));
    }
}
BENCHMARK(mutate);

void crossover(benchmark::State& state) {
    const std::vector<Genome> genomes = genomes_of(Candidates::population);
    std::uint32_t index = 0;
    for (auto _ : state) {
        random::Stream stream(1, 0, index, random::Purpose::crossover);
        benchmark::DoNotOptimize(
            squeezenet_space().crossover(genomes[index % 1000], genomes[(index + 500) % 1000], stream));
        ++index;
    }
}
BENCHMARK(crossover);

void load(benchmark::State& state) {
    for (auto _ : state) {
        benchmark::DoNotOptimize(Space::load_file(SOTTO_SOURCE_DIRECTORY "/configs/squeezenet_space.yaml"));
    }
}
BENCHMARK(load)->Unit(benchmark::kMillisecond);

}  // namespace
