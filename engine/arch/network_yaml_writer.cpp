// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cctype>

#include "engine/arch/network_yaml.hpp"

namespace sotto::arch {
namespace {

// Words that a YAML reader may take for something else than text.
bool is_special_word(std::string_view text) {
    constexpr std::array<std::string_view, 9> words{"null", "true", "false", "yes", "no", "on", "off", "y", "n"};
    std::string lower(text);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return std::find(words.begin(), words.end(), lower) != words.end();
}

bool is_plain(std::string_view text) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    const auto is_allowed = [is_letter](char c) {
        return is_letter(c) || (c >= '0' && c <= '9') || c == '/' || c == '.' || c == '-';
    };
    return !text.empty() && is_letter(text.front()) && std::all_of(text.begin(), text.end(), is_allowed) &&
           !is_special_word(text);
}

std::string scalar(std::string_view text) {
    if (is_plain(text)) {
        return std::string(text);
    }
    constexpr char digits[] = "0123456789abcdef";
    std::string quoted = "\"";
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            quoted += '\\';
            quoted += c;
        } else if (byte < 0x20 || byte == 0x7f) {
            quoted += "\\x";
            quoted += digits[byte >> 4U];
            quoted += digits[byte & 15U];
        } else {
            quoted += c;
        }
    }
    return quoted + '"';
}

void put(std::string& text, std::string_view key, const std::string& value) {
    text += ", ";
    text += key;
    text += ": ";
    text += value;
}

void put_extents(std::string& text, std::string_view key, std::int32_t height, std::int32_t width) {
    put(text, key,
        height == width ? std::to_string(height) : '[' + std::to_string(height) + ", " + std::to_string(width) + ']');
}

void put_padding(std::string& text, const Window& window, const Shape* input_of_window) {
    const bool is_uniform =
        window.pad_top == window.pad_bottom && window.pad_top == window.pad_left && window.pad_top == window.pad_right;
    if (is_uniform) {
        put(text, "padding", std::to_string(window.pad_top));
    } else if (input_of_window != nullptr && window == same_padding(window, *input_of_window)) {
        put(text, "padding", "same");
    } else {
        put(text, "padding",
            '[' + std::to_string(window.pad_top) + ", " + std::to_string(window.pad_bottom) + ", " +
                std::to_string(window.pad_left) + ", " + std::to_string(window.pad_right) + ']');
    }
}

void put_window(std::string& text, const Window& window, const Shape& input, bool stride_is_required) {
    put_extents(text, "kernel", window.kernel_height, window.kernel_width);
    if (stride_is_required || window.stride_height != 1 || window.stride_width != 1) {
        put_extents(text, "stride", window.stride_height, window.stride_width);
    }
    if (window.pad_top != 0 || window.pad_bottom != 0 || window.pad_left != 0 || window.pad_right != 0) {
        put_padding(text, window, &input);
    }
}

void put_operands(std::string& text, const Network& network, LayerIndex index) {
    const std::span<const LayerIndex> operands = network.operands(index);
    const LayerKind kind = network.layer(index).kind;
    if (kind != LayerKind::add && kind != LayerKind::concat) {
        if (operands[0] + 1 != index) {
            put(text, "from", scalar(network.layer_name(operands[0])));
        }
        return;
    }
    std::string list = "[";
    for (const LayerIndex operand : operands) {
        list += list.size() > 1 ? ", " : "";
        list += scalar(network.layer_name(operand));
    }
    put(text, "from", list + ']');
}

void put_layer(std::string& text, const Network& network, LayerIndex index) {
    const Layer& layer = network.layer(index);
    text += "{name: " + scalar(network.layer_name(index));
    put(text, "type",
        std::string(layer.kind == LayerKind::activation ? to_text(layer.activation) : to_text(layer.kind)));
    put_operands(text, network, index);
    switch (layer.kind) {
        case LayerKind::convolution:
            put(text, "channels", std::to_string(layer.output.channels));
            put_window(text, layer.window, network.operand_shape(index), false);
            if (layer.groups != 1) {
                put(text, "groups", std::to_string(layer.groups));
            }
            if (!layer.bias) {
                put(text, "bias", "false");
            }
            break;
        case LayerKind::batch_normalization:
            if (layer.normalization_form == BatchNormalizationForm::homomorphic) {
                put(text, "form", "homomorphic");
            } else if (layer.normalization_form == BatchNormalizationForm::elementwise) {
                put(text, "form", "elementwise");
            }
            if (!layer.foldable) {
                put(text, "foldable", "false");
            }
            break;
        case LayerKind::max_pool:
        case LayerKind::average_pool:
            put_window(text, layer.window, network.operand_shape(index), true);
            break;
        case LayerKind::fully_connected:
            put(text, "features", std::to_string(layer.output.channels));
            if (!layer.bias) {
                put(text, "bias", "false");
            }
            break;
        case LayerKind::pad:
            put_padding(text, layer.window, nullptr);
            break;
        default:
            break;
    }
    text += '}';
}

std::string shape_list(const Shape& shape) {
    return '[' + std::to_string(shape.channels) + ", " + std::to_string(shape.height) + ", " +
           std::to_string(shape.width) + ']';
}

}  // namespace

std::string to_yaml(const Network& network) {
    std::string text = "network: " + scalar(network.name()) + "\ninput: {";
    if (network.layer_name(0) != "input") {
        text += "name: " + scalar(network.layer_name(0)) + ", ";
    }
    text += "shape: " + shape_list(network.layer(0).output) + "}\n";
    if (network.size() > 1) {
        text += "layers:\n";
    }
    for (LayerIndex index = 1; index < network.size(); ++index) {
        text += "  - ";
        put_layer(text, network, index);
        text += '\n';
    }
    return text;
}

std::string layer_to_yaml(const Network& network, LayerIndex index) {
    std::string text;
    if (network.layer(index).kind == LayerKind::input) {
        text = "{name: " + scalar(network.layer_name(index));
        put(text, "shape", shape_list(network.layer(index).output));
        return text + '}';
    }
    put_layer(text, network, index);
    return text;
}

}  // namespace sotto::arch
