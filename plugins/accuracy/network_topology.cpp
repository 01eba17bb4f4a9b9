// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/network_topology.hpp"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

namespace sotto::accuracy {

std::int64_t shortest_weighted_path(const Graph& graph) {
    std::vector<std::int64_t> shortest(graph.nodes().size());
    for (std::size_t layer = 0; layer < shortest.size(); ++layer) {
        std::int64_t before = layer == 0 ? 0 : std::numeric_limits<std::int64_t>::max();
        for (const std::uint32_t operand : graph.operands(layer)) {
            before = std::min(before, shortest[operand]);
        }
        shortest[layer] = before + (graph.weight_count(layer) > 0 ? 1 : 0);
    }
    return shortest[graph.output()];
}

std::int64_t weights_in_all(const Graph& graph) {
    std::int64_t sum = 0;
    for (std::size_t layer = 0; layer < graph.nodes().size(); ++layer) {
        sum += graph.nodes()[layer].consumers > 0 ? graph.weight_count(layer) : 0;
    }
    return sum;
}

}  // namespace sotto::accuracy
