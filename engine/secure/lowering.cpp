// SPDX-License-Identifier: Apache-2.0
#include "engine/secure/lowering.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <stdexcept>

#include "engine/arch/canonical_hash.hpp"
#include "engine/secure/normalization_rule.hpp"

namespace sotto::secure {
namespace {

using arch::Layer;
using arch::LayerIndex;
using arch::LayerKind;
using arch::Network;
using arch::Shape;
using arch::Window;

constexpr std::array profiles{
    LoweringProfile{"athos-cheetah",
                    "TensorFlow networks compiled by Athos for OpenCheetah, as the published measurements ran them"},
};

constexpr std::int32_t tile_extent = 64;  // an image larger than a polynomial is cut into tiles of 64x64

BatchNormalizationKind cheaper_normalization(const Shape& shape) {
    return is_homomorphic_normalization_cheaper(shape.channels, shape.height, shape.width)
               ? BatchNormalizationKind::homomorphic
               : BatchNormalizationKind::elementwise;
}

std::string pair_text(std::int32_t first, std::int32_t second) {
    return std::to_string(first) + 'x' + std::to_string(second);
}

bool has_padding(const Window& window) {
    return window.pad_top > 0 || window.pad_bottom > 0 || window.pad_left > 0 || window.pad_right > 0;
}

// Operations know the paddings VALID and SAME. Any other is zeros put around the image beforehand, which is local and
// free: the operation then reads a larger image.
void resolve_padding(Window& window, Shape& input) {
    if (!has_padding(window) || window == arch::same_padding(window, input)) {
        return;
    }
    input.height += window.pad_top + window.pad_bottom;
    input.width += window.pad_left + window.pad_right;
    window.pad_top = 0;
    window.pad_bottom = 0;
    window.pad_left = 0;
    window.pad_right = 0;
}

std::string unsupported_stride(const Window& window) {
    return "stride " + pair_text(window.stride_height, window.stride_width) + " is not square";
}

}  // namespace

std::span<const LoweringProfile> lowering_profiles() {
    return profiles;
}

Lowering::Lowering(std::string_view profile_name) {
    std::string known;
    for (const LoweringProfile& profile : profiles) {
        if (profile.name == profile_name) {
            return;
        }
        known += known.empty() ? "" : ", ";
        known += profile.name;
    }
    throw std::invalid_argument("unknown lowering profile '" + std::string(profile_name) + "'; known: " + known);
}

std::optional<Unsupported> Lowering::lower(const Network& network, SecureProgram& program) {
    arch::canonical_form(network, order_);
    return lower(network, order_, program);
}

std::optional<Unsupported> Lowering::lower(const Network& network, std::span<const LayerIndex> order,
                                           SecureProgram& program) {
    assert(order.size() == network.size());
    program.operations.clear();
    network_ = &network;
    program_ = &program;
    prepare(network);
    for (const LayerIndex index : order) {
        std::string reason = lower_layer(index);
        if (!reason.empty()) {
            program.operations.clear();
            return Unsupported{std::string(network.layer_name(index)), std::move(reason)};
        }
    }
    return std::nullopt;
}

void Lowering::prepare(const Network& network) {
    states_.assign(network.size(), LayerState{});
    for (LayerIndex index = 0; index < network.size(); ++index) {
        states_[index].stands_for = index;
        for (const LayerIndex read : network.operands(index)) {
            ++states_[read].readers;
            states_[read].reader = index;
        }
    }
}

// Returns why the layer is unsupported, or nothing.
std::string Lowering::lower_layer(LayerIndex index) {
    const Layer& layer = network_->layer(index);
    switch (layer.kind) {
        case LayerKind::input:
            break;
        case LayerKind::convolution:
            return lower_convolution(index);
        case LayerKind::batch_normalization:
            lower_batch_normalization(index);
            break;
        case LayerKind::activation:
            lower_activation(index);
            break;
        case LayerKind::max_pool:
        case LayerKind::average_pool:
        case LayerKind::global_max_pool:
        case LayerKind::global_average_pool:
            return lower_pool(index);
        case LayerKind::fully_connected:
            need_single_scale(operand(index));
            emit(OperationKind::fully_connected, index, network_->operand_shape(index), layer.output);
            states_[index].scale = product_scale;
            break;
        case LayerKind::add:
            lower_add(index);
            break;
        case LayerKind::concat:
            lower_concat(index);
            break;
        case LayerKind::flatten:
        case LayerKind::pad:
            // Padding adds zeros, which have every scale: a truncation works on the value before it.
            pass_on(index);
            break;
    }
    return {};
}

std::string Lowering::lower_convolution(LayerIndex index) {
    const Layer& layer = network_->layer(index);
    Shape input = network_->operand_shape(index);
    if (layer.groups != 1) {
        return (layer.groups == input.channels ? "depthwise convolution (" : "grouped convolution (") +
               std::to_string(layer.groups) + " groups)";
    }
    Window window = layer.window;
    if (window.stride_height != window.stride_width) {
        return unsupported_stride(window);
    }
    resolve_padding(window, input);
    // The compiler puts the odd element of SAME at the top and left of a convolution, unlike of a pool.
    if (window.pad_bottom > window.pad_top) {
        std::swap(window.pad_top, window.pad_bottom);
    }
    if (window.pad_right > window.pad_left) {
        std::swap(window.pad_left, window.pad_right);
    }
    const std::int64_t padded_image = (std::int64_t{input.height} + window.pad_top + window.pad_bottom) *
                                      (std::int64_t{input.width} + window.pad_left + window.pad_right);
    if (padded_image > polynomial_degree && std::max(window.kernel_height, window.kernel_width) > tile_extent) {
        return "kernel " + pair_text(window.kernel_height, window.kernel_width) +
               " is larger than the 64x64 tile of a ciphertext";
    }
    need_single_scale(operand(index));
    emit(OperationKind::convolution, index, input, layer.output).window = window;
    states_[index].scale = product_scale;
    return {};
}

std::string Lowering::lower_pool(LayerIndex index) {
    const Layer& layer = network_->layer(index);
    Shape input = network_->operand_shape(index);
    Window window = layer.window;
    if (window.stride_height != window.stride_width) {
        return unsupported_stride(window);
    }
    resolve_padding(window, input);
    const bool is_maximum = layer.kind == LayerKind::max_pool || layer.kind == LayerKind::global_max_pool;
    const LayerIndex value = operand(index);
    states_[index].scale = scale_of(value);
    emit(is_maximum ? OperationKind::max_pool : OperationKind::average_pool, index, input, layer.output).window =
        window;
    const LayerIndex relu = states_[value].late_relu;
    if (relu == none) {
        return {};
    }
    if (feeds_only_a_max_pool(index)) {
        states_[index].late_relu = relu;
    } else {
        emit_relu(relu, index);
        states_[index].scale = single_scale;
    }
    return {};
}

void Lowering::lower_batch_normalization(LayerIndex index) {
    if (folds(index)) {
        states_[index].is_folded = true;
        pass_on(index);
        return;
    }
    const Layer& layer = network_->layer(index);
    need_single_scale(operand(index));
    Operation& operation =
        emit(OperationKind::batch_normalization, index, network_->operand_shape(index), layer.output);
    switch (layer.normalization_form) {
        case arch::BatchNormalizationForm::automatic:
            operation.normalization = cheaper_normalization(layer.output);
            break;
        case arch::BatchNormalizationForm::homomorphic:
            operation.normalization = BatchNormalizationKind::homomorphic;
            break;
        case arch::BatchNormalizationForm::elementwise:
            operation.normalization = BatchNormalizationKind::elementwise;
            break;
    }
    states_[index].scale = product_scale;
}

void Lowering::lower_activation(LayerIndex index) {
    const Layer& layer = network_->layer(index);
    const LayerIndex value = operand(index);
    if (layer.activation == arch::Activation::relu) {
        if (feeds_only_a_max_pool(index)) {
            // max and ReLU commute, and after the pool there is less to compare.
            pass_on(index);
            states_[index].late_relu = index;
        } else {
            emit_relu(index, value);
        }
    } else if (layer.activation == arch::Activation::square) {
        need_single_scale(value);
        emit(OperationKind::multiply, index, layer.output, layer.output);
        states_[index].scale = product_scale;
    } else {
        pass_on(index);
    }
}

// Scaling up is a local multiplication, so a sum waits for its one truncation.
void Lowering::lower_add(LayerIndex index) {
    for (const LayerIndex read : network_->operands(index)) {
        states_[index].scale = std::max(states_[index].scale, scale_of(read));
    }
}

void Lowering::lower_concat(LayerIndex index) {
    const std::span<const LayerIndex> read = network_->operands(index);
    const std::uint8_t first = scale_of(read[0]);
    const bool is_uniform =
        std::all_of(read.begin(), read.end(), [this, first](LayerIndex value) { return scale_of(value) == first; });
    states_[index].scale = is_uniform ? first : single_scale;
    if (!is_uniform) {
        for (const LayerIndex value : read) {
            need_single_scale(value);
        }
    }
}

bool Lowering::is_identity(LayerIndex index) const {
    return network_->layer(index).activation == arch::Activation::identity;
}

bool Lowering::feeds_only_a_max_pool(LayerIndex index) const {
    while (states_[index].readers == 1) {
        index = states_[index].reader;
        const LayerKind kind = network_->layer(index).kind;
        if (kind == LayerKind::max_pool || kind == LayerKind::global_max_pool) {
            return true;
        }
        if (!is_identity(index)) {
            return false;
        }
    }
    return false;
}

// Whether a batch normalisation is multiplied into the weights of the operation that alone feeds it.
bool Lowering::folds(LayerIndex index) const {
    if (!network_->layer(index).foldable) {
        return false;
    }
    LayerIndex before = operand(index);
    while (states_[before].readers == 1 && (is_identity(before) || states_[before].is_folded)) {
        before = operand(before);
    }
    const LayerKind kind = network_->layer(before).kind;
    return states_[before].readers == 1 && (kind == LayerKind::convolution || kind == LayerKind::fully_connected);
}

// The layer's output is its operand's value: truncating one truncates the other.
void Lowering::pass_on(LayerIndex index) {
    const LayerState& value = states_[operand(index)];
    states_[index].stands_for = value.stands_for;
    states_[index].late_relu = value.late_relu;
}

void Lowering::need_single_scale(LayerIndex index) {
    const LayerIndex value = states_[index].stands_for;
    if (states_[value].scale == product_scale) {
        const Shape& shape = network_->layer(value).output;
        emit(OperationKind::truncation, value, shape, shape);
        states_[value].scale = single_scale;
    }
}

void Lowering::emit_relu(LayerIndex index, LayerIndex value) {
    const Shape& shape = network_->layer(value).output;
    const bool truncates = scale_of(value) == product_scale;
    emit(OperationKind::relu, index, shape, shape).truncates = truncates;
}

Operation& Lowering::emit(OperationKind kind, LayerIndex index, const Shape& input, const Shape& output) {
    Operation& operation = program_->operations.emplace_back();
    operation.kind = kind;
    operation.input = input;
    operation.output = output;
    operation.elements = output.elements();
    operation.layer = index;
    return operation;
}

}  // namespace sotto::secure
