// SPDX-License-Identifier: Apache-2.0
// The analytical cost model on SqueezeNet-like programs of 56 operations: the host's view, the guarded evaluation of a
// batch, both together, and making an instance. items_per_second counts candidates. Argument: batch size.
#include <memory>
#include <vector>

#include <benchmark/benchmark.h>

#include "cost_models/analytical/analytical_plugin.hpp"
#include "engine/plugin/registry.hpp"

namespace {

using namespace sotto;

secure::SecureProgram program_of_56() {
    secure::SecureProgram program;
    for (int i = 0; i < 28; ++i) {
        secure::Operation operation;
        operation.kind = i % 9 == 8 ? secure::OperationKind::max_pool : secure::OperationKind::convolution;
        operation.input = {64, 56, 56};
        operation.output = {64, 56, 56};
        operation.window = {3, 3, 1, 1, 1, 1, 1, 1};
        operation.elements = operation.output.elements();
        program.operations.push_back(operation);
        operation.kind = secure::OperationKind::relu;
        program.operations.push_back(operation);
    }
    return program;
}

std::unique_ptr<plugin::Instance> instance_of(plugin::Registry& registry) {
    registry.add_built_in(analytical::analytical_plugin_entry(), "analytical");
    return registry.create(plugin::Kind::cost_model, "analytical", {});
}

struct Batch {
    explicit Batch(std::size_t size) : program(program_of_56()), views(size), scores(size) {
        for (plugin::CandidateView& view : views) {
            pointers.push_back(&view);
        }
        fill();
    }
    void fill() {
        for (std::size_t i = 0; i < views.size(); ++i) {
            views[i].set(i, nullptr, &program);
        }
    }

    secure::SecureProgram program;
    std::vector<plugin::CandidateView> views;
    std::vector<const plugin::CandidateView*> pointers;
    std::vector<plugin::Score> scores;
};

void count_candidates(benchmark::State& state) {
    state.SetItemsProcessed(state.iterations() * state.range(0));
}

void view_candidate(benchmark::State& state) {
    Batch batch(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        batch.fill();
        benchmark::ClobberMemory();
    }
    count_candidates(state);
}
BENCHMARK(view_candidate)->Arg(64);

void evaluate_empty_programs(benchmark::State& state) {
    plugin::Registry registry({});
    const auto instance = instance_of(registry);
    Batch batch(static_cast<std::size_t>(state.range(0)));
    batch.program.operations.clear();
    batch.fill();
    for (auto _ : state) {
        instance->evaluate(batch.pointers, batch.scores);
        benchmark::ClobberMemory();
    }
    count_candidates(state);
}
BENCHMARK(evaluate_empty_programs)->Arg(1)->Arg(64);

void evaluate_batch(benchmark::State& state) {
    plugin::Registry registry({});
    const auto instance = instance_of(registry);
    Batch batch(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        instance->evaluate(batch.pointers, batch.scores);
        benchmark::ClobberMemory();
    }
    count_candidates(state);
}
BENCHMARK(evaluate_batch)->Arg(1)->Arg(64);

void view_and_evaluate(benchmark::State& state) {
    plugin::Registry registry({});
    const auto instance = instance_of(registry);
    Batch batch(static_cast<std::size_t>(state.range(0)));
    for (auto _ : state) {
        batch.fill();
        instance->evaluate(batch.pointers, batch.scores);
        benchmark::ClobberMemory();
    }
    count_candidates(state);
}
BENCHMARK(view_and_evaluate)->Arg(1)->Arg(64);

void create_instance(benchmark::State& state) {
    plugin::Registry registry({});
    registry.add_built_in(analytical::analytical_plugin_entry(), "analytical");
    for (auto _ : state) {
        benchmark::DoNotOptimize(registry.create(plugin::Kind::cost_model, "analytical", {}));
    }
}
BENCHMARK(create_instance);

}  // namespace
