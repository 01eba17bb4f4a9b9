// SPDX-License-Identifier: Apache-2.0
// What a search pays for each candidate before any cost model sees it.
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "engine/arch/canonical_hash.hpp"
#include "engine/arch/network_builder.hpp"
#include "engine/arch/network_yaml.hpp"
#include "engine/secure/lowering.hpp"

namespace {

using namespace sotto;

arch::Network reference(const std::string& name) {
    return arch::read_network_file(std::string(SOTTO_SOURCE_DIRECTORY) + "/configs/networks/" + name + ".yaml");
}

// Two equal branches a block: the layers of each pair can only be told apart one pair at a time.
arch::Network twin_branches(int blocks) {
    arch::NetworkBuilder builder;
    builder.reset("twins");
    arch::LayerIndex last = builder.add_input("input", {16, 32, 32});
    const arch::Window window{3, 3, 1, 1, 1, 1, 1, 1};
    for (int i = 0; i < blocks; ++i) {
        const std::string block = "block" + std::to_string(i);
        arch::LayerIndex branches[2];
        for (int k = 0; k < 2; ++k) {
            const std::string name = block + (k == 0 ? "/left" : "/right");
            const arch::LayerIndex conv = builder.add_convolution(name, last, 16, window);
            branches[k] = builder.add_activation(name + "_relu", conv, arch::Activation::relu);
        }
        last = builder.add_add(block + "/sum", branches);
    }
    return builder.finish(last);
}

void canonical_form(benchmark::State& state, const arch::Network& network) {
    std::vector<arch::LayerIndex> order;
    for (auto _ : state) {
        benchmark::DoNotOptimize(arch::canonical_form(network, order));
    }
    state.counters["layers"] = static_cast<double>(network.size());
}

void lowering(benchmark::State& state, const arch::Network& network) {
    const std::vector<arch::LayerIndex> order = arch::canonical_order(network);
    secure::Lowering lowering;
    secure::SecureProgram program;
    for (auto _ : state) {
        benchmark::DoNotOptimize(lowering.lower(network, order, program));
    }
    state.counters["operations"] = static_cast<double>(program.operations.size());
}

// The same layers again through a builder, as a decoder does it.
void rebuild(benchmark::State& state, const arch::Network& network) {
    arch::NetworkBuilder builder;
    arch::Network copy;
    for (auto _ : state) {
        builder.reset(network.name());
        for (arch::LayerIndex index = 0; index < network.size(); ++index) {
            const arch::Layer& layer = network.layer(index);
            const auto operands = network.operands(index);
            const std::string_view name = network.layer_name(index);
            switch (layer.kind) {
                case arch::LayerKind::input:
                    builder.add_input(name, layer.output);
                    break;
                case arch::LayerKind::convolution:
                    builder.add_convolution(name, operands[0], layer.output.channels, layer.window);
                    break;
                case arch::LayerKind::activation:
                    builder.add_activation(name, operands[0], layer.activation);
                    break;
                case arch::LayerKind::concat:
                    builder.add_concat(name, operands);
                    break;
                case arch::LayerKind::max_pool:
                    builder.add_pool(name, operands[0], layer.kind, layer.window);
                    break;
                default:
                    builder.add_global_pool(name, operands[0], layer.kind);
                    break;
            }
        }
        builder.finish_into(copy, network.output());
    }
}

BENCHMARK_CAPTURE(canonical_form, squeezenet, reference("squeezenet"));
BENCHMARK_CAPTURE(canonical_form, densenet121, reference("densenet121"));
BENCHMARK_CAPTURE(canonical_form, twin_branches, twin_branches(8));
BENCHMARK_CAPTURE(lowering, squeezenet, reference("squeezenet"));
BENCHMARK_CAPTURE(lowering, densenet121, reference("densenet121"));
BENCHMARK_CAPTURE(rebuild, squeezenet, reference("squeezenet"));

}  // namespace
