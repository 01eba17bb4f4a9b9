// SPDX-License-Identifier: Apache-2.0
// What the border between host and plug-in costs: the same model, called directly and through the ABI, in batches of
// 128 programs of one operation each, so that the model itself takes next to nothing. The difference of the two times,
// a candidate, is the overhead.
#include <array>
#include <cstdint>
#include <vector>

#include <benchmark/benchmark.h>

#include "sotto/plugin.hpp"

#include "engine/plugin/registry.hpp"

namespace {

using namespace sotto;

constexpr std::size_t batch = 128;
constexpr double operation_ms = 0.25;
constexpr double element_ms = 0.0009;

double price(std::int64_t elements) {
    return operation_ms + element_ms * static_cast<double>(elements);
}

class Linear final : public sdk::AdditiveCostModel {
  public:
    static sdk::Declaration declare() {
        sdk::Declaration declaration;
        declaration.id = "linear";
        declaration.version = "1";
        declaration.description = "a constant an operation and a price an element";
        declaration.metrics = {{"latency.total_ms", "ms", "all of it", SOTTO_DIRECTION_MINIMIZE,
                                SOTTO_METRIC_NON_NEGATIVE | SOTTO_METRIC_SUM}};
        declaration.thread_level = SOTTO_THREADS_SHARED;
        return declaration;
    }
    Linear(const sdk::Arguments& /*arguments*/, const sdk::Host& /*host*/) {}
    void price(const sotto_operation& operation, sdk::Values metrics) override {
        metrics[0] = ::price(operation.elements);
    }
};

std::vector<secure::SecureProgram> programs(std::size_t operations) {
    std::vector<secure::SecureProgram> made(batch);
    for (std::size_t i = 0; i < batch; ++i) {
        made[i].operations.resize(operations);
        for (std::size_t k = 0; k < operations; ++k) {
            made[i].operations[k].elements = static_cast<std::int64_t>(i * 1000 + k + 1);
        }
    }
    return made;
}

void direct(benchmark::State& state) {
    const auto candidates = programs(static_cast<std::size_t>(state.range(0)));
    std::array<double, batch> totals{};
    for (auto _ : state) {
        for (std::size_t i = 0; i < batch; ++i) {
            double total = 0;
            for (const secure::Operation& operation : candidates[i].operations) {
                total += price(operation.elements);
            }
            totals[i] = total;
        }
        benchmark::DoNotOptimize(totals);
        benchmark::ClobberMemory();
    }
    state.counters["candidate"] =
        benchmark::Counter(batch, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

// `with_views`: making the flat view of each candidate counts too.
void through_abi(benchmark::State& state, bool with_views) {
    const auto candidates = programs(static_cast<std::size_t>(state.range(0)));
    plugin::Registry registry({});
    registry.add_built_in(sdk::detail::Library<Linear>::entry, "linear");
    const auto instance = registry.create(plugin::Kind::cost_model, "linear", {});
    std::array<plugin::CandidateView, batch> views;
    std::array<const plugin::CandidateView*, batch> pointers{};
    std::vector<plugin::Score> scores(batch);
    for (std::size_t i = 0; i < batch; ++i) {
        views[i].set(i, nullptr, &candidates[i]);
        pointers[i] = &views[i];
    }
    for (auto _ : state) {
        for (std::size_t i = 0; with_views && i < batch; ++i) {
            views[i].set(i, nullptr, &candidates[i]);
        }
        instance->evaluate(pointers, scores);
        benchmark::DoNotOptimize(scores.data());
        benchmark::ClobberMemory();
    }
    state.counters["candidate"] =
        benchmark::Counter(batch, benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

BENCHMARK(direct)->Arg(1)->Arg(56);
BENCHMARK_CAPTURE(through_abi, call, false)->Arg(1)->Arg(56);
BENCHMARK_CAPTURE(through_abi, view_and_call, true)->Arg(1)->Arg(56);

}  // namespace
