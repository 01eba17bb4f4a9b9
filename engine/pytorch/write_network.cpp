// SPDX-License-Identifier: Apache-2.0
#include "engine/pytorch/write_network.hpp"

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/arch/canonical_hash.hpp"
#include "engine/arch/counts.hpp"
#include "engine/pytorch/docstring_text.hpp"
#include "engine/pytorch/identifiers.hpp"
#include "engine/pytorch/layer_blocks.hpp"
#include "engine/pytorch/module_expression.hpp"
#include "engine/pytorch/statement.hpp"

namespace sotto::pytorch {
namespace {

using arch::LayerIndex;
using arch::LayerKind;
using arch::Network;
using arch::Shape;

constexpr std::size_t image_rank = 4;   // batch, channels, height, width
constexpr std::size_t vector_rank = 2;  // batch, channels
constexpr std::size_t body_indent = 8;
constexpr std::size_t most_terms = 100;  // of a sum; Python refuses one of some thousand
constexpr const char* passed_on = "x";   // the variable for what the next line alone reads

bool joins(LayerKind kind) {
    return kind == LayerKind::add || kind == LayerKind::concat;
}

bool is_vector(const Shape& shape) {
    return shape.height == 1 && shape.width == 1;
}

std::string batch_text(const Shape& shape, std::size_t rank) {
    std::string text = "[batch, " + std::to_string(shape.channels);
    if (rank == image_rank) {
        text += ", " + std::to_string(shape.height) + ", " + std::to_string(shape.width);
    }
    return text + ']';
}

std::string shape_text(const Shape& shape) {
    return std::to_string(shape.channels) + " x " + std::to_string(shape.height) + " x " + std::to_string(shape.width) +
           " (channels, height, width)";
}

class Writer {
  public:
    explicit Writer(const Network& network) : network_(network), values_(network.size()) {
        UniqueIdentifiers given;
        attributes_ = attribute_names(network, given);
        find_ranks();
        find_readers();
        blocks_ = layer_blocks(network);
        add_modules(given);
        add_forward();
    }

    std::string write() const;

  private:
    // The tensor that a layer gives.
    struct Value {
        std::size_t rank = image_rank;
        LayerIndex first_reader = 0;  // 0: the function's end reads it
        LayerIndex last_reader = 0;
        std::string variable;
        std::string pad;  // attribute of the submodule that pads the layer's operand; empty: none
    };

    const Shape& output_shape() const { return network_.layer(network_.output()).output; }
    std::size_t output_rank() const { return is_vector(output_shape()) ? vector_rank : image_rank; }

    void find_ranks();
    void find_readers();
    void add_modules(UniqueIdentifiers& given);
    std::string variable_for(LayerIndex index, std::string_view path);
    std::string as_rank(LayerIndex index, std::size_t rank) const;
    Expression layer_call(LayerIndex index) const;
    void add_forward();

