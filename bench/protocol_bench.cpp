// SPDX-License-Identifier: Apache-2.0
// The cost model `protocol` on the reference networks: one candidate and a batch of them through the host, a child that
// shares most of its program with its parent, making an instance. items_per_second counts candidates; `allocations` are
// those of one candidate. Argument: 0 SqueezeNet, 1 ResNet-50, 2 DenseNet-121.
#include <atomic>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "cost_models/protocol/predictor.hpp"
#include "cost_models/protocol/protocol_plugin.hpp"
#include "cost_models/protocol/shipped_models.hpp"
#include "engine/arch/network_yaml.hpp"
#include "engine/plugin/registry.hpp"
#include "engine/secure/lowering.hpp"

namespace {

std::atomic<std::int64_t> allocations{0};

}  // namespace

[[gnu::noinline]] void* operator new(std::size_t size) {
    allocations.fetch_add(1, std::memory_order_relaxed);
    if (void* memory = std::malloc(size == 0 ? 1 : size)) {
        return memory;
    }
    throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
    std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept {
    std::free(memory);
}

namespace {

using namespace sotto;

secure::SecureProgram program_of(std::int64_t which) {
    static constexpr const char* names[] = {"squeezenet.yaml", "resnet50.yaml", "densenet121.yaml"};
    const arch::Network network =
        arch::read_network_file(std::string(SOTTO_SOURCE_DIRECTORY "/configs/networks/") + names[which]);
    secure::SecureProgram program;
    if (secure::Lowering().lower(network, program)) {
        std::abort();
    }
    return program;
}

struct Batch {
    Batch(std::int64_t which, std::size_t size) : program(program_of(which)), views(size), scores(size) {
        registry.add_built_in(protocol::protocol_plugin_entry(), "protocol");
        instance = registry.create(plugin::Kind::cost_model, "protocol", {});
        for (plugin::CandidateView& view : views) {
            view.set(1, nullptr, &program);
            pointers.push_back(&view);
        }
    }

    plugin::Registry registry{{}};
    secure::SecureProgram program;
    std::unique_ptr<plugin::Instance> instance;
    std::vector<plugin::CandidateView> views;
    std::vector<const plugin::CandidateView*> pointers;
    std::vector<plugin::Score> scores;
};

void evaluate(benchmark::State& state, std::size_t size) {
    Batch batch(state.range(0), size);
    batch.instance->evaluate(batch.pointers, batch.scores);
    const std::int64_t before = allocations;
    for (auto _ : state) {
        batch.instance->evaluate(batch.pointers, batch.scores);
        benchmark::ClobberMemory();
    }
    const auto candidates = static_cast<double>(state.iterations() * static_cast<std::int64_t>(size));
    state.counters["allocations"] = static_cast<double>(allocations - before) / candidates;
    state.counters["operations"] = static_cast<double>(batch.program.operations.size());
    state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(size));
}

void evaluate_one(benchmark::State& state) {
    evaluate(state, 1);
}
BENCHMARK(evaluate_one)->DenseRange(0, 2);

void evaluate_128(benchmark::State& state) {
    evaluate(state, 128);
}
BENCHMARK(evaluate_128)->DenseRange(0, 2);

// Through the predictor alone, without the host.
void predict(benchmark::State& state) {
    const model_file::OpenedModel opened = model_file::open_model("protocol", {}, protocol::shipped_models());
    const protocol::Predictor predictor(protocol::read_coefficients(opened.model, opened.name),
                                        protocol::engine_of(opened.model.engine, opened.model.setting, opened.name),
                                        protocol::LinkTimes::of(opened.model.bandwidth_mbps, opened.model.rtt_ms));
    const secure::SecureProgram program = program_of(state.range(0));
    plugin::CandidateView view;
    view.set(1, nullptr, &program);
    const sotto_program& flat = *view.view().program;
    for (auto _ : state) {
        protocol::Predictor::Position position = predictor.start();
        for (std::uint32_t i = 0; i < flat.operation_count; ++i) {
            const sotto_operation* const next =
                i + 1 < flat.operation_count ? sotto_operation_at(&flat, i + 1) : nullptr;
            predictor.advance(position, *sotto_operation_at(&flat, i), next, i);
        }
        benchmark::DoNotOptimize(predictor.total_ms(position));
    }
}
BENCHMARK(predict)->DenseRange(0, 2);

void create_instance(benchmark::State& state) {
    plugin::Registry registry({});
    registry.add_built_in(protocol::protocol_plugin_entry(), "protocol");
    for (auto _ : state) {
        benchmark::DoNotOptimize(registry.create(plugin::Kind::cost_model, "protocol", {}));
    }
}
BENCHMARK(create_instance);

}  // namespace
