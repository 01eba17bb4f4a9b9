// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sotto/plugin.h"

namespace sotto::accuracy_test {

/// Builds the flat graph of plugin.h by hand. Every function adds a layer and returns its index.
class FlatNetwork {
  public:
    std::uint32_t input(std::int32_t channels, std::int32_t height, std::int32_t width);
    std::uint32_t convolution(std::uint32_t operand, std::int32_t channels, std::int32_t kernel,
                              std::int32_t stride = 1, std::int32_t pad = 0, std::int32_t groups = 1);
    std::uint32_t convolution(std::uint32_t operand, std::int32_t channels, const sotto_window& window,
                              std::int32_t groups = 1);
    std::uint32_t normalization(std::uint32_t operand);
    std::uint32_t activation(std::uint32_t operand, std::int32_t activation);
    std::uint32_t relu(std::uint32_t operand) { return activation(operand, SOTTO_ACTIVATION_RELU); }
    std::uint32_t pool(std::uint32_t operand, std::int32_t kind, std::int32_t kernel, std::int32_t stride,
                       std::int32_t pad = 0);
    std::uint32_t pool(std::uint32_t operand, std::int32_t kind, const sotto_window& window);
    std::uint32_t global_pool(std::uint32_t operand, std::int32_t kind = SOTTO_LAYER_GLOBAL_AVERAGE_POOL);
    std::uint32_t fully_connected(std::uint32_t operand, std::int32_t outputs);
    std::uint32_t add(std::vector<std::uint32_t> operands);
    std::uint32_t concat(std::vector<std::uint32_t> operands);
    std::uint32_t flatten(std::uint32_t operand);
    std::uint32_t pad(std::uint32_t operand, std::int32_t top, std::int32_t bottom, std::int32_t left,
                      std::int32_t right);

    /// The last layer added is the output. Valid until the next change.
    const sotto_network& view();

    /// For tests that break the contract.
    sotto_layer& layer(std::uint32_t index) { return layers_[index]; }
    std::vector<std::uint32_t>& operand_list() { return operands_; }
    std::span<const sotto_layer> layers() const { return layers_; }
    std::span<const std::uint32_t> operands(std::uint32_t layer) const {
        return {operands_.data() + layers_[layer].first_operand, layers_[layer].operand_count};
    }

  private:
    std::uint32_t append(std::int32_t kind, const std::vector<std::uint32_t>& operands, const sotto_shape& output,
                         const sotto_window& window = {});

    std::vector<sotto_layer> layers_;
    std::vector<std::uint32_t> operands_;
    sotto_network network_{};
};

sotto_window square_window(std::int32_t kernel, std::int32_t stride, std::int32_t pad);

/// SqueezeNet 1.0 as a family: which of its eight fire modules are there (bit i: fire i + 2), which activation each of
/// its blocks ends in (stem, eight fires, last convolution), and how wide it is.
struct SqueezeNetVariant {
    std::uint32_t fires = 0xFF;
    std::vector<std::int32_t> activations = std::vector<std::int32_t>(10, SOTTO_ACTIVATION_RELU);
    double width = 1;
    std::int32_t image = 227;
};

FlatNetwork squeezenet(const SqueezeNetVariant& variant = {});

}  // namespace sotto::accuracy_test