    const Network& network_;
    std::vector<Value> values_;
    std::vector<std::string> attributes_;
    std::vector<LayerBlock> blocks_;
    std::unordered_map<std::string, LayerIndex> kept_until_;  // variable: last reader of what it holds
    std::string modules_;                                     // statements of __init__
    std::string forward_;                                     // and of forward
    bool has_square_ = false;
};

void Writer::find_ranks() {
    for (LayerIndex index = 1; index < network_.size(); ++index) {
        const auto operands = network_.operands(index);
        const auto is_vector_tensor = [&](LayerIndex operand) { return values_[operand].rank == vector_rank; };
        switch (network_.layer(index).kind) {
            case LayerKind::fully_connected:
            case LayerKind::flatten:
                values_[index].rank = vector_rank;
                break;
            case LayerKind::batch_normalization:
            case LayerKind::activation:
            case LayerKind::add:
            case LayerKind::concat:
                if (std::all_of(operands.begin(), operands.end(), is_vector_tensor)) {
                    values_[index].rank = vector_rank;
                }
                break;
            default:
                break;
        }
    }
}

void Writer::find_readers() {
    for (LayerIndex index = 1; index < network_.size(); ++index) {
        for (const LayerIndex operand : network_.operands(index)) {
            Value& value = values_[operand];
            value.first_reader = value.first_reader == 0 ? index : value.first_reader;
            value.last_reader = index;
        }
    }
}

void Writer::add_modules(UniqueIdentifiers& given) {
    for (const LayerBlock& block : blocks_) {
        std::string lines;
        for (LayerIndex index = block.begin; index < block.end; ++index) {
            const arch::Layer& layer = network_.layer(index);
            if (joins(layer.kind)) {
                continue;
            }
            const ModuleExpression made = module_expression(network_, index, values_[network_.operands(index)[0]].rank);
            if (made.pad) {
                values_[index].pad = given.add(attributes_[index] + "_pad");
                append_statement(lines, body_indent, "self." + values_[index].pad, *made.pad);
            }
            append_statement(lines, body_indent, "self." + attributes_[index], made.module);
            has_square_ = has_square_ || layer.activation == arch::Activation::square;
        }
        if (!lines.empty()) {
            modules_ += modules_.empty() ? "" : "\n";
            modules_ += lines;
        }
    }
}

// Where a later line than the next reads the value, a variable of its own: called as the layer is within its block, and
// by more of its path where a value that is still to be read has the name.
std::string Writer::variable_for(LayerIndex index, std::string_view path) {
    const Value& value = values_[index];
    if (value.first_reader == value.last_reader && (value.last_reader == 0 || value.last_reader == index + 1)) {
        return passed_on;
    }
    const std::string_view full = network_.layer_name(index);
    const auto called_from = [&](std::size_t begin) {
        return variable_identifier(to_identifier(full.substr(begin), arch::to_text(network_.layer(index).kind)));
    };
    const auto is_kept = [&](const std::string& variable) {
        const auto found = kept_until_.find(variable);
        return found != kept_until_.end() && found->second > index;
    };
    std::string name = called_from(path.size());
    while (!path.empty() && is_kept(name)) {
        path.remove_suffix(1);
        path = path.substr(0, path.rfind('/') + 1);
        name = called_from(path.size());
    }
    if (is_kept(name)) {
        name = variable_identifier(attributes_[index]);
    }
    while (is_kept(name)) {
        name += '_';
    }
    kept_until_[name] = value.last_reader;
    return name;
}

std::string Writer::as_rank(LayerIndex index, std::size_t rank) const {
    const Value& value = values_[index];
    if (value.rank == rank) {
        return value.variable;
    }
    return value.variable + (rank == vector_rank ? ".flatten(1)" : "[:, :, None, None]");
}

Expression Writer::layer_call(LayerIndex index) const {
    const auto operands = network_.operands(index);
    const LayerKind kind = network_.layer(index).kind;
    if (joins(kind)) {
        std::vector<Expression> tensors;
        for (const LayerIndex operand : operands) {
            tensors.push_back({as_rank(operand, values_[index].rank)});
        }
        if (kind == LayerKind::add && tensors.size() <= most_terms) {
            return {"", std::move(tensors), "", true};
        }
        if (kind == LayerKind::add) {
            return call("sum", {{"[", std::move(tensors), "]"}});
        }
        return call("torch.cat", {{"[", std::move(tensors), "]"}, {"dim=1"}});
    }
    std::size_t rank = image_rank;
    if (kind == LayerKind::fully_connected) {
        rank = vector_rank;
    } else if (kind == LayerKind::batch_normalization || kind == LayerKind::activation || kind == LayerKind::flatten) {
        rank = values_[operands[0]].rank;
    }
    Expression operand{as_rank(operands[0], rank)};
    if (!values_[index].pad.empty()) {
        operand = call("self." + values_[index].pad, {std::move(operand)});
    }
    return call("self." + attributes_[index], {std::move(operand)});
}

void Writer::add_forward() {
    values_[0].variable = variable_for(0, {});
    if (values_[0].variable != passed_on) {
        append_statement(forward_, body_indent, values_[0].variable, {passed_on});
    }
    for (const LayerBlock& block : blocks_) {
        forward_ += forward_.empty() ? "" : "\n";
        for (LayerIndex index = block.begin; index < block.end; ++index) {
            const Expression expression = layer_call(index);
            values_[index].variable = variable_for(index, block.path);
            append_statement(forward_, body_indent, values_[index].variable, expression);
        }
    }
}

std::string Writer::write() const {
    const Shape& input = network_.layer(0).output;
    const Shape& output = output_shape();
    const std::string name = docstring_text(network_.name());
    std::string text = "\"\"\"Network" + (name.empty() ? "" : " '" + name + "'") + ", written by Sotto.\n\n";
    text += "hash        " + arch::to_text(arch::canonical_hash(network_)) + '\n';
    text += "input       " + shape_text(input) + '\n';
    text += "output      " +
            (output_rank() == vector_rank ? std::to_string(output.channels) + " classes" : shape_text(output)) + '\n';
    text += "layers      " + std::to_string(network_.size() - 1) + " without the input\n";
    text += "parameters  " + std::to_string(arch::count(network_).parameters) + '\n';
    text += "\"\"\"\n\nimport torch\nfrom torch import nn\n\n";
    text += "INPUT_SHAPE = (" + std::to_string(input.channels) + ", " + std::to_string(input.height) + ", " +
            std::to_string(input.width) + ")  # channels, height, width\n\n\n";
    if (has_square_) {
        text +=
            "class Square(nn.Module):\n"
            "    def forward(self, x):\n"
            "        return x * x\n\n\n";
    }
    text += "class Network(nn.Module):\n    \"\"\"" + batch_text(input, image_rank) + " -> " +
            batch_text(output, output_rank()) + "\"\"\"\n\n";
    text += "    def __init__(self):\n        super().__init__()\n" + modules_ + '\n';
    text += "    def forward(self, x):\n" + forward_;
    text += forward_.empty() ? "" : "\n";
    text += "        return " + as_rank(network_.output(), output_rank()) + '\n';
    text +=
        "\n\nif __name__ == \"__main__\":\n"
        "    network = Network().eval()\n"
        "    with torch.no_grad():\n"
        "        output = network(torch.zeros(1, *INPUT_SHAPE))\n"
        "    parameters = sum(parameter.numel() for parameter in network.parameters())\n"
        "    print(f\"output {tuple(output.shape)}, {parameters} parameters\")\n";
    return text;
}

}  // namespace

std::string to_pytorch(const Network& network) {
    assert(network.size() > 0);
    return Writer(network).write();
}

}  // namespace sotto::pytorch
