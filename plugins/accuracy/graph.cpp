// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/graph.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

#include "plugins/accuracy/candidate_error.hpp"
#include "plugins/accuracy/random_weights.hpp"

namespace sotto::accuracy {
namespace {

constexpr std::int64_t most_elements = std::numeric_limits<std::int32_t>::max();

/// For sums that may not fit: no map can be so large, and is_too_large() says so.
std::int32_t clamped(std::int64_t value) {
    return static_cast<std::int32_t>(std::min(value, most_elements));
}

bool is_too_large(const sotto_shape& shape) {
    return std::int64_t{shape.channels} * shape.height >= most_elements || elements(shape) >= most_elements;
}

std::string_view kind_name(std::int32_t kind) {
    static constexpr std::array<std::string_view, 14> names{"unknown",
                                                            "input",
                                                            "convolution",
                                                            "batch normalization",
                                                            "activation",
                                                            "max pool",
                                                            "average pool",
                                                            "global max pool",
                                                            "global average pool",
                                                            "fully connected",
                                                            "add",
                                                            "concat",
                                                            "flatten",
                                                            "pad"};
    return kind > 0 && static_cast<std::size_t>(kind) < names.size() ? names[static_cast<std::size_t>(kind)] : names[0];
}

std::string to_text(const sotto_shape& shape) {
    return std::to_string(shape.channels) + 'x' + std::to_string(shape.height) + 'x' + std::to_string(shape.width);
}

bool same(const sotto_shape& left, const sotto_shape& right) {
    return left.channels == right.channels && left.height == right.height && left.width == right.width;
}

bool is_pool(std::int32_t kind) {
    return kind == SOTTO_LAYER_MAX_POOL || kind == SOTTO_LAYER_AVERAGE_POOL;
}

bool is_global_pool(std::int32_t kind) {
    return kind == SOTTO_LAYER_GLOBAL_MAX_POOL || kind == SOTTO_LAYER_GLOBAL_AVERAGE_POOL;
}

std::uint64_t combine(std::uint64_t hash, std::uint64_t value) {
    return mix(hash ^ mix(value + 0x9E3779B97F4A7C15ULL));
}

std::uint64_t own_hash(const Node& node) {
    std::uint64_t hash = static_cast<std::uint64_t>(node.kind);
    const std::array<std::int32_t, 11> fields{node.activation,          node.groups,
                                              node.output.channels,     node.window.kernel_height,
                                              node.window.kernel_width, node.window.stride_height,
                                              node.window.stride_width, node.window.pad_top,
                                              node.window.pad_bottom,   node.window.pad_left,
                                              node.window.pad_right};
    for (const std::int32_t field : fields) {
        hash = combine(hash, static_cast<std::uint64_t>(field));
    }
    return hash;
}

}  // namespace

bool has_weights(const Node& node) {
    return node.kind == SOTTO_LAYER_CONVOLUTION || node.kind == SOTTO_LAYER_FULLY_CONNECTED;
}

std::int64_t elements(const sotto_shape& shape) {
    return std::int64_t{shape.channels} * shape.height * shape.width;
}

Graph::Graph(const sotto_network& network) : output_(network.output_layer) {
    if (network.layer_count == 0 || network.layers == nullptr ||
        network.layer_stride < SOTTO_SIZE_UP_TO(sotto_layer, window) ||
        (network.operand_count > 0 && network.operand_layers == nullptr)) {
        throw CandidateError(SOTTO_INVALID_ARGUMENT, "the network view is incomplete");
    }
    if (output_ >= network.layer_count) {
        throw CandidateError(SOTTO_INVALID_ARGUMENT, "the output layer is not among the layers");
    }
    operands_.assign(network.operand_layers, network.operand_layers + network.operand_count);
    nodes_.resize(network.layer_count);
    for (std::size_t index = 0; index < nodes_.size(); ++index) {
        const sotto_layer& layer = *sotto_layer_at(&network, static_cast<std::uint32_t>(index));
        Node& node = nodes_[index];
        node.kind = layer.kind;
        node.activation = layer.activation;
        node.groups = layer.kind == SOTTO_LAYER_CONVOLUTION ? layer.groups : 1;
        node.window = layer.window;
        node.output = layer.output;
        node.first_operand = layer.first_operand;
        node.operand_count = layer.operand_count;
        if (layer.kind < SOTTO_LAYER_INPUT || layer.kind > SOTTO_LAYER_PAD) {
            fail(SOTTO_UNSUPPORTED, index, "layer kind " + std::to_string(layer.kind) + " is not known");
        }
        if (std::uint64_t{layer.first_operand} + layer.operand_count > operands_.size()) {
            fail(SOTTO_INVALID_ARGUMENT, index, "operands reach beyond the operand list");
        }
        const bool many = layer.kind == SOTTO_LAYER_ADD || layer.kind == SOTTO_LAYER_CONCAT;
        const std::uint32_t wanted = layer.kind == SOTTO_LAYER_INPUT ? 0 : 1;
        if (many ? layer.operand_count < 1 : layer.operand_count != wanted) {
            fail(SOTTO_INVALID_ARGUMENT, index, "has " + std::to_string(layer.operand_count) + " operands");
        }
        if ((layer.kind == SOTTO_LAYER_INPUT) != (index == 0)) {
            fail(SOTTO_INVALID_ARGUMENT, index, "layer 0 is the input, and no other is");
        }
        for (const std::uint32_t operand : operands(index)) {
            if (operand >= index) {
                fail(SOTTO_INVALID_ARGUMENT, index,
                     "reads layer " + std::to_string(operand) + ", which does not stand before it");
            }
        }
        if (layer.kind == SOTTO_LAYER_ACTIVATION &&
            (layer.activation < SOTTO_ACTIVATION_RELU || layer.activation > SOTTO_ACTIVATION_IDENTITY)) {
            fail(SOTTO_UNSUPPORTED, index, "activation " + std::to_string(layer.activation) + " is not known");
        }
    }
    const std::vector<Node> given = nodes_;
    infer_shapes();
    for (std::size_t index = 0; index < nodes_.size(); ++index) {
        if (!same(nodes_[index].output, given[index].output)) {
            fail(SOTTO_INVALID_ARGUMENT, index,
                 "found output " + to_text(given[index].output) + ", expected " + to_text(nodes_[index].output));
        }
        Node& node = nodes_[index];
        node.whole_input = is_global_pool(node.kind) ||
                           (is_pool(node.kind) && node.window.kernel_height == node.input.height &&
                            node.window.kernel_width == node.input.width && node.output.height == 1 &&
                            node.output.width == 1 && node.window.pad_top == 0 && node.window.pad_left == 0);
        if (node.whole_input) {
            node.kind = node.kind == SOTTO_LAYER_MAX_POOL || node.kind == SOTTO_LAYER_GLOBAL_MAX_POOL
                            ? SOTTO_LAYER_GLOBAL_MAX_POOL
                            : SOTTO_LAYER_GLOBAL_AVERAGE_POOL;
            node.window = {};
        }
    }
    derive();
}

Graph Graph::resized(std::int32_t height, std::int32_t width) const {
    Graph result = *this;
    result.nodes_.front().output.height = height;
    result.nodes_.front().output.width = width;
    result.infer_shapes();
    return result;
}

void Graph::infer_shapes() {
    for (std::size_t index = 0; index < nodes_.size(); ++index) {
        Node& node = nodes_[index];
        if (node.kind == SOTTO_LAYER_INPUT) {
            if (node.output.channels < 1 || node.output.height < 1 || node.output.width < 1) {
                fail(SOTTO_INVALID_ARGUMENT, index, "found output " + to_text(node.output));
            }
            if (is_too_large(node.output)) {
                fail(SOTTO_UNSUPPORTED, index, "output " + to_text(node.output) + " is too large");
            }
            continue;
        }
        node.input = nodes_[operands(index).front()].output;
        sotto_shape output = node.input;
        const sotto_window& window = node.window;
        switch (node.kind) {
            case SOTTO_LAYER_CONVOLUTION:
            case SOTTO_LAYER_MAX_POOL:
            case SOTTO_LAYER_AVERAGE_POOL: {
                if (window.kernel_height < 1 || window.kernel_width < 1 || window.stride_height < 1 ||
                    window.stride_width < 1 ||
                    std::min({window.pad_top, window.pad_bottom, window.pad_left, window.pad_right}) < 0) {
                    fail(SOTTO_INVALID_ARGUMENT, index, "the window is not valid");
                }
                const std::int64_t rows =
                    std::int64_t{node.input.height} + window.pad_top + window.pad_bottom - window.kernel_height;
                const std::int64_t columns =
                    std::int64_t{node.input.width} + window.pad_left + window.pad_right - window.kernel_width;
                if (rows < 0 || columns < 0) {
                    fail(SOTTO_UNSUPPORTED, index,
                         "the window of " + std::to_string(window.kernel_height) + 'x' +
                             std::to_string(window.kernel_width) + " does not fit the input of " + to_text(node.input) +
                             " (images of " + to_text(nodes_.front().output) + ")");
                }
                const sotto_shape surrounded{node.input.channels, clamped(rows + window.kernel_height),
                                             clamped(columns + window.kernel_width)};
                if (is_too_large(surrounded)) {
                    fail(SOTTO_UNSUPPORTED, index, "input with pads " + to_text(surrounded) + " is too large");
                }
                output.height = static_cast<std::int32_t>(rows / window.stride_height + 1);
                output.width = static_cast<std::int32_t>(columns / window.stride_width + 1);
                if (node.kind == SOTTO_LAYER_CONVOLUTION) {
                    output.channels = node.output.channels;
                    if (output.channels < 1 || node.groups < 1 || node.input.channels % node.groups != 0 ||
                        output.channels % node.groups != 0) {
                        fail(SOTTO_INVALID_ARGUMENT, index,
                             std::to_string(node.input.channels) + " to " + std::to_string(output.channels) +
                                 " channels in " + std::to_string(node.groups) + " groups");
                    }
                }
                break;
            }
            case SOTTO_LAYER_GLOBAL_MAX_POOL:
            case SOTTO_LAYER_GLOBAL_AVERAGE_POOL:
                output.height = output.width = 1;
                break;
            case SOTTO_LAYER_FULLY_CONNECTED:
                output = {node.output.channels, 1, 1};
                if (output.channels < 1) {
                    fail(SOTTO_INVALID_ARGUMENT, index, "has no outputs");
                }
                break;
            case SOTTO_LAYER_ADD:
                for (const std::uint32_t operand : operands(index)) {
                    if (!same(nodes_[operand].output, output)) {
                        fail(SOTTO_INVALID_ARGUMENT, index,
                             "operands " + to_text(output) + " and " + to_text(nodes_[operand].output) + " differ");
                    }
                }
                break;
            case SOTTO_LAYER_CONCAT: {
                std::int64_t channels = 0;
                for (const std::uint32_t operand : operands(index)) {
                    const sotto_shape& shape = nodes_[operand].output;
                    if (shape.height != output.height || shape.width != output.width) {
                        fail(SOTTO_INVALID_ARGUMENT, index,
                             "operands " + to_text(node.input) + " and " + to_text(shape) +
                                 " differ in height or width");
                    }
                    channels += shape.channels;
                }
                output.channels = clamped(channels);
                break;
            }
            case SOTTO_LAYER_FLATTEN:
                output = {static_cast<std::int32_t>(elements(output)), 1, 1};
                break;
            case SOTTO_LAYER_PAD:
                if (std::min({window.pad_top, window.pad_bottom, window.pad_left, window.pad_right}) < 0) {
                    fail(SOTTO_INVALID_ARGUMENT, index, "a pad is negative");
                }
                output.height = clamped(std::int64_t{output.height} + window.pad_top + window.pad_bottom);
                output.width = clamped(std::int64_t{output.width} + window.pad_left + window.pad_right);
                break;
            default:
                break;
        }
        if (is_too_large(output) || output.height < 1 || output.width < 1) {
            fail(SOTTO_UNSUPPORTED, index, "output " + to_text(output) + " is too large");
        }
        node.output = output;
    }
}

void Graph::derive() {
    nodes_[output_].consumers = 1;
    for (std::size_t index = nodes_.size(); index-- > 0;) {
        if (nodes_[index].consumers > 0) {
            for (const std::uint32_t operand : operands(index)) {
                ++nodes_[operand].consumers;
            }
        }
    }
    std::vector<bool> never_negative(nodes_.size());
    std::vector<std::uint64_t> before(nodes_.size());
    for (std::size_t index = 0; index < nodes_.size(); ++index) {
        Node& node = nodes_[index];
        bool operands_never_negative = node.operand_count > 0;
        std::vector<std::uint64_t> hashes;
        for (const std::uint32_t operand : operands(index)) {
            operands_never_negative = operands_never_negative && never_negative[operand];
            hashes.push_back(before[operand]);
        }
        if (node.kind == SOTTO_LAYER_ADD) {
            std::sort(hashes.begin(), hashes.end());
        }
        before[index] = own_hash(node);
        for (const std::uint64_t hash : hashes) {
            before[index] = combine(before[index], hash);
        }
        const bool relu = node.activation == SOTTO_ACTIVATION_RELU && node.kind == SOTTO_LAYER_ACTIVATION;
        const bool square = node.activation == SOTTO_ACTIVATION_SQUARE && node.kind == SOTTO_LAYER_ACTIVATION;
        const bool mixes_signs = node.kind == SOTTO_LAYER_CONVOLUTION || node.kind == SOTTO_LAYER_FULLY_CONNECTED ||
                                 node.kind == SOTTO_LAYER_BATCH_NORMALIZATION;
        never_negative[index] = relu || square || (operands_never_negative && !mixes_signs);
        node.nonlinearity = square ? 0.5 : relu && !operands_never_negative ? 1 : 0;
    }
    // Two equal convolutions over one input differ in what reads them; only true twins are told apart by their order.
    std::vector<std::uint64_t> after(nodes_.size());
    after[output_] = 1;
    for (std::size_t index = nodes_.size(); index-- > 0;) {
        if (nodes_[index].consumers == 0) {
            continue;
        }
        std::uint64_t position = 0;
        for (const std::uint32_t operand : operands(index)) {
            // A sum, so that the order of the consumers does not matter.
            after[operand] +=
                combine(combine(after[index], before[index]), nodes_[index].kind == SOTTO_LAYER_CONCAT ? position : 0);
            ++position;
        }
    }
    std::vector<std::uint64_t> seen;
    for (std::size_t index = 0; index < nodes_.size(); ++index) {
        std::uint64_t key = combine(before[index], after[index]);
        while (std::find(seen.begin(), seen.end(), key) != seen.end()) {
            key = mix(key);
        }
        seen.push_back(key);
        nodes_[index].key = key;
    }
}

std::int64_t Graph::fan_in(std::size_t layer) const {
    const Node& node = nodes_[layer];
    if (node.kind == SOTTO_LAYER_CONVOLUTION) {
        return std::int64_t{node.input.channels / node.groups} * node.window.kernel_height * node.window.kernel_width;
    }
    return node.kind == SOTTO_LAYER_FULLY_CONNECTED ? elements(node.input) : 0;
}

std::int64_t Graph::weight_count(std::size_t layer) const {
    return fan_in(layer) * nodes_[layer].output.channels;
}

std::size_t Graph::layers_up_to_last_activation() const {
    std::size_t layers = 0;
    for (std::size_t layer = 0; layer < nodes_.size(); ++layer) {
        if (nodes_[layer].nonlinearity > 0 && nodes_[layer].consumers > 0) {
            layers = layer + 1;
        }
    }
    return layers;
}

std::uint32_t Graph::feature_layer() const {
    for (std::size_t layer = 0; layer < nodes_.size(); ++layer) {
        const Node& node = nodes_[layer];
        if (node.consumers > 0 && (is_global_pool(node.kind) || node.kind == SOTTO_LAYER_FLATTEN ||
                                   node.kind == SOTTO_LAYER_FULLY_CONNECTED)) {
            return operands(layer).front();
        }
    }
    return output_;
}

double Graph::mean_over_paths(std::span<const double> own) const {
    std::vector<double> total(nodes_.size());
    for (std::size_t index = 0; index < nodes_.size(); ++index) {
        double sum = 0;
        double weights = 0;
        for (const std::uint32_t operand : operands(index)) {
            const double weight = nodes_[index].kind == SOTTO_LAYER_CONCAT ? nodes_[operand].output.channels : 1;
            sum += weight * total[operand];
            weights += weight;
        }
        total[index] = own[index] + (weights > 0 ? sum / weights : 0);
    }
    return total[output_];
}

double Graph::nonlinear_depth() const {
    std::vector<double> own;
    for (const Node& node : nodes_) {
        own.push_back(node.nonlinearity);
    }
    return mean_over_paths(own);
}

double Graph::weighted_depth() const {
    std::vector<double> own;
    for (const Node& node : nodes_) {
        own.push_back(has_weights(node) ? 1 : 0);
    }
    return mean_over_paths(own);
}

double Graph::activation_units() const {
    double units = 0;
    for (const Node& node : nodes_) {
        units += node.consumers > 0 ? node.nonlinearity * static_cast<double>(elements(node.output)) : 0;
    }
    return units;
}

void Graph::fail(sotto_status status, std::size_t layer, const std::string& reason) const {
    throw CandidateError(
        status, "layer " + std::to_string(layer) + " (" + std::string(kind_name(nodes_[layer].kind)) + "): " + reason);
}

}  // namespace sotto::accuracy
