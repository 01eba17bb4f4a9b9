// SPDX-License-Identifier: Apache-2.0
#include "engine/onnx/node.hpp"

#include <algorithm>

#include "engine/input/input_error.hpp"

namespace sotto::onnx {
namespace {

constexpr std::size_t longest_shown_name = 128;

}  // namespace

std::string in_quotes(std::string_view name) {
    std::string text(name.substr(0, longest_shown_name));
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c > 0x7e; }, '?');
    return '\'' + text + (name.size() > longest_shown_name ? "...'" : "'");
}

std::string to_text(const std::vector<std::int64_t>& values) {
    constexpr std::size_t most = 16;
    std::string text;
    for (std::size_t i = 0; i < std::min(values.size(), most); ++i) {
        text += (i > 0 ? ", " : "") + std::to_string(values[i]);
    }
    return '[' + text + (values.size() > most ? ", ...]" : "]");
}

Node::Node(const std::string& file, const ::onnx::NodeProto& message, std::size_t position)
    : file_(&file), message_(&message), position_(position) {}

std::string Node::text() const {
    const std::string operation_text = " (" + in_quotes(operation());
    std::string text = "node ";
    if (message_->name().empty()) {
        text += std::to_string(position_);
        if (message_->output_size() > 0) {
            text += " with output " + in_quotes(message_->output(0));
        }
    } else {
        text += in_quotes(message_->name());
    }
    return text + " (" + operation_text.substr(3, operation_text.size() - 4) + ')';
}

void Node::fail(const std::string& problem, std::string found, std::string expected, std::string nearest) const {
    throw input::InputError(
        {{*file_, 0, 0}, text() + ": " + problem, std::move(found), std::move(expected), std::move(nearest)});
}

std::string_view Node::input(std::size_t which) const {
    return which < inputs() ? std::string_view(message_->input(static_cast<int>(which))) : std::string_view();
}

std::size_t Node::inputs() const noexcept {
    return static_cast<std::size_t>(message_->input_size());
}

const std::string& Node::output() const {
    return message_->output(0);
}

void Node::check_inputs(std::size_t least, std::size_t most) const {
    if (message_->output_size() == 0 || output().empty()) {
        fail("writes nothing", "no output", "an output");
    }
    if (inputs() < least || inputs() > most) {
        fail("wrong number of inputs", std::to_string(inputs()),
             least == most ? std::to_string(least) : std::to_string(least) + " to " + std::to_string(most));
    }
    for (std::size_t which = 0; which < least; ++which) {
        if (input(which).empty()) {
            fail("input " + std::to_string(which) + " is left out", {}, "the name of a tensor");
        }
    }
}

void Node::only_attributes(std::initializer_list<std::string_view> known) const {
    for (const ::onnx::AttributeProto& attribute : message_->attribute()) {
        if (std::find(known.begin(), known.end(), attribute.name()) == known.end()) {
            fail("unknown attribute", in_quotes(attribute.name()),
                 known.size() == 0 ? "none" : input::list_names({known.begin(), known.size()}),
                 std::string(input::nearest_name(attribute.name(), {known.begin(), known.size()})));
        }
    }
}

const ::onnx::AttributeProto* Node::find(std::string_view name, ::onnx::AttributeProto::AttributeType type) const {
    const auto found =
        std::find_if(message_->attribute().begin(), message_->attribute().end(),
                     [name](const ::onnx::AttributeProto& attribute) { return attribute.name() == name; });
    if (found == message_->attribute().end()) {
        return nullptr;
    }
    // The type may be left out in files of version 1 to 3 of the format.
    if (found->type() != type && found->type() != ::onnx::AttributeProto::UNDEFINED) {
        fail("attribute " + in_quotes(name) + " has the wrong type",
             ::onnx::AttributeProto::AttributeType_Name(found->type()),
             ::onnx::AttributeProto::AttributeType_Name(type));
    }
    return &*found;
}

std::optional<std::int64_t> Node::find_integer(std::string_view name) const {
    const ::onnx::AttributeProto* attribute = find(name, ::onnx::AttributeProto::INT);
    return attribute == nullptr ? std::nullopt : std::optional<std::int64_t>(attribute->i());
}

std::int64_t Node::integer(std::string_view name, std::int64_t otherwise) const {
    return find_integer(name).value_or(otherwise);
}

bool Node::flag(std::string_view name, bool otherwise) const {
    const std::int64_t value = integer(name, otherwise ? 1 : 0);
    if (value != 0 && value != 1) {
        fail("attribute " + in_quotes(name), std::to_string(value), "0 or 1");
    }
    return value == 1;
}

std::optional<double> Node::find_number(std::string_view name) const {
    const ::onnx::AttributeProto* attribute = find(name, ::onnx::AttributeProto::FLOAT);
    return attribute == nullptr ? std::nullopt : std::optional<double>(attribute->f());
}

std::string Node::word(std::string_view name, std::string_view otherwise) const {
    const ::onnx::AttributeProto* attribute = find(name, ::onnx::AttributeProto::STRING);
    return attribute == nullptr ? std::string(otherwise) : attribute->s();
}

std::optional<std::vector<std::int64_t>> Node::find_integers(std::string_view name) const {
    const ::onnx::AttributeProto* attribute = find(name, ::onnx::AttributeProto::INTS);
    if (attribute == nullptr) {
        return std::nullopt;
    }
    return std::vector<std::int64_t>(attribute->ints().begin(), attribute->ints().end());
}

const ::onnx::TensorProto* Node::find_tensor(std::string_view name) const {
    const ::onnx::AttributeProto* attribute = find(name, ::onnx::AttributeProto::TENSOR);
    return attribute == nullptr ? nullptr : &attribute->t();
}

}  // namespace sotto::onnx
