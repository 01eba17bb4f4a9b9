// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/memory.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "plugins/accuracy/candidate_error.hpp"
#include "plugins/accuracy/convolution_block.hpp"
#include "plugins/accuracy/position_classes.hpp"

namespace sotto::accuracy {
namespace {

constexpr std::int64_t float_bytes = 4;

/// What evaluating a layer takes.
struct LayerBytes {
    std::int64_t output = 0;   ///< of its map
    std::int64_t working = 0;  ///< besides, while it runs
    bool in_place = false;     ///< the output takes the place of the first operand where nothing else reads that
};

/// The most that is there at once where the first `layers` layers run in order and a map goes with its last reader.
std::int64_t peak_of_forward(const Graph& graph, std::size_t layers,
                             const std::function<LayerBytes(std::size_t layer)>& bytes_of) {
    std::vector<std::uint32_t> readers;
    for (const Node& node : graph.nodes()) {
        readers.push_back(node.consumers);
    }
    std::vector<std::int64_t> maps(readers.size());
    std::int64_t alive = 0;
    std::int64_t peak = 0;
    for (std::size_t layer = 0; layer < layers; ++layer) {
        if (readers[layer] == 0) {
            continue;
        }
        const LayerBytes bytes = bytes_of(layer);
        std::int64_t freed = 0;
        bool takes_first = false;
        for (const std::uint32_t operand : graph.operands(layer)) {
            if (--readers[operand] == 0) {
                freed += maps[operand];
                takes_first = takes_first || (bytes.in_place && operand == graph.operands(layer).front());
            }
        }
        maps[layer] = bytes.output;
        alive += bytes.output;
        const std::int64_t taken_over = takes_first ? std::min(bytes.output, maps[graph.operands(layer).front()]) : 0;
        peak = std::max(peak, alive - taken_over + bytes.working);
        alive -= freed;
    }
    return peak;
}

/// Weights and unfolded input of a product of channels_last_first maps (convolution.hpp).
std::int64_t product_bytes(const Graph& graph, std::size_t layer, std::int64_t lines, std::int64_t columns) {
    const Node& node = graph.nodes()[layer];
    std::int64_t floats = graph.weight_count(layer);
    if (node.kind == SOTTO_LAYER_CONVOLUTION) {
        floats += unfolded_floats(graph.fan_in(layer) * node.groups, lines, columns);
    }
    return floats * float_bytes;
}

using Axes = std::pair<Axis, Axis>;

Axes axes_of(const Node& node, const std::vector<const Axes*>& operands) {
    const sotto_window& window = node.window;
    switch (node.kind) {
        case SOTTO_LAYER_INPUT:
            return {Axis::constant(node.output.height), Axis::constant(node.output.width)};
        case SOTTO_LAYER_CONVOLUTION:
        case SOTTO_LAYER_MAX_POOL:
        case SOTTO_LAYER_AVERAGE_POOL:
            return {class_taps(operands.front()->first, window.kernel_height, window.stride_height, window.pad_top,
                               node.output.height)
                        .first,
                    class_taps(operands.front()->second, window.kernel_width, window.stride_width, window.pad_left,
                               node.output.width)
                        .first};
        case SOTTO_LAYER_PAD:
            return {class_taps(operands.front()->first, 1, 1, window.pad_top, node.output.height).first,
                    class_taps(operands.front()->second, 1, 1, window.pad_left, node.output.width).first};
        case SOTTO_LAYER_ADD:
        case SOTTO_LAYER_CONCAT: {
            Axes joined = *operands.front();
            for (const Axes* operand : operands) {
                joined = {join(joined.first, operand->first).first, join(joined.second, operand->second).first};
            }
            return joined;
        }
        case SOTTO_LAYER_GLOBAL_MAX_POOL:
        case SOTTO_LAYER_GLOBAL_AVERAGE_POOL:
        case SOTTO_LAYER_FULLY_CONNECTED:
        case SOTTO_LAYER_FLATTEN:
            return {Axis::constant(1), Axis::constant(1)};
        default:
            return *operands.front();
    }
}

/// Of maps of every position of the images.
std::int64_t dense_bytes(const Graph& graph, std::size_t layers, std::int64_t images) {
    return peak_of_forward(graph, layers, [&](std::size_t layer) {
        const Node& node = graph.nodes()[layer];
        LayerBytes bytes;
        bytes.output = elements(node.output) * images * float_bytes;
        if (has_weights(node)) {
            bytes.working = product_bytes(graph, layer, images * node.output.height, node.output.width);
        }
        if (node.kind == SOTTO_LAYER_FULLY_CONNECTED) {
            bytes.working += elements(node.input) * images * float_bytes;
        }
        bytes.in_place = node.kind == SOTTO_LAYER_ACTIVATION || node.kind == SOTTO_LAYER_BATCH_NORMALIZATION ||
                         node.kind == SOTTO_LAYER_ADD;
        return bytes;
    });
}

}  // namespace

std::int64_t synflow_bytes(const Graph& graph) {
    constexpr std::int64_t values = 2;  // a map and its derivative
    std::vector<Axes> axes(graph.nodes().size());
    return peak_of_forward(graph, graph.nodes().size(), [&](std::size_t layer) {
        const Node& node = graph.nodes()[layer];
        std::vector<const Axes*> operands;
        for (const std::uint32_t operand : graph.operands(layer)) {
            operands.push_back(&axes[operand]);
        }
        axes[layer] = axes_of(node, operands);
        const auto& [rows, columns] = axes[layer];
        LayerBytes bytes;
        bytes.output = node.output.channels * values * rows.classes * columns.classes * float_bytes;
        if (has_weights(node)) {
            bytes.working = product_bytes(graph, layer, values * rows.classes, columns.classes);
        }
        if (node.kind == SOTTO_LAYER_FULLY_CONNECTED || node.kind == SOTTO_LAYER_FLATTEN) {
            // Expanded to every position, then laid out anew.
            bytes.working += 2 * values * elements(node.input) * float_bytes;
        }
        if (node.kind == SOTTO_LAYER_ADD || node.kind == SOTTO_LAYER_CONCAT) {
            // Operands brought to the same classes, and partial sums.
            for (const std::uint32_t operand : graph.operands(layer)) {
                bytes.working +=
                    graph.nodes()[operand].output.channels * values * rows.classes * columns.classes * float_bytes;
            }
            bytes.working += node.kind == SOTTO_LAYER_ADD ? bytes.output : 0;
        }
        bytes.in_place = node.kind == SOTTO_LAYER_ACTIVATION || node.kind == SOTTO_LAYER_BATCH_NORMALIZATION;
        return bytes;
    });
}

std::int64_t naswot_bytes(const Graph& graph, std::int64_t images) {
    return dense_bytes(graph, graph.layers_up_to_last_activation(), images);
}

std::int64_t zen_bytes(const Graph& graph, std::int64_t images) {
    // Images and steps are drawn beside the map of both.
    const std::int64_t drawing = 4 * elements(graph.input_shape()) * images * float_bytes;
    return std::max(drawing, dense_bytes(graph, graph.feature_layer() + 1, 2 * images));
}

void check_memory(std::int64_t bytes, std::int64_t limit_mib) {
    constexpr std::int64_t mib = std::int64_t{1} << 20;
    if (limit_mib > 0 && bytes > limit_mib * mib) {
        throw CandidateError(SOTTO_UNSUPPORTED, "its evaluation would take about " +
                                                    std::to_string((bytes + mib - 1) / mib) +
                                                    " MiB; memory_limit allows " + std::to_string(limit_mib));
    }
}

}  // namespace sotto::accuracy
