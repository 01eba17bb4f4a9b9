// SPDX-License-Identifier: Apache-2.0
//
// Candidates per second of the accuracy proxies, through the plug-in border. Every iteration is another network of
// SqueezeNet's family (widths within 3 %), as in a search, so that nothing that remembers shapes is flattered.
#include <cstdint>
#include <map>
#include <mutex>
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
    static std::map<std::string, Proxy> known;
    static std::mutex guard;
    const std::lock_guard lock(guard);
    const auto found = known.find(id);
    return found != known.end() ? found->second : known.emplace(id, warm(id)).first->second;
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

BENCHMARK_CAPTURE(evaluate, synflow, "synflow")->Arg(64)->Arg(224)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK_CAPTURE(evaluate, naswot, "naswot")->Arg(64)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK_CAPTURE(evaluate, combined, "combined")->Arg(227)->Threads(1)->Threads(2)->UseRealTime();
BENCHMARK_CAPTURE(evaluate, ensemble, "ensemble")->Arg(227)->Threads(1)->UseRealTime();
BENCHMARK_CAPTURE(evaluate, zen, "zen")->Arg(227)->Threads(1)->UseRealTime();
BENCHMARK_CAPTURE(evaluate, jacob_cov, "jacob-cov")->Arg(227)->Threads(1)->UseRealTime();
BENCHMARK_CAPTURE(evaluate, grad_norm, "grad-norm")->Arg(227)->Threads(1)->UseRealTime();
BENCHMARK_CAPTURE(evaluate, snip, "snip")->Arg(227)->Threads(1)->UseRealTime();
BENCHMARK_CAPTURE(evaluate, fisher, "fisher")->Arg(227)->Threads(1)->UseRealTime();
BENCHMARK_CAPTURE(evaluate, grasp, "grasp")->Arg(227)->Threads(1)->UseRealTime();
BENCHMARK_CAPTURE(evaluate, gradients, "gradients")->Arg(227)->Threads(1)->UseRealTime();

}  // namespace
