// SPDX-License-Identifier: Apache-2.0
#include "engine/arch/network_builder.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include <xxhash.h>

namespace sotto::arch {
namespace {

constexpr std::size_t smallest_name_table = 256;  // a power of two

std::string layer_text(const std::string& layer, std::string_view kind, const std::string& reason) {
    if (layer.empty()) {
        return reason;
    }
    std::string text = "layer '" + layer + '\'';
    if (!kind.empty()) {
        text += " (";
        text += kind;
        text += ')';
    }
    return text + ": " + reason;
}

std::string pair_text(std::int32_t first, std::int32_t second) {
    return std::to_string(first) + 'x' + std::to_string(second);
}

std::string limit_text(std::string_view what, std::int64_t found, std::int64_t limit) {
    return std::string(what) + ' ' + std::to_string(found) + " is not from 1 to " + std::to_string(limit);
}

}  // namespace

InvalidNetwork::InvalidNetwork(std::string layer, std::string reason)
    : std::runtime_error(layer_text(layer, {}, reason)), layer_(std::move(layer)), reason_(std::move(reason)) {}

InvalidNetwork::InvalidNetwork(std::string layer, LayerKind kind, std::string reason)
    : std::runtime_error(layer_text(layer, to_text(kind), reason)),
      layer_(std::move(layer)),
      reason_(std::move(reason)) {}

void NetworkBuilder::reset(std::string_view network_name) {
    network_.name_ = network_name;
    network_.layers_.clear();
    network_.operands_.clear();
    network_.operand_begin_.assign(1, 0);
    network_.layer_names_.clear();
    network_.name_begin_.assign(1, 0);
    network_.output_ = 0;
    is_read_.clear();
    std::fill(name_table_.begin(), name_table_.end(), 0U);
}

void NetworkBuilder::fail(std::string_view name, LayerKind kind, std::string reason) const {
    throw InvalidNetwork(std::string(name), kind, std::move(reason));
}

// The slot that holds `name`, or the empty one where it belongs.
std::size_t NetworkBuilder::name_slot(std::string_view name) const {
    const std::size_t mask = name_table_.size() - 1;
    std::size_t slot = static_cast<std::size_t>(XXH3_64bits(name.data(), name.size())) & mask;
    while (name_table_[slot] != 0 && network_.layer_name(name_table_[slot] - 1) != name) {
        slot = (slot + 1) & mask;
    }
    return slot;
}

void NetworkBuilder::check_name(std::string_view name, LayerKind kind) const {
    if (name.empty()) {
        throw InvalidNetwork({}, kind,
                             "layer " + std::to_string(size()) + " (" + std::string(to_text(kind)) + ") has no name");
    }
    if (size() >= maximum_layers) {
        fail(name, kind, "the network has more than " + std::to_string(maximum_layers) + " layers");
    }
    if (!name_table_.empty() && name_table_[name_slot(name)] != 0) {
        fail(name, kind, "another layer has this name");
    }
    // Keeps the byte offsets of all names within 32 bits.
    if (name.size() > maximum_name_length) {
        fail(name.substr(0, 32), kind,
             limit_text("length of the name", static_cast<std::int64_t>(name.size()),
                        static_cast<std::int64_t>(maximum_name_length)));
    }
}

const Shape& NetworkBuilder::operand_shape(std::string_view name, LayerKind kind, LayerIndex operand) const {
    if (operand >= size()) {
        fail(name, kind,
             "operand " + std::to_string(operand) + " does not exist; " + std::to_string(size()) +
                 " layers were added before");
    }
    return network_.layers_[operand].output;
}

void NetworkBuilder::check_output(std::string_view name, LayerKind kind, std::int64_t channels, std::int64_t height,
                                  std::int64_t width) const {
    if (channels < 1 || channels > maximum_channels) {
        fail(name, kind, limit_text("number of output channels", channels, maximum_channels));
    }
    if (height < 1 || height > maximum_extent) {
        fail(name, kind, limit_text("output height", height, maximum_extent));
    }
    if (width < 1 || width > maximum_extent) {
        fail(name, kind, limit_text("output width", width, maximum_extent));
    }
    if (channels * height * width > maximum_elements) {
        fail(name, kind, limit_text("number of output elements", channels * height * width, maximum_elements));
    }
}

void NetworkBuilder::check_work(std::string_view name, LayerKind kind, double work, std::string_view what) const {
    if (work > static_cast<double>(maximum_layer_work)) {
        fail(name, kind, "more than " + std::to_string(maximum_layer_work) + ' ' + std::string(what));
    }
}

Shape NetworkBuilder::window_output(std::string_view name, LayerKind kind, const Window& window, const Shape& input,
                                    std::int32_t channels) const {
    if (window.kernel_height < 1 || window.kernel_width < 1) {
        fail(name, kind, "kernel " + pair_text(window.kernel_height, window.kernel_width) + " is not at least 1x1");
    }
    if (window.stride_height < 1 || window.stride_width < 1) {
        fail(name, kind, "stride " + pair_text(window.stride_height, window.stride_width) + " is not at least 1x1");
    }
    for (const std::int32_t pad : {window.pad_top, window.pad_bottom, window.pad_left, window.pad_right}) {
        if (pad < 0 || pad > maximum_extent) {
            fail(name, kind, "padding " + std::to_string(pad) + " is not from 0 to " + std::to_string(maximum_extent));
        }
    }
    const std::int64_t padded_height = std::int64_t{input.height} + window.pad_top + window.pad_bottom;
    const std::int64_t padded_width = std::int64_t{input.width} + window.pad_left + window.pad_right;
    if (window.kernel_height > padded_height || window.kernel_width > padded_width) {
        fail(name, kind,
             "window " + pair_text(window.kernel_height, window.kernel_width) + " is larger than the padded input " +
                 std::to_string(padded_height) + 'x' + std::to_string(padded_width) + " (input " + to_text(input) +
                 ')');
    }
    const std::int64_t height = (padded_height - window.kernel_height) / window.stride_height + 1;
    const std::int64_t width = (padded_width - window.kernel_width) / window.stride_width + 1;
    check_output(name, kind, channels, height, width);
    return {channels, static_cast<std::int32_t>(height), static_cast<std::int32_t>(width)};
}

LayerIndex NetworkBuilder::append(std::string_view name, const Layer& layer, std::span<const LayerIndex> operands) {
    if (network_.operand_begin_.empty()) {
        reset();
    }
    const auto index = static_cast<LayerIndex>(size());
    if (2 * (size() + 1) > name_table_.size()) {
        name_table_.assign(std::max(smallest_name_table, 4 * name_table_.size()), 0U);
        for (LayerIndex earlier = 0; earlier < index; ++earlier) {
            name_table_[name_slot(network_.layer_name(earlier))] = earlier + 1;
        }
    }
    name_table_[name_slot(name)] = index + 1;
    for (const LayerIndex operand : operands) {
        is_read_[operand] = 1;
    }
    is_read_.push_back(0);
    network_.layers_.push_back(layer);
    network_.operands_.insert(network_.operands_.end(), operands.begin(), operands.end());
    network_.operand_begin_.push_back(static_cast<std::uint32_t>(network_.operands_.size()));
    network_.layer_names_ += name;
    network_.name_begin_.push_back(static_cast<std::uint32_t>(network_.layer_names_.size()));
    return index;
}

LayerIndex NetworkBuilder::add_input(std::string_view name, Shape shape) {
    constexpr LayerKind kind = LayerKind::input;
    check_name(name, kind);
    if (size() > 0) {
        // Layer 0 is the input of every network: another kind cannot come first, since it has an operand.
        fail(name, kind, "the network has an input already, '" + std::string(network_.layer_name(0)) + '\'');
    }
    check_output(name, kind, shape.channels, shape.height, shape.width);
    Layer layer;
    layer.kind = kind;
    layer.output = shape;
    return append(name, layer, {});
}

LayerIndex NetworkBuilder::add_convolution(std::string_view name, LayerIndex operand, std::int32_t output_channels,
                                           const Window& window, std::int32_t groups, bool bias) {
    constexpr LayerKind kind = LayerKind::convolution;
    check_name(name, kind);
    const Shape& input = operand_shape(name, kind, operand);
    if (groups < 1 || input.channels % groups != 0 || output_channels % groups != 0) {
        fail(name, kind,
             std::to_string(groups) + " groups do not divide " + std::to_string(input.channels) + " input and " +
                 std::to_string(output_channels) + " output channels");
    }
    Layer layer;
    layer.kind = kind;
    layer.bias = bias;
    layer.groups = groups;
    layer.window = window;
    layer.output = window_output(name, kind, window, input, output_channels);
    const std::int32_t channels_per_group = input.channels / groups;
    check_work(
        name, kind,
        static_cast<double>(layer.output.elements()) * window.kernel_height * window.kernel_width * channels_per_group,
        "multiply-adds");
    return append(name, layer, {&operand, 1});
}

LayerIndex NetworkBuilder::add_batch_normalization(std::string_view name, LayerIndex operand,
                                                   BatchNormalizationForm form, bool foldable) {
    constexpr LayerKind kind = LayerKind::batch_normalization;
    check_name(name, kind);
    Layer layer;
    layer.kind = kind;
    layer.normalization_form = form;
    layer.foldable = foldable;
    layer.output = operand_shape(name, kind, operand);
    return append(name, layer, {&operand, 1});
}

LayerIndex NetworkBuilder::add_activation(std::string_view name, LayerIndex operand, Activation activation) {
    constexpr LayerKind kind = LayerKind::activation;
    check_name(name, kind);
    if (activation == Activation::none) {
        fail(name, kind, "an activation layer without an activation; 'identity' changes nothing");
    }
    Layer layer;
    layer.kind = kind;
    layer.activation = activation;
    layer.output = operand_shape(name, kind, operand);
    return append(name, layer, {&operand, 1});
}

LayerIndex NetworkBuilder::add_pool(std::string_view name, LayerIndex operand, LayerKind kind, const Window& window) {
    assert(kind == LayerKind::max_pool || kind == LayerKind::average_pool);
    check_name(name, kind);
    const Shape& input = operand_shape(name, kind, operand);
    Layer layer;
    layer.kind = kind;
    layer.window = window;
    layer.output = window_output(name, kind, window, input, input.channels);
    // A window that lies in the padding alone would have no value.
    if (std::max(window.pad_top, window.pad_bottom) >= window.kernel_height ||
        std::max(window.pad_left, window.pad_right) >= window.kernel_width) {
        fail(name, kind,
             "padding " + std::to_string(window.pad_top) + ", " + std::to_string(window.pad_bottom) + ", " +
                 std::to_string(window.pad_left) + ", " + std::to_string(window.pad_right) +
                 " is not smaller than the kernel " + pair_text(window.kernel_height, window.kernel_width));
    }
    check_work(name, kind, static_cast<double>(layer.output.elements()) * window.kernel_height * window.kernel_width,
               "elements in its windows");
    return append(name, layer, {&operand, 1});
}

LayerIndex NetworkBuilder::add_global_pool(std::string_view name, LayerIndex operand, LayerKind kind) {
    assert(kind == LayerKind::global_max_pool || kind == LayerKind::global_average_pool);
    check_name(name, kind);
    const Shape& input = operand_shape(name, kind, operand);
    Layer layer;
    layer.kind = kind;
    layer.window.kernel_height = input.height;
    layer.window.kernel_width = input.width;
    layer.output = {input.channels, 1, 1};
    return append(name, layer, {&operand, 1});
}

LayerIndex NetworkBuilder::add_fully_connected(std::string_view name, LayerIndex operand, std::int32_t output_features,
                                               bool bias) {
    constexpr LayerKind kind = LayerKind::fully_connected;
    check_name(name, kind);
    const Shape& input = operand_shape(name, kind, operand);
    if (input.height != 1 || input.width != 1) {
        fail(name, kind, "input " + to_text(input) + " is not a vector; a flatten or global pool layer makes one");
    }
    check_output(name, kind, output_features, 1, 1);
    Layer layer;
    layer.kind = kind;
    layer.bias = bias;
    layer.output = {output_features, 1, 1};
    return append(name, layer, {&operand, 1});
}

LayerIndex NetworkBuilder::add_add(std::string_view name, std::span<const LayerIndex> operands) {
    constexpr LayerKind kind = LayerKind::add;
    check_name(name, kind);
    if (operands.size() < 2) {
        fail(name, kind, std::to_string(operands.size()) + " operands; at least 2 are needed");
    }
    const Shape& first = operand_shape(name, kind, operands[0]);
    for (const LayerIndex operand : operands.subspan(1)) {
        const Shape& other = operand_shape(name, kind, operand);
        if (other != first) {
            fail(name, kind, "operands " + to_text(first) + " and " + to_text(other) + " differ");
        }
    }
    Layer layer;
    layer.kind = kind;
    layer.output = first;
    return append(name, layer, operands);
}

LayerIndex NetworkBuilder::add_concat(std::string_view name, std::span<const LayerIndex> operands) {
    constexpr LayerKind kind = LayerKind::concat;
    check_name(name, kind);
    if (operands.size() < 2) {
        fail(name, kind, std::to_string(operands.size()) + " operands; at least 2 are needed");
    }
    const Shape& first = operand_shape(name, kind, operands[0]);
    std::int64_t channels = first.channels;
    for (const LayerIndex operand : operands.subspan(1)) {
        const Shape& other = operand_shape(name, kind, operand);
        const bool heights_differ = other.height != first.height;
        const bool widths_differ = other.width != first.width;
        if (heights_differ || widths_differ) {
            fail(name, kind,
                 "operands " + to_text(first) + " and " + to_text(other) + " differ in " +
                     (heights_differ && widths_differ ? "height and width"
                      : heights_differ                ? "height"
                                                      : "width"));
        }
        channels += other.channels;
    }
    check_output(name, kind, channels, first.height, first.width);
    Layer layer;
    layer.kind = kind;
    layer.output = {static_cast<std::int32_t>(channels), first.height, first.width};
    return append(name, layer, operands);
}

LayerIndex NetworkBuilder::add_flatten(std::string_view name, LayerIndex operand) {
    constexpr LayerKind kind = LayerKind::flatten;
    check_name(name, kind);
    const Shape& input = operand_shape(name, kind, operand);
    check_output(name, kind, input.elements(), 1, 1);
    Layer layer;
    layer.kind = kind;
    layer.output = {static_cast<std::int32_t>(input.elements()), 1, 1};
    return append(name, layer, {&operand, 1});
}

LayerIndex NetworkBuilder::add_pad(std::string_view name, LayerIndex operand, const Window& window) {
    constexpr LayerKind kind = LayerKind::pad;
    check_name(name, kind);
    const Shape& input = operand_shape(name, kind, operand);
    Layer layer;
    layer.kind = kind;
    layer.window.pad_top = window.pad_top;
    layer.window.pad_bottom = window.pad_bottom;
    layer.window.pad_left = window.pad_left;
    layer.window.pad_right = window.pad_right;
    layer.output = window_output(name, kind, layer.window, input, input.channels);
    return append(name, layer, {&operand, 1});
}

const Shape& NetworkBuilder::shape(LayerIndex index) const {
    assert(index < size());
    return network_.layers_[index].output;
}

void NetworkBuilder::finish_into(Network& network, LayerIndex output) const {
    if (size() == 0) {
        throw InvalidNetwork({}, "the network has no input layer");
    }
    assert(output < size());
    // Following readers from any layer ends in one that nothing reads: if that is the output alone, all lead to it.
    for (LayerIndex index = 0; index < size(); ++index) {
        if (is_read_[index] == 0 && index != output) {
            fail(network_.layer_name(index), network_.layers_[index].kind,
                 "does not lead to the output '" + std::string(network_.layer_name(output)) + '\'');
        }
    }
    network = network_;
    network.output_ = output;
}

Network NetworkBuilder::finish(LayerIndex output) const {
    Network network;
    finish_into(network, output);
    return network;
}

}  // namespace sotto::arch
