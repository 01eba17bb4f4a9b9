// SPDX-License-Identifier: Apache-2.0
// Paths of small networks, compared with every path written out.
#include "plugins/accuracy/network_topology.hpp"

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/plugins/accuracy/flat_network.hpp"
#include "tests/support/catch.hpp"

using namespace sotto::accuracy;
using sotto::accuracy_test::FlatNetwork;

namespace {

using Path = std::vector<std::uint32_t>;

/// All paths from the input to `layer`.
std::vector<Path> paths_to(const FlatNetwork& network, std::uint32_t layer) {
    if (layer == 0) {
        return {{0}};
    }
    std::vector<Path> paths;
    for (const std::uint32_t operand : network.operands(layer)) {
        for (Path path : paths_to(network, operand)) {
            path.push_back(layer);
            paths.push_back(std::move(path));
        }
    }
    return paths;
}

bool has_weights(const sotto_layer& layer) {
    return layer.kind == SOTTO_LAYER_CONVOLUTION || layer.kind == SOTTO_LAYER_FULLY_CONNECTED;
}

/// Three stages of random cells: every node adds up some of the nodes before it, each through an operation or not.
FlatNetwork random_network(std::uint32_t seed) {
    std::mt19937 random(seed);
    const auto below = [&](std::uint32_t bound) { return static_cast<std::uint32_t>(random() % bound); };
    FlatNetwork n;
    std::uint32_t x = n.convolution(n.input(3, 16, 16), 4, 3, 1, 1);
    for (int stage = 0; stage < 3; ++stage) {
        std::vector<std::uint32_t> nodes{x};
        for (int node = 0; node < 3; ++node) {
            std::vector<std::uint32_t> operands;
            for (const std::uint32_t from : std::vector<std::uint32_t>(nodes)) {
                switch (below(4)) {
                    case 0:
                        operands.push_back(n.convolution(n.relu(from), 4, 3, 1, 1));
                        break;
                    case 1:
                        operands.push_back(n.pool(from, SOTTO_LAYER_AVERAGE_POOL, 3, 1, 1));
                        break;
                    case 2:
                        operands.push_back(from);
                        break;
                    default:
                        break;
                }
            }
            if (operands.empty()) {
                operands.push_back(n.convolution(nodes.back(), 4, 1));
            }
            nodes.push_back(operands.size() == 1 ? operands.front() : n.add(operands));
        }
        x = n.convolution(nodes.back(), 4, 3, 2, 1);
    }
    n.fully_connected(n.global_pool(n.relu(x)), 5);
    return n;
}

}  // namespace

TEST_CASE("the shortest path is the shortest of all paths") {
    for (std::uint32_t seed = 0; seed < 40; ++seed) {
        FlatNetwork network = random_network(seed);
        const Graph graph(network.view());
        std::int64_t shortest = 1000;
        for (const Path& path : paths_to(network, network.view().output_layer)) {
            shortest = std::min<std::int64_t>(
                shortest, std::count_if(path.begin(), path.end(),
                                        [&](std::uint32_t layer) { return has_weights(network.layers()[layer]); }));
        }
        INFO("seed " << seed);
        CHECK(shortest_weighted_path(graph) == shortest);
    }
}

TEST_CASE("the weights are those of the layers that lead to the output") {
    FlatNetwork n;
    const auto stem = n.convolution(n.input(3, 8, 8), 4, 3, 2, 1);  // 4x4
    n.convolution(stem, 100, 1);                                    // read by nobody
    const auto grouped = n.convolution(n.relu(stem), 8, 3, 1, 1, 2);
    n.fully_connected(n.global_pool(grouped), 10);
    const Graph graph(n.view());
    CHECK(weights_in_all(graph) == 4 * 3 * 9 + 8 * 2 * 9 + 80);
}
