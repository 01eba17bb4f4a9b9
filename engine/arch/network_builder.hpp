// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "engine/arch/network.hpp"

namespace sotto::arch {

/// Why a network cannot be built: `layer 'fire2/concat' (concat): operands 64x56x56 and 64x28x28 differ in height and
/// width`.
class InvalidNetwork : public std::runtime_error {
  public:
    InvalidNetwork(std::string layer, std::string reason);

    const std::string& layer() const noexcept { return layer_; }
    const std::string& reason() const noexcept { return reason_; }

  private:
    std::string layer_;
    std::string reason_;
};

/// Limits that keep every count within 64 bits and every shape within 32.
inline constexpr std::int32_t maximum_channels = 1 << 20;
inline constexpr std::int32_t maximum_extent = 1 << 16;
inline constexpr std::size_t maximum_layers = 1 << 16;

/// Builds a Network layer by layer, in topological order; infers and checks each shape at once.
///
/// Each add_ function returns the new layer's index and throws InvalidNetwork (layer name, shapes, reason) for: an
/// operand that does not exist, an empty or repeated name, a window larger than its padded input, channels that groups
/// do not divide, unequal operands of add, operands of concat that differ in height or width, a fully connected layer
/// over more than a vector, any extent over the limits. A builder that threw can be reset and used again. Not
/// thread-safe.
class NetworkBuilder {
  public:
    /// Forgets everything; storage is kept, so that a builder that is reused does not allocate per layer.
    void reset(std::string_view network_name = {});

    LayerIndex add_input(std::string_view name, Shape shape);
    LayerIndex add_convolution(std::string_view name, LayerIndex operand, std::int32_t output_channels,
                               const Window& window, std::int32_t groups = 1, bool bias = true);
    LayerIndex add_batch_normalization(std::string_view name, LayerIndex operand,
                                       BatchNormalizationForm form = BatchNormalizationForm::automatic,
                                       bool foldable = true);
    LayerIndex add_activation(std::string_view name, LayerIndex operand, Activation activation);
    /// `kind` is max_pool or average_pool.
    LayerIndex add_pool(std::string_view name, LayerIndex operand, LayerKind kind, const Window& window);
    /// `kind` is global_max_pool or global_average_pool.
    LayerIndex add_global_pool(std::string_view name, LayerIndex operand, LayerKind kind);
    LayerIndex add_fully_connected(std::string_view name, LayerIndex operand, std::int32_t output_features,
                                   bool bias = true);
    LayerIndex add_add(std::string_view name, std::span<const LayerIndex> operands);
    LayerIndex add_concat(std::string_view name, std::span<const LayerIndex> operands);
    LayerIndex add_flatten(std::string_view name, LayerIndex operand);
    /// Zero padding; only the pads of `window` are read.
    LayerIndex add_pad(std::string_view name, LayerIndex operand, const Window& window);

    /// Shape of a layer added so far.
    const Shape& shape(LayerIndex index) const;

    /// The network that ends in `output`. Throws InvalidNetwork where a layer does not lead to the output (it would be
    /// paid for and not used) or there is no input layer. The builder keeps its contents; `finish` may be called on a
    /// reset builder only once filled.
    Network finish(LayerIndex output) const;

  private:
    Network network_;
};

}  // namespace sotto::arch
