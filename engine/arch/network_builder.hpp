// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "engine/arch/network.hpp"

namespace sotto::arch {

/// Why a network cannot be built: `layer 'fire2/concat' (concat): operands 64x56x56 and 64x28x28 differ in height and
/// width`.
class InvalidNetwork : public std::runtime_error {
  public:
    InvalidNetwork(std::string layer, std::string reason);
    InvalidNetwork(std::string layer, LayerKind kind, std::string reason);

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
inline constexpr std::size_t maximum_name_length = 1 << 12;  ///< bytes of a layer's name
/// Elements of one layer's output.
inline constexpr std::int64_t maximum_elements = std::int64_t{1} << 31;
/// Multiply-adds, parameters or comparisons of one layer.
inline constexpr std::int64_t maximum_layer_work = std::int64_t{1} << 46;

/// Builds a Network layer by layer, in topological order; infers and checks each shape at once.
///
/// Each add_ function returns the new layer's index and throws InvalidNetwork (layer name, shapes, reason) for: an
/// operand that does not exist, an empty or repeated name, a second input, a window larger than its padded input, a
/// kernel or stride below 1, a negative padding, a pool's padding not smaller than its kernel, channels that groups do
/// not divide, fewer than two operands of add or concat, unequal operands of add, operands of concat that differ in
/// height or width, a fully connected layer over more than a vector, any size over the limits. The function that threw
/// has changed nothing. Not thread-safe.
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

    /// Layers added so far.
    std::size_t size() const noexcept { return network_.size(); }

    /// The network that ends in `output`. Throws InvalidNetwork where a layer does not lead to the output (it would be
    /// paid for and not used) or there is no input layer. The builder keeps its contents.
    Network finish(LayerIndex output) const;

    /// The same into an existing network, whose storage is reused: no allocation once it has held one as large.
    void finish_into(Network& network, LayerIndex output) const;

  private:
    [[noreturn]] void fail(std::string_view name, LayerKind kind, std::string reason) const;
    void check_name(std::string_view name, LayerKind kind) const;
    const Shape& operand_shape(std::string_view name, LayerKind kind, LayerIndex operand) const;
    void check_output(std::string_view name, LayerKind kind, std::int64_t channels, std::int64_t height,
                      std::int64_t width) const;
    void check_work(std::string_view name, LayerKind kind, double work, std::string_view what) const;
    Shape window_output(std::string_view name, LayerKind kind, const Window& window, const Shape& input,
                        std::int32_t channels) const;
    std::size_t name_slot(std::string_view name) const;
    LayerIndex append(std::string_view name, const Layer& layer, std::span<const LayerIndex> operands);

    Network network_;
    std::vector<std::uint8_t> is_read_;      // some later layer reads this one
    std::vector<std::uint32_t> name_table_;  // open addressing: layer index + 1; 0: empty
};

}  // namespace sotto::arch
