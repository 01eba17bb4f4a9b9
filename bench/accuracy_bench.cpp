// SPDX-License-Identifier: Apache-2.0
//
// Candidates per second of the accuracy proxies, through the plug-in border. Every iteration is another network of
// SqueezeNet's family (widths within 3 %), as in a search, so that nothing that remembers shapes is flattered.
#include <cstdint>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "tests/plugins/accuracy/flat_network.hpp"
#include "tests/plugins/accuracy/proxy_library.hpp"

namespace {

using namespace sotto::accuracy_test;

/// A proxy that has run once: LibTorch's first matrix product takes most of a second.
Proxy warm(const std::string& id) {
    Proxy proxy = ProxyLibrary::get().create(id);
    FlatNetwork network = squeezenet({.image = 64});
    proxy.evaluate(network.view(), 0);
    return proxy;
}

const Proxy& proxy(const std::string& id) {
    static const Proxy synflow = warm("synflow");
    static const Proxy naswot = warm("naswot");
    static const Proxy combined = warm("combined");
    return id == "synflow" ? synflow : id == "naswot" ? naswot : combined;
}

void evaluate(benchmark::State& state, const std::string& id) {
    const auto image = static_cast<std::int32_t>(state.range(0));
    std::vector<FlatNetwork> networks;
    for (int index = 0; index < 16; ++index) {
        SqueezeNetVariant variant;
        variant.image = image;
        variant.width = 0.97 + 0.004 * (index + 16 * (state.thread_index() % 2)) / 2;
        networks.push_back(squeezenet(variant));
    }
    std::vector<sotto_network> views;
    for (FlatNetwork& network : networks) {
        views.push_back(network.view());
    }
    const Proxy& scored_by = proxy(id);
    std::uint64_t next = 0;
    for (auto _ : state) {
        const Answer answer = scored_by.evaluate(views[next % views.size()], next);
        if (answer.status != SOTTO_OK) {
            state.SkipWithError(answer.text.c_str());
            break;
        }
        ++next;
    }
    state.SetItemsProcessed(state.iterations());
}

void synflow(benchmark::State& state) {
    evaluate(state, "synflow");
}
void naswot(benchmark::State& state) {
    evaluate(state, "naswot");
}
void combined(benchmark::State& state) {
    evaluate(state, "combined");
}

BENCHMARK(synflow)->Arg(64)->Arg(224)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK(naswot)->Arg(64)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK(combined)->Arg(227)->Threads(1)->Threads(2)->UseRealTime();

}  // namespace
