// SPDX-License-Identifier: Apache-2.0
#include "tests/plugins/accuracy/flat_network.hpp"

#include <array>
#include <cmath>

namespace sotto::accuracy_test {
namespace {

std::int32_t window_outputs(std::int32_t size, std::int32_t pads, std::int32_t kernel, std::int32_t stride) {
    return (size + pads - kernel) / stride + 1;
}

sotto_shape slide(const sotto_shape& input, const sotto_window& window, std::int32_t channels) {
    return {
        channels,
        window_outputs(input.height, window.pad_top + window.pad_bottom, window.kernel_height, window.stride_height),
        window_outputs(input.width, window.pad_left + window.pad_right, window.kernel_width, window.stride_width)};
}

}  // namespace

sotto_window square_window(std::int32_t kernel, std::int32_t stride, std::int32_t pad) {
    return {kernel, kernel, stride, stride, pad, pad, pad, pad};
}

std::uint32_t FlatNetwork::append(std::int32_t kind, const std::vector<std::uint32_t>& operands,
                                  const sotto_shape& output, const sotto_window& window) {
    sotto_layer layer{};
    layer.struct_size = sizeof layer;
    layer.kind = kind;
    layer.first_operand = static_cast<std::uint32_t>(operands_.size());
    layer.operand_count = static_cast<std::uint32_t>(operands.size());
    layer.output = output;
    layer.window = window;
    operands_.insert(operands_.end(), operands.begin(), operands.end());
    layers_.push_back(layer);
    return static_cast<std::uint32_t>(layers_.size() - 1);
}

std::uint32_t FlatNetwork::input(std::int32_t channels, std::int32_t height, std::int32_t width) {
    return append(SOTTO_LAYER_INPUT, {}, {channels, height, width});
}

std::uint32_t FlatNetwork::convolution(std::uint32_t operand, std::int32_t channels, std::int32_t kernel,
                                       std::int32_t stride, std::int32_t pad, std::int32_t groups) {
    return convolution(operand, channels, square_window(kernel, stride, pad), groups);
}

std::uint32_t FlatNetwork::convolution(std::uint32_t operand, std::int32_t channels, const sotto_window& window,
                                       std::int32_t groups) {
    const std::uint32_t index =
        append(SOTTO_LAYER_CONVOLUTION, {operand}, slide(layers_[operand].output, window, channels), window);
    layers_[index].groups = groups;
    return index;
}

std::uint32_t FlatNetwork::normalization(std::uint32_t operand) {
    return append(SOTTO_LAYER_BATCH_NORMALIZATION, {operand}, layers_[operand].output);
}

std::uint32_t FlatNetwork::activation(std::uint32_t operand, std::int32_t activation) {
    const std::uint32_t index = append(SOTTO_LAYER_ACTIVATION, {operand}, layers_[operand].output);
    layers_[index].activation = activation;
    return index;
}

std::uint32_t FlatNetwork::pool(std::uint32_t operand, std::int32_t kind, std::int32_t kernel, std::int32_t stride,
                                std::int32_t pad) {
    return pool(operand, kind, square_window(kernel, stride, pad));
}

std::uint32_t FlatNetwork::pool(std::uint32_t operand, std::int32_t kind, const sotto_window& window) {
    return append(kind, {operand}, slide(layers_[operand].output, window, layers_[operand].output.channels), window);
}

std::uint32_t FlatNetwork::global_pool(std::uint32_t operand, std::int32_t kind) {
    const sotto_shape& shape = layers_[operand].output;
    return append(kind, {operand}, {shape.channels, 1, 1}, {shape.height, shape.width, 1, 1, 0, 0, 0, 0});
}

std::uint32_t FlatNetwork::fully_connected(std::uint32_t operand, std::int32_t outputs) {
    return append(SOTTO_LAYER_FULLY_CONNECTED, {operand}, {outputs, 1, 1});
}

std::uint32_t FlatNetwork::add(std::vector<std::uint32_t> operands) {
    return append(SOTTO_LAYER_ADD, operands, layers_[operands.front()].output);
}

std::uint32_t FlatNetwork::concat(std::vector<std::uint32_t> operands) {
    sotto_shape output = layers_[operands.front()].output;
    output.channels = 0;
    for (const std::uint32_t operand : operands) {
        output.channels += layers_[operand].output.channels;
    }
    return append(SOTTO_LAYER_CONCAT, operands, output);
}

std::uint32_t FlatNetwork::flatten(std::uint32_t operand) {
    const sotto_shape& shape = layers_[operand].output;
    return append(SOTTO_LAYER_FLATTEN, {operand}, {shape.channels * shape.height * shape.width, 1, 1});
}

std::uint32_t FlatNetwork::pad(std::uint32_t operand, std::int32_t top, std::int32_t bottom, std::int32_t left,
                               std::int32_t right) {
    const sotto_shape& shape = layers_[operand].output;
    return append(SOTTO_LAYER_PAD, {operand}, {shape.channels, shape.height + top + bottom, shape.width + left + right},
                  {0, 0, 0, 0, top, bottom, left, right});
}

const sotto_network& FlatNetwork::view() {
    network_ = {sizeof(sotto_network),
                sizeof(sotto_layer),
                static_cast<std::uint32_t>(layers_.size()),
                static_cast<std::uint32_t>(operands_.size()),
                static_cast<std::uint32_t>(layers_.size() - 1),
                0,
                layers_.data(),
                operands_.data()};
    return network_;
}

FlatNetwork squeezenet(const SqueezeNetVariant& variant) {
    const auto wide = [&](int channels) { return static_cast<std::int32_t>(std::lround(channels * variant.width)); };
    FlatNetwork network;
    const auto activated = [&](std::uint32_t operand, std::size_t block) {
        const std::int32_t activation = variant.activations[block];
        return activation == SOTTO_ACTIVATION_NONE ? operand : network.activation(operand, activation);
    };
    std::uint32_t at = network.input(3, variant.image, variant.image);
    at = activated(network.convolution(at, wide(96), 7, 2), 0);
    at = network.pool(at, SOTTO_LAYER_MAX_POOL, 3, 2);
    constexpr std::array<int, 8> squeeze{16, 16, 32, 32, 48, 48, 64, 64};
    for (std::size_t fire = 0; fire < squeeze.size(); ++fire) {
        if ((variant.fires >> fire & 1U) != 0) {
            const std::uint32_t squeezed = activated(network.convolution(at, wide(squeeze[fire]), 1), fire + 1);
            const std::uint32_t ones = activated(network.convolution(squeezed, wide(4 * squeeze[fire]), 1), fire + 1);
            const std::uint32_t threes =
                activated(network.convolution(squeezed, wide(4 * squeeze[fire]), 3, 1, 1), fire + 1);
            at = network.concat({ones, threes});
        }
        if (fire == 2 || fire == 6) {
            at = network.pool(at, SOTTO_LAYER_MAX_POOL, 3, 2);
        }
    }
    at = activated(network.convolution(at, 1000, 1), 9);
    network.global_pool(at);
    return network;
}

}  // namespace sotto::accuracy_test
