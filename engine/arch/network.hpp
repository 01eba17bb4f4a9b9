// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sotto::arch {

/// Index of a layer in its network, in the order the layers were added (which is a topological order).
using LayerIndex = std::uint32_t;

/// What one image is at a point of the network: batch size is always 1. A flat vector of n values is {n, 1, 1}.
struct Shape {
    std::int32_t channels = 0;
    std::int32_t height = 0;
    std::int32_t width = 0;

    std::int64_t elements() const noexcept { return std::int64_t{channels} * height * width; }
    friend bool operator==(const Shape&, const Shape&) = default;
};

/// `64x56x56` (channels, height, width).
std::string to_text(const Shape& shape);

// The numbers cross the plug-in border (sotto/plugin.h): append, never renumber.
enum class LayerKind : std::uint8_t {
    input = 1,
    convolution = 2,
    batch_normalization = 3,
    activation = 4,
    max_pool = 5,
    average_pool = 6,
    global_max_pool = 7,
    global_average_pool = 8,
    fully_connected = 9,
    add = 10,
    concat = 11,
    flatten = 12,
    pad = 13,
};

enum class Activation : std::uint8_t { none = 0, relu = 1, square = 2, identity = 3 };

/// input, conv, batch_norm, activation, max_pool, average_pool, global_max_pool, global_average_pool, fully_connected,
/// add, concat, flatten, pad; none, relu, square, identity: the names of the YAML form and of error messages.
std::string_view to_text(LayerKind kind);
std::string_view to_text(Activation activation);

/// How a batch normalisation is executed. `automatic` leaves it to the lowering profile; the others state what was
/// measured.
enum class BatchNormalizationForm : std::uint8_t { automatic = 0, homomorphic = 1, elementwise = 2 };

/// Kernel, stride and padding, in elements. Pooling and convolution output size is floor((in + pads - kernel) / stride)
/// + 1.
struct Window {
    std::int32_t kernel_height = 1;
    std::int32_t kernel_width = 1;
    std::int32_t stride_height = 1;
    std::int32_t stride_width = 1;
    std::int32_t pad_top = 0;
    std::int32_t pad_bottom = 0;
    std::int32_t pad_left = 0;
    std::int32_t pad_right = 0;

    friend bool operator==(const Window&, const Window&) = default;
};

/// The padding that makes output size ceil(in / stride): the odd element goes to the bottom and right.
Window same_padding(Window window, const Shape& input);

/// One layer. Fields that its kind does not use hold their defaults. Name and operands are kept by the Network.
struct Layer {
    LayerKind kind = LayerKind::input;
    Activation activation = Activation::none;                                       ///< activation
    BatchNormalizationForm normalization_form = BatchNormalizationForm::automatic;  ///< batch_normalization
    bool foldable =
        true;           ///< batch_normalization: may be folded into the convolution or fully connected layer before it
    bool bias = false;  ///< convolution, fully_connected
    std::int32_t groups = 1;  ///< convolution
    Window window;            ///< convolution, pools (global pools: the whole input), pad (its pads alone)
    Shape output;             ///< every kind; convolution and fully_connected take their output channels from here

    friend bool operator==(const Layer&, const Layer&) = default;
};

/// A directed acyclic graph of layers with one input and one output, every shape known. Immutable: made by
/// NetworkBuilder. Copyable and movable; const access from any number of threads.
class Network {
  public:
    Network() = default;

    std::size_t size() const noexcept { return layers_.size(); }
    std::span<const Layer> layers() const noexcept { return layers_; }
    const Layer& layer(LayerIndex index) const { return layers_[index]; }

    /// Layers whose outputs this layer reads, in operand order. Valid as long as the network.
    std::span<const LayerIndex> operands(LayerIndex index) const;
    std::string_view layer_name(LayerIndex index) const;

    /// Shape of operand `which` of the layer.
    const Shape& operand_shape(LayerIndex index, std::size_t which = 0) const;

    LayerIndex output() const noexcept { return output_; }
    const std::string& name() const noexcept { return name_; }

    /// Equal in every layer, operand and name, in the same order. canonical_hash compares graphs.
    friend bool operator==(const Network&, const Network&) = default;

  private:
    friend class NetworkBuilder;

    // Flat arrays: building the thousandth candidate in the same builder allocates nothing per layer.
    std::string name_;
    std::vector<Layer> layers_;
    std::vector<LayerIndex> operands_;
    std::vector<std::uint32_t> operand_begin_;  // size() + 1 entries
    std::string layer_names_;
    std::vector<std::uint32_t> name_begin_;  // size() + 1 entries
    LayerIndex output_ = 0;
};

}  // namespace sotto::arch
