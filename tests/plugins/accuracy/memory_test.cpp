// SPDX-License-Identifier: Apache-2.0
// Estimates of what an evaluation takes against what LibTorch asks its allocator for.
#include "plugins/accuracy/memory.hpp"

#include <functional>
#include <string>

#include "plugins/accuracy/gradient_scores.hpp"
#include "plugins/accuracy/graph.hpp"
#include "plugins/accuracy/image_batch.hpp"
#include "plugins/accuracy/naswot.hpp"
#include "plugins/accuracy/synflow.hpp"
#include "plugins/accuracy/zen.hpp"
#include "tests/plugins/accuracy/counted_memory.hpp"
#include "tests/plugins/accuracy/flat_network.hpp"
#include "tests/support/catch.hpp"

using namespace sotto::accuracy;
using namespace sotto::accuracy_test;

namespace {

/// Checks the estimate for every network: never less than what is taken, and at most `factor` of it.
void compare(const std::function<std::int64_t(const Graph&)>& estimate, const std::function<void(const Graph&)>& work,
             double factor) {
    for (auto& [name, network] : networks_to_count()) {
        const Graph graph(network.view());
        work(graph);  // what LibTorch keeps for good comes with the first time
        const double taken = peak_of([&] { work(graph); });
        const auto estimated = static_cast<double>(estimate(graph));
        INFO(name << ": taken " << taken / 1048576 << " MiB, estimated " << estimated / 1048576);
        CHECK(taken > 0);
        CHECK(estimated >= taken);
        CHECK(estimated <= factor * taken);
    }
}

constexpr std::int64_t images = 32;

void compare_gradients(const WantedScores& wanted) {
    compare([&](const Graph& graph) { return gradient_bytes(graph, images, wanted); },
            [&](const Graph& graph) {
                gradient_scores(graph, 1, draw_noise(graph.input_shape(), images, 10, 1), wanted, nullptr);
            },
            2);
}

}  // namespace

TEST_CASE("the memory of synflow is estimated from above and within a factor of 2") {
    compare(
        synflow_bytes, [](const Graph& graph) { synaptic_flow(graph, 1, nullptr); }, 2);
}

TEST_CASE("the memory of NASWOT is estimated from above and within a factor of 2") {
    compare([](const Graph& graph) { return naswot_bytes(graph, images); },
            [](const Graph& graph) { naswot(graph, 1, {.batch = images}, nullptr); }, 2);
}

TEST_CASE("the memory of the Zen-score is estimated from above and within a factor of 2") {
    compare([](const Graph& graph) { return zen_bytes(graph, images); },
            [](const Graph& graph) { zen_score(graph, 1, images, nullptr); }, 2);
}

TEST_CASE("the memory of gradient proxies is estimated from above and within a factor of 2") {
    SECTION("jacob_cov") {
        compare_gradients({.jacob_cov = true});
    }
    SECTION("grad_norm") {
        compare_gradients({.grad_norm = true});
    }
    SECTION("fisher") {
        compare_gradients({.fisher = true});
    }
    SECTION("grasp") {
        compare_gradients({.grasp = true});
    }
    SECTION("all") {
        compare_gradients({true, true, true, true, true});
    }
}
