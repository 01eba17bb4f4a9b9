// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "engine/arch/network.hpp"
#include "engine/arch/network_builder.hpp"
#include "engine/random/random.hpp"

namespace sotto::test {

/// A graph of layers that is easy to change: what Network is not. Node 0 is the input; operands come before readers.
/// Height and width are the same everywhere.
struct GraphNode {
    arch::LayerKind kind = arch::LayerKind::input;
    arch::Activation activation = arch::Activation::none;
    std::int32_t channels = 4;  // convolution
    std::int32_t kernel = 1;    // convolution, pools
    bool bias = false;
    std::vector<std::size_t> operands;
};

using Graph = std::vector<GraphNode>;

inline std::vector<std::int32_t> channels_of(const Graph& graph) {
    std::vector<std::int32_t> channels;
    for (const GraphNode& node : graph) {
        std::int32_t count = node.channels;
        if (node.kind == arch::LayerKind::concat) {
            count = 0;
            for (const std::size_t operand : node.operands) {
                count += channels[operand];
            }
        } else if (node.kind != arch::LayerKind::convolution && node.kind != arch::LayerKind::input) {
            count = channels[node.operands[0]];
        }
        channels.push_back(count);
    }
    return channels;
}

/// Throws arch::InvalidNetwork where the graph is no network. Layer i is called prefix + i.
inline arch::Network build(const Graph& graph, const std::string& prefix = "layer", const std::string& name = "graph") {
    arch::NetworkBuilder builder;
    builder.reset(name);
    for (std::size_t i = 0; i < graph.size(); ++i) {
        const GraphNode& node = graph[i];
        const std::string layer = prefix + std::to_string(i);
        const std::vector<arch::LayerIndex> operands(node.operands.begin(), node.operands.end());
        const arch::Window window = arch::same_padding({node.kernel, node.kernel, 1, 1, 0, 0, 0, 0}, {1, 8, 8});
        switch (node.kind) {
            case arch::LayerKind::input:
                builder.add_input(layer, {node.channels, 8, 8});
                break;
            case arch::LayerKind::convolution:
                builder.add_convolution(layer, operands[0], node.channels, window, 1, node.bias);
                break;
            case arch::LayerKind::activation:
                builder.add_activation(layer, operands[0], node.activation);
                break;
            case arch::LayerKind::batch_normalization:
                builder.add_batch_normalization(layer, operands[0]);
                break;
            case arch::LayerKind::add:
                builder.add_add(layer, operands);
                break;
            case arch::LayerKind::concat:
                builder.add_concat(layer, operands);
                break;
            default:
                builder.add_pool(layer, operands[0], node.kind, window);
                break;
        }
    }
    return builder.finish(static_cast<arch::LayerIndex>(graph.size() - 1));
}

inline GraphNode convolution(std::size_t operand, std::int32_t kernel = 1) {
    GraphNode node;
    node.kind = arch::LayerKind::convolution;
    node.kernel = kernel;
    node.operands = {operand};
    return node;
}

inline GraphNode activation(std::size_t operand, arch::Activation function = arch::Activation::relu) {
    GraphNode node;
    node.kind = arch::LayerKind::activation;
    node.activation = function;
    node.operands = {operand};
    return node;
}

inline GraphNode join(arch::LayerKind kind, std::vector<std::size_t> operands) {
    GraphNode node;
    node.kind = kind;
    node.operands = std::move(operands);
    return node;
}

/// `size` layers drawn from few kinds, so that many look alike, then one that joins all loose ends.
inline Graph random_graph(random::Stream& stream, std::size_t size) {
    Graph graph(1);
    while (graph.size() < size) {
        const std::size_t last = graph.size();
        const std::size_t operand = stream.below(last);
        switch (stream.below(6)) {
            case 0:
            case 1:
                graph.push_back(convolution(operand, stream.chance(0.3) ? 3 : 1));
                break;
            case 2:
                graph.push_back(
                    activation(operand, stream.chance(0.8) ? arch::Activation::relu : arch::Activation::square));
                break;
            case 3: {
                GraphNode pool = convolution(operand, 3);
                pool.kind = stream.chance(0.5) ? arch::LayerKind::max_pool : arch::LayerKind::average_pool;
                graph.push_back(pool);
                break;
            }
            case 4: {
                const std::vector<std::int32_t> channels = channels_of(graph);
                std::vector<std::size_t> operands{operand};
                for (int tries = 0; tries < 6 && operands.size() < 3; ++tries) {
                    const std::size_t other = stream.below(last);
                    if (channels[other] == channels[operand]) {
                        operands.push_back(other);
                    }
                }
                if (operands.size() > 1) {
                    graph.push_back(join(arch::LayerKind::add, operands));
                }
                break;
            }
            default:
                if (channels_of(graph)[operand] < 64) {
                    graph.push_back(join(arch::LayerKind::concat, {operand, stream.below(last)}));
                    break;
                }
                graph.push_back(convolution(operand));
                break;
        }
    }
    std::vector<bool> is_read(graph.size(), false);
    for (const GraphNode& node : graph) {
        for (const std::size_t operand : node.operands) {
            is_read[operand] = true;
        }
    }
    std::vector<std::size_t> ends;
    for (std::size_t i = 0; i < graph.size(); ++i) {
        if (!is_read[i]) {
            ends.push_back(i);
        }
    }
    if (ends.size() > 1) {
        graph.push_back(join(arch::LayerKind::concat, ends));
    }
    return graph;
}

/// The same graph in another topological order, operands of add permuted.
inline Graph reordered(const Graph& graph, random::Stream& stream) {
    std::vector<std::size_t> place(graph.size(), graph.size());  // new index of an old node
    Graph result;
    while (result.size() < graph.size()) {
        std::vector<std::size_t> ready;
        for (std::size_t i = 0; i < graph.size(); ++i) {
            const auto is_placed = [&place, &graph](std::size_t operand) { return place[operand] < graph.size(); };
            if (place[i] == graph.size() &&
                std::all_of(graph[i].operands.begin(), graph[i].operands.end(), is_placed)) {
                ready.push_back(i);
            }
        }
        const std::size_t chosen = ready[stream.below(ready.size())];
        GraphNode node = graph[chosen];
        for (std::size_t& operand : node.operands) {
            operand = place[operand];
        }
        if (node.kind == arch::LayerKind::add) {
            for (std::size_t i = node.operands.size(); i > 1; --i) {
                std::swap(node.operands[i - 1], node.operands[stream.below(i)]);
            }
        }
        place[chosen] = result.size();
        result.push_back(std::move(node));
    }
    return result;
}

}  // namespace sotto::test
