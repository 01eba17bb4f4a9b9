// SPDX-License-Identifier: Apache-2.0
// What a candidate of configs/squeezenet_space.yaml costs with the analytical model in this process and in a process of
// its own, in batches of 128 and one by one. Decoding and lowering are not counted.
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>

#include "cost_models/analytical/analytical_plugin.hpp"
#include "engine/plugin/registry.hpp"
#include "engine/secure/lowering.hpp"
#include "search/space/space.hpp"

namespace {

using namespace sotto;

constexpr std::size_t candidate_count = 128;

struct Candidates {
    Candidates() {
        const search::Space space = search::Space::load_file(SOTTO_SOURCE_DIRECTORY "/configs/squeezenet_space.yaml");
        search::Space::Decoder decoder(space);
        secure::Lowering lowering("athos-cheetah");
        search::Genome genome = space.baseline().value();
        for (std::uint32_t i = 0; pointers.size() < candidate_count; ++i) {
            random::Stream stream(1, 0, i, random::Purpose::mutation);
            search::Rejection rejection;
            const arch::Network* network = decoder.decode(genome, rejection);
            secure::SecureProgram program;
            if (network != nullptr && !lowering.lower(*network, program)) {
                views.push_back(std::make_unique<plugin::CandidateView>());
                views.back()->set(i, network, &program);
                pointers.push_back(views.back().get());
            }
            genome = space.mutate(genome, stream);
        }
    }
    std::vector<std::unique_ptr<plugin::CandidateView>> views;
    std::vector<const plugin::CandidateView*> pointers;
};

// range(0): candidates in a call; range(1): 1 where isolated.
void score(benchmark::State& state) {
    plugin::HostServices services;
    services.plugin_host = SOTTO_BINARY_DIRECTORY "/bin/sotto-plugin-host";
    plugin::Registry registry(services);
    registry.add_built_in(analytical::analytical_plugin_entry(), "analytical");
    plugin::Isolation isolation;
    isolation.mode = state.range(1) != 0 ? plugin::Isolation::Mode::process : plugin::Isolation::Mode::none;
    const auto instance = registry.create(plugin::Kind::cost_model, "analytical", {}, isolation);
    const Candidates candidates;
    std::vector<plugin::Score> scores(candidate_count);
    const auto batch = static_cast<std::size_t>(state.range(0));
    for (auto _ : state) {
        for (std::size_t begin = 0; begin < candidate_count; begin += batch) {
            instance->evaluate(std::span(candidates.pointers).subspan(begin, batch),
                               std::span(scores).subspan(begin, batch));
        }
    }
    const double total = static_cast<double>(state.iterations()) * candidate_count;
    state.SetItemsProcessed(static_cast<std::int64_t>(total));
    state.counters["us_per_candidate"] =
        benchmark::Counter(total * 1e-6, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}
BENCHMARK(score)->ArgNames({"batch", "isolated"})->ArgsProduct({{128, 1}, {0, 1}})->UseRealTime();

}  // namespace
