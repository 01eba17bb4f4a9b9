// SPDX-License-Identifier: Apache-2.0
#include "engine/onnx/layers.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "engine/input/input_error.hpp"
#include "engine/onnx/fold.hpp"

namespace sotto::onnx {
namespace {

using arch::LayerIndex;
using arch::Shape;
using input::InputError;

bool is_printable(std::string_view name) {
    return !name.empty() && name.size() <= arch::maximum_name_length &&
           std::all_of(name.begin(), name.end(), [](unsigned char c) { return c >= 0x20 && c <= 0x7e; });
}

std::string nearest_key(std::string_view name, const std::vector<std::string_view>& known) {
    return std::string(input::nearest_name(name, known));
}

}  // namespace

Layers::Layers(const Graph& graph, const std::string& file, std::vector<std::string>* notes)
    : graph_(graph), file_(file), notes_(notes), is_bias_(graph.nodes.size(), false) {}

arch::Network Layers::read(std::string_view network_name) {
    builder_.reset(network_name);
    for (const auto& [name, tensor] : graph_.initializers) {
        values_.emplace(name, read_constant(*tensor, file_, "initializer " + in_quotes(name)));
    }
    add_input();
    // A bias is known before the layer that takes it in, wherever its node stands.
    for (const Node& node : graph_.nodes) {
        if (node.operation() == "Constant") {
            fold_node(node);
        }
    }
    for (std::size_t index = 0; index < graph_.nodes.size(); ++index) {
        if (graph_.nodes[index].operation() != "Constant") {
            add_node(index);
        }
    }
    const auto found = values_.find(graph_.output);
    const Tensor* output = found == values_.end() ? nullptr : std::get_if<Tensor>(&found->second);
    if (output == nullptr) {
        throw InputError(
            {{file_, 0, 0},
             "the output " + in_quotes(graph_.output) +
                 (found == values_.end() ? " is not written by any node" : " does not depend on the image"),
             {},
             "the scores of the network",
             {}});
    }
    check_output(*output);
    for (const std::string& text : graph_.unread_nodes) {
        note(text + " does not lead to the output and is left out");
    }
    try {
        return builder_.finish(output->layer);
    } catch (const arch::InvalidNetwork& error) {
        throw InputError({{file_, 0, 0}, error.what(), {}, {}, {}});
    }
}

void Layers::add_input() {
    const std::vector<std::int64_t>& sizes = graph_.input_dimensions;
    const auto readers = graph_.readers.find(graph_.input);
    // TensorFlow's exporter puts a transposition behind an image whose channels come last.
    bool channels_last = readers != graph_.readers.end();
    for (const Node& node : graph_.nodes) {
        const auto& inputs = node.message().input();
        if (std::find(inputs.begin(), inputs.end(), graph_.input) != inputs.end()) {
            channels_last = channels_last && node.operation() == "Transpose" &&
                            node.find_integers("perm") == std::vector<std::int64_t>{0, 3, 1, 2};
        }
    }
    const std::vector<std::int64_t> chw = channels_last ? std::vector<std::int64_t>{sizes[3], sizes[1], sizes[2]}
                                                        : std::vector<std::int64_t>{sizes[1], sizes[2], sizes[3]};
    if (std::any_of(chw.begin(), chw.end(), [](std::int64_t extent) { return extent > arch::maximum_channels; })) {
        throw InputError({{file_, 0, 0}, "input " + in_quotes(graph_.input) + " is too large", to_text(sizes), {}, {}});
    }
    const std::string name = is_printable(graph_.input) ? std::string(graph_.input) : "input";
    layer_names_.insert(name);
    try {
        const LayerIndex layer = builder_.add_input(
            name,
            {static_cast<std::int32_t>(chw[0]), static_cast<std::int32_t>(chw[1]), static_cast<std::int32_t>(chw[2])});
        values_.emplace(graph_.input, Tensor{layer, sizes, channels_last, {}});
    } catch (const arch::InvalidNetwork& error) {
        throw InputError({{file_, 0, 0}, error.what(), {}, {}, {}});
    }
}

void Layers::add_node(std::size_t index) {
    const Node& node = graph_.nodes[index];
    if (is_bias_[index]) {
        const std::size_t which = std::holds_alternative<Tensor>(value(node, node.input(0))) ? 0 : 1;
        set_result(node, tensor(node, which));
        return;
    }
    if (fold_node(node)) {
        return;
    }
    const std::span<const Operator> known = operators();
    const auto found =
        std::find_if(known.begin(), known.end(), [&node](const Operator& op) { return op.name == node.operation(); });
    if (found == known.end()) {
        std::vector<std::string_view> names;
        std::transform(known.begin(), known.end(), std::back_inserter(names),
                       [](const Operator& op) { return op.name; });
        node.fail("the operator is not supported", in_quotes(node.operation()), "one of " + input::list_names(names),
                  nearest_key(node.operation(), names));
    }
    check_unread_outputs(node);
    (this->*found->read)(node);
}

// Whether the node's inputs are all constants and its output is one too.
bool Layers::fold_node(const Node& node) {
    std::vector<const Constant*> inputs;
    for (std::size_t which = 0; which < node.inputs(); ++which) {
        inputs.push_back(find_constant(node, which));
        if (inputs.back() == nullptr && !node.input(which).empty()) {
            return false;
        }
    }
    std::optional<Constant> result = fold(node, inputs);
    if (!result) {
        return false;
    }
    set_result(node, std::move(*result));
    return true;
}

void Layers::set_result(const Node& node, Value value) {
    values_.emplace(node.output(), std::move(value));
}

void Layers::set_image(const Node& node, LayerIndex layer) {
    const Shape& shape = builder_.shape(layer);
    set_result(node, Tensor{layer, {1, shape.channels, shape.height, shape.width}, false, {}});
}

void Layers::set_same(const Node& node, LayerIndex layer, const Tensor& like) {
    set_result(node, Tensor{layer, like.dimensions, like.channels_last, {}});
}

// The dimensions that the tensor has as an image.
std::vector<std::int64_t> Layers::image_dimensions(const Tensor& of, bool channels_last) const {
    const Shape& shape = builder_.shape(of.layer);
    if (channels_last) {
        return {1, shape.height, shape.width, shape.channels};
    }
    return {1, shape.channels, shape.height, shape.width};
}

// The file's own word on its output tells a misreading from a network.
void Layers::check_output(const Tensor& output) const {
    const std::vector<std::int64_t>& stated = graph_.output_dimensions;
    bool is_equal = stated.empty() || stated.size() == output.dimensions.size();
    for (std::size_t at = 0; is_equal && at < stated.size(); ++at) {
        is_equal = stated[at] == any_extent || stated[at] == output.dimensions[at];
    }
    if (!is_equal) {
        throw InputError({{file_, 0, 0},
                          "the output " + in_quotes(graph_.output) + " has other dimensions than the file states",
                          to_text(output.dimensions),
                          to_text(stated),
                          {}});
    }
}

void Layers::note(std::string text) {
    if (notes_ != nullptr) {
        notes_->push_back(std::move(text));
    }
}

// The node's name, its output's, or one made of operator and position: the first that is printable and free.
std::string Layers::layer_name(const Node& node) {
    std::string name = node.message().name();
    if (!is_printable(name) || layer_names_.contains(name)) {
        name = node.output();
    }
    if (!is_printable(name) || layer_names_.contains(name)) {
        name = node.operation() + '_' + std::to_string(node.position());
    }
    while (!layer_names_.insert(name).second) {
        name += '_';
    }
    return name;
}

const Layers::Value& Layers::value(const Node& node, std::string_view name) const {
    const auto found = values_.find(name);
    if (found == values_.end()) {
        if (graph_.writers.contains(name)) {
            node.fail("reads a tensor that is written below it", in_quotes(name), "nodes in the order of execution");
        }
        std::vector<std::string_view> known;
        known.reserve(values_.size());
        for (const auto& entry : values_) {
            known.push_back(entry.first);
        }
        std::sort(known.begin(), known.end());
        node.fail("reads an unknown tensor", in_quotes(name), "the input, an initializer or the output of a node above",
                  nearest_key(name, known));
    }
    return found->second;
}

const Constant* Layers::find_constant(const Node& node, std::size_t which) const {
    const std::string_view name = node.input(which);
    return name.empty() ? nullptr : std::get_if<Constant>(&value(node, name));
}

const Constant& Layers::constant(const Node& node, std::size_t which, std::string_view what) const {
    const Constant* found = find_constant(node, which);
    if (found == nullptr) {
        node.fail(std::string(what) + (node.input(which).empty() ? " are left out" : " depend on the image"),
                  node.input(which).empty() ? std::string() : in_quotes(node.input(which)),
                  "an initializer or constant");
    }
    return *found;
}

const Tensor& Layers::any_tensor(const Node& node, std::size_t which) const {
    if (node.input(which).empty()) {
        node.fail("input " + std::to_string(which) + " is left out", {}, "the output of a layer");
    }
    const auto* found = std::get_if<Tensor>(&value(node, node.input(which)));
    if (found == nullptr) {
        node.fail("input " + std::to_string(which) + " does not depend on the image", in_quotes(node.input(which)),
                  "the output of a layer");
    }
    return *found;
}

const Tensor& Layers::tensor(const Node& node, std::size_t which) const {
    const Tensor& found = any_tensor(node, which);
    if (!found.softmax.empty()) {
        node.fail("reads the output of a softmax", found.softmax, "a softmax at the end of the network alone");
    }
    return found;
}

const Tensor& Layers::image(const Node& node, std::size_t which) const {
    const Tensor& found = tensor(node, which);
    if (found.channels_last) {
        node.fail("the channels of its input come last", to_text(found.dimensions), "batch, channels, height, width");
    }
    if (found.dimensions != image_dimensions(found, false)) {
        node.fail("its input is not an image", to_text(found.dimensions), "4 dimensions: 1, channels, height, width");
    }
    return found;
}

const Tensor& Layers::vector(const Node& node, std::size_t which) const {
    const Tensor& found = tensor(node, which);
    const Shape& shape = builder_.shape(found.layer);
    const bool is_vector = found.dimensions == std::vector<std::int64_t>{1, shape.channels} ||
                           found.dimensions == std::vector<std::int64_t>{shape.channels};
    if (!is_vector || shape.height != 1 || shape.width != 1) {
        node.fail("its input is not a vector", to_text(found.dimensions),
                  "2 dimensions, 1 and features, as Flatten makes them");
    }
    return found;
}

void Layers::check_unread_outputs(const Node& node) const {
    for (int which = 1; which < node.message().output_size(); ++which) {
        const std::string& name = node.message().output(which);
        if (!name.empty() && graph_.readers.contains(name)) {
            node.fail("output " + std::to_string(which) + " has no layer and is read", in_quotes(name),
                      "readers of the first output alone");
        }
    }
}

// Whether the one reader of the node adds a constant of one number a channel: a bias written apart.
bool Layers::takes_bias(const Node& node, std::int64_t channels, std::size_t dimensions_after) {
    const auto readers = graph_.readers.find(node.output());
    if (readers == graph_.readers.end() || readers->second.count != 1 || node.output() == graph_.output) {
        return false;
    }
    const std::size_t index = readers->second.last;
    const Node& reader = graph_.nodes[index];
    if (reader.operation() != "Add" || reader.inputs() != 2 || reader.message().output_size() == 0) {
        return false;
    }
    const std::string_view other = reader.input(reader.input(0) == node.output() ? 1 : 0);
    const auto found = values_.find(other);
    const Constant* bias = found == values_.end() ? nullptr : std::get_if<Constant>(&found->second);
    if (bias == nullptr || bias->elements() != channels || bias->dimensions.size() <= dimensions_after) {
        return false;
    }
    // [channels, 1, 1] with or without dimensions of 1 before it.
    const std::size_t at = bias->dimensions.size() - 1 - dimensions_after;
    is_bias_[index] = bias->dimensions[at] == channels;
    return is_bias_[index];
}

}  // namespace sotto::onnx
