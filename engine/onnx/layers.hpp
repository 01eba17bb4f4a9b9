// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "engine/arch/network_builder.hpp"
#include "engine/onnx/constant.hpp"
#include "engine/onnx/graph.hpp"

namespace sotto::onnx {

/// A tensor that depends on the image: what a layer puts out, under the dimensions that the file gives it.
struct Tensor {
    arch::LayerIndex layer = 0;
    std::vector<std::int64_t> dimensions;  ///< without the batch where a node took it away
    bool channels_last = false;            ///< of 4 dimensions: [1, height, width, channels]
    std::string softmax;                   ///< text of the node after which no layer may come
};

/// Turns the nodes of a graph into layers, one after the other. Used once.
class Layers {
  public:
    /// `notes` may be null.
    Layers(const Graph& graph, const std::string& file, std::vector<std::string>* notes);

    /// Throws InputError.
    arch::Network read(std::string_view network_name);

  private:
    using Value = std::variant<Tensor, Constant>;
    using Reader = void (Layers::*)(const Node&);
    struct Operator;

    // layers.cpp
    void add_input();
    void add_node(std::size_t index);
    bool fold_node(const Node& node);
    void set_result(const Node& node, Value value);
    void set_image(const Node& node, arch::LayerIndex layer);
    void set_same(const Node& node, arch::LayerIndex layer, const Tensor& like);
    std::vector<std::int64_t> image_dimensions(const Tensor& of, bool channels_last) const;
    void check_output(const Tensor& output) const;
    void note(std::string text);
    std::string layer_name(const Node& node);

    /// What the builder refuses, under the name of the node.
    template <typename Call>
    static auto located(const Node& node, Call call) {
        try {
            return call();
        } catch (const arch::InvalidNetwork& error) {
            node.fail(error.reason());
        }
    }

    const Value& value(const Node& node, std::string_view name) const;
    const Constant* find_constant(const Node& node, std::size_t which) const;
    const Constant& constant(const Node& node, std::size_t which, std::string_view what) const;
    const Tensor& any_tensor(const Node& node, std::size_t which) const;
    const Tensor& tensor(const Node& node, std::size_t which) const;
    const Tensor& image(const Node& node, std::size_t which = 0) const;
    const Tensor& vector(const Node& node, std::size_t which = 0) const;
    void check_unread_outputs(const Node& node) const;
    bool takes_bias(const Node& node, std::int64_t channels, std::size_t dimensions_after);

    // operators.cpp
    static std::span<const Operator> operators();
    void read_convolution(const Node& node);
    void read_fully_connected(const Node& node);
    void read_batch_normalization(const Node& node);
    void add_activation(const Node& node, arch::Activation activation);
    void read_relu(const Node& node);
    void read_clip(const Node& node);
    void read_multiply(const Node& node);
    void read_power(const Node& node);
    void read_pool(const Node& node);
    void read_global_pool(const Node& node);
    void read_add(const Node& node);
    void read_concat(const Node& node);
    void read_pad(const Node& node);
    void read_dropout(const Node& node);
    void read_softmax(const Node& node);

    // reshaping.cpp
    void read_flatten(const Node& node);
    void read_reshape(const Node& node);
    void read_squeeze(const Node& node);
    void read_unsqueeze(const Node& node);
    void read_transpose(const Node& node);
    void read_reduction(const Node& node);
    void read_cast(const Node& node);
    void read_identity(const Node& node);
    void read_shape(const Node& node);
    void add_flatten(const Node& node, const Tensor& from, std::vector<std::int64_t> dimensions);

    const Graph& graph_;
    const std::string& file_;
    std::vector<std::string>* notes_;
    arch::NetworkBuilder builder_;
    std::unordered_map<std::string_view, Value> values_;
    std::set<std::string, std::less<>> layer_names_;
    std::vector<bool> is_bias_;  // by node: an Add that the layer before it took in
};

/// An operator that becomes a layer, or none, when it reads a tensor that depends on the image.
struct Layers::Operator {
    std::string_view name;
    Reader read;
};

}  // namespace sotto::onnx
