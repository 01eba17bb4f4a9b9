// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "sotto/plugin.h"

namespace sotto::accuracy {

/// One layer of a candidate, checked.
struct Node {
    std::int32_t kind = 0;
    std::int32_t activation = SOTTO_ACTIVATION_NONE;
    std::int32_t groups = 1;
    sotto_window window{};     ///< global pools and pools over the whole input: the whole input
    bool whole_input = false;  ///< a pool whose window is its whole input at the network's own resolution
    sotto_shape input{};       ///< shape of the first operand; zeros for the input layer
    sotto_shape output{};
    std::uint32_t first_operand = 0;
    std::uint32_t operand_count = 0;
    std::uint32_t consumers = 0;  ///< among the layers that lead to the output; the output itself counts one more
    /// Identifies the layer by what is before and after it, not by its place in the list: random weights hang on it, so
    /// that the same graph written in another order has the same scores.
    std::uint64_t key = 0;
    /// What the layer adds to the non-linearity of the paths through it: 1 for a ReLU, 0.5 for a square, 0 for all else
    /// and for a ReLU whose input cannot be negative.
    double nonlinearity = 0;
};

/// What batch normalisation adds to a variance, as is usual.
inline constexpr double normalization_epsilon = 1e-5;

/// Whether a layer multiplies with weights: convolutions and fully connected layers.
bool has_weights(const Node& node);

/// Elements of a shape.
std::int64_t elements(const sotto_shape& shape);

/// A candidate's network in the proxies' own form. Layers that do not lead to the output have no consumers.
class Graph {
  public:
    /// Reads and checks what the host gave. Throws CandidateError: SOTTO_INVALID_ARGUMENT where the candidate breaks
    /// the contract, SOTTO_UNSUPPORTED for a layer kind or activation this library does not know.
    explicit Graph(const sotto_network& network);

    /// The same layers for images of `height` x `width`. Windows stay as they are, except that a pool over the whole
    /// input stays one; fully connected layers read as many features as there are. Throws CandidateError with
    /// SOTTO_UNSUPPORTED where a window does not fit.
    Graph resized(std::int32_t height, std::int32_t width) const;

    std::span<const Node> nodes() const noexcept { return nodes_; }
    std::span<const std::uint32_t> operands(std::size_t layer) const {
        return {operands_.data() + nodes_[layer].first_operand, nodes_[layer].operand_count};
    }
    std::uint32_t output() const noexcept { return output_; }
    const sotto_shape& input_shape() const noexcept { return nodes_.front().output; }

    /// Numbers of a layer's weights: per output channel, and in all. 0 for a layer without weights.
    std::int64_t fan_in(std::size_t layer) const;
    std::int64_t weight_count(std::size_t layer) const;

    /// Layers from the input up to the last one with activation units that leads to the output; 0 without any.
    std::size_t layers_up_to_last_activation() const;

    /// The layer whose output a classifier reads: what the first layer reads, of those that lead to the output, that
    /// pools its whole input, flattens it or is fully connected; the output where there is none.
    std::uint32_t feature_layer() const;

    /// Non-linear steps on a path from input to output: the mean over random walks that start at the output, choose
    /// among the operands of an addition evenly and among those of a concatenation in proportion to their channels.
    double nonlinear_depth() const;
    /// Layers with weights on such a path.
    double weighted_depth() const;
    /// Activation units, each counted with its layer's non-linearity.
    double activation_units() const;

  private:
    void infer_shapes();
    void derive();
    double mean_over_paths(std::span<const double> own) const;
    [[noreturn]] void fail(sotto_status status, std::size_t layer, const std::string& reason) const;

    std::vector<Node> nodes_;
    std::vector<std::uint32_t> operands_;
    std::uint32_t output_ = 0;
};

}  // namespace sotto::accuracy
