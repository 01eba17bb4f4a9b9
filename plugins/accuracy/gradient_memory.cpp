// SPDX-License-Identifier: Apache-2.0
//
// What LibTorch keeps of a forward pass until the last backward pass is over, and what a backward pass has besides.
#include <algorithm>
#include <cstddef>
#include <vector>

#include "plugins/accuracy/memory.hpp"
#include "plugins/accuracy/network_topology.hpp"
#include "plugins/accuracy/taps_in_use.hpp"

namespace sotto::accuracy {
namespace {

constexpr std::int64_t float_bytes = 4;
constexpr std::int64_t index_bytes = 8;

bool is_activation(const Node& node, std::int32_t activation) {
    return node.kind == SOTTO_LAYER_ACTIVATION && node.activation == activation;
}

/// Gives its operand's memory a second name.
bool is_view(const Node& node) {
    return node.kind == SOTTO_LAYER_FLATTEN || is_activation(node, SOTTO_ACTIVATION_IDENTITY);
}

bool keeps_operand(const Node& node) {
    return has_weights(node) || node.kind == SOTTO_LAYER_MAX_POOL || node.kind == SOTTO_LAYER_AVERAGE_POOL ||
           node.kind == SOTTO_LAYER_GLOBAL_MAX_POOL || is_activation(node, SOTTO_ACTIVATION_SQUARE);
}

bool keeps_output(const Node& node) {
    return node.kind == SOTTO_LAYER_BATCH_NORMALIZATION || node.kind == SOTTO_LAYER_GLOBAL_MAX_POOL ||
           is_activation(node, SOTTO_ACTIVATION_RELU);
}

/// For the backward pass through the tangents (tangent.hpp).
bool keeps_operand_tangent(const Node& node) {
    return node.kind == SOTTO_LAYER_BATCH_NORMALIZATION || node.kind == SOTTO_LAYER_AVERAGE_POOL ||
           node.kind == SOTTO_LAYER_GLOBAL_MAX_POOL || is_activation(node, SOTTO_ACTIVATION_SQUARE);
}

class Estimate {
  public:
    Estimate(const Graph& graph, std::int64_t images, const WantedScores& wanted)
        : graph_(graph), images_(images), wanted_(wanted) {}

    std::int64_t bytes() const {
        // A sixteenth more for what is not told apart here: small buffers of kernels, and sums on their way.
        const std::int64_t all = kept_maps() + weights() + loss() + std::max(most_gradients(), most_of_forward());
        return all + all / 16;
    }

  private:
    std::int64_t map(std::size_t layer) const { return elements(graph_.nodes()[layer].output) * images_ * float_bytes; }
    std::int64_t padded_input(const Node& node) const {
        const sotto_window& window = node.window;
        const bool is_padded = node.kind == SOTTO_LAYER_CONVOLUTION
                                   ? window.pad_top != window.pad_bottom || window.pad_left != window.pad_right
                                   : window.pad_top + window.pad_bottom + window.pad_left + window.pad_right > 0;
        const bool has_window = node.kind == SOTTO_LAYER_CONVOLUTION || node.kind == SOTTO_LAYER_MAX_POOL ||
                                node.kind == SOTTO_LAYER_AVERAGE_POOL;
        return !is_padded || !has_window
                   ? 0
                   : elements({node.input.channels, node.input.height + window.pad_top + window.pad_bottom,
                               node.input.width + window.pad_left + window.pad_right}) *
                         images_ * float_bytes;
    }

    std::int64_t kept_maps() const {
        const std::size_t count = graph_.nodes().size();
        std::vector<bool> is_kept(count);
        std::vector<bool> is_tangent_kept(count);
        is_kept[0] = true;
        std::int64_t total = 0;
        for (std::size_t layer = count; layer-- > 0;) {
            const Node& node = graph_.nodes()[layer];
            if (node.consumers == 0) {
                continue;
            }
            const bool output_kept = is_kept[layer] || keeps_output(node) || (wanted_.fisher && has_weights(node));
            const bool through = is_view(node);
            total += output_kept && !through ? map(layer) : 0;
            total += wanted_.grasp && is_tangent_kept[layer] && !through ? map(layer) : 0;
            total += padded_input(node) * (wanted_.grasp ? 2 : 1);
            if (node.kind == SOTTO_LAYER_MAX_POOL) {
                total += map(layer) / float_bytes * index_bytes * (wanted_.grasp ? 2 : 1);
            }
            for (const std::uint32_t operand : graph_.operands(layer)) {
                is_kept[operand] = is_kept[operand] || keeps_operand(node) || (through && output_kept);
                is_tangent_kept[operand] =
                    is_tangent_kept[operand] || keeps_operand_tangent(node) || (through && is_tangent_kept[layer]);
                // The sum of the operand and its tangent, which images do not have.
                total += wanted_.grasp && has_weights(node) && operand != 0 ? map(operand) : 0;
            }
        }
        return total;
    }

    /// Weights, their gradients, and for grasp the Hessian's products; the images' derivatives in double.
    std::int64_t weights() const {
        const std::int64_t copies = 1 + (wanted_.any_of_loss() ? 1 : 0) + (wanted_.grasp ? 1 : 0);
        const std::int64_t pixels = wanted_.jacob_cov ? elements(graph_.input_shape()) * images_ * 16 : 0;
        return weights_in_all(graph_) * copies * float_bytes + narrowed_weights() * (wanted_.grasp ? 2 : 1) + pixels;
    }

    /// Copies of the taps that reach the map, where not all do.
    std::int64_t narrowed_weights() const {
        std::int64_t total = 0;
        for (std::size_t layer = 0; layer < graph_.nodes().size(); ++layer) {
            const Node& node = graph_.nodes()[layer];
            if (node.kind == SOTTO_LAYER_CONVOLUTION && node.consumers > 0) {
                const auto [rows, columns] = taps_in_use(node);
                const std::int64_t all = std::int64_t{node.window.kernel_height} * node.window.kernel_width;
                const std::int64_t used = rows.count * columns.count;
                total += used < all ? graph_.weight_count(layer) / all * used * float_bytes : 0;
            }
        }
        return total;
    }

    /// Classes, logarithms of their probabilities, the product of both, and derivatives of the two; or the derivative
    /// of the sum of outputs.
    std::int64_t loss() const { return (wanted_.any_of_loss() ? 5 : 1) * map(graph_.output()); }

    /// Buffers of the kernels of one layer: copies of what it reads and gives in the order they like.
    std::int64_t working(std::size_t layer) const {
        const Node& node = graph_.nodes()[layer];
        if (!has_weights(node)) {
            return 0;
        }
        // For grasp, two gradients of the weights before they are added; for fisher, products of map and gradient.
        const std::int64_t weights = graph_.weight_count(layer) * float_bytes * (wanted_.grasp ? 3 : 2);
        const std::int64_t products = wanted_.fisher ? map(layer) : 0;
        return map(layer) + elements(node.input) * images_ * float_bytes + weights + products;
    }

    std::int64_t most_of_forward() const {
        std::int64_t most = 0;
        for (std::size_t layer = 0; layer < graph_.nodes().size(); ++layer) {
            most = std::max(most, map(layer) * (wanted_.grasp ? 2 : 1) + working(layer));
        }
        return most;
    }

    /// Gradients of maps that are there at once in a backward pass, with the buffers of the layer that runs.
    std::int64_t most_gradients() const {
        const std::int64_t copies = wanted_.grasp ? 2 : 1;  // of values and of tangents
        std::vector<bool> has_gradient(graph_.nodes().size());
        std::int64_t alive = copies * map(graph_.output());
        has_gradient[graph_.output()] = true;
        std::int64_t most = alive;
        for (std::size_t layer = graph_.nodes().size(); layer-- > 0;) {
            const Node& node = graph_.nodes()[layer];
            if (node.consumers == 0 || is_view(node)) {
                for (const std::uint32_t operand : graph_.operands(layer)) {
                    has_gradient[operand] = has_gradient[operand] || has_gradient[layer];
                }
                continue;
            }
            std::int64_t added = 0;  // to gradients that are there
            for (const std::uint32_t operand : graph_.operands(layer)) {
                if (operand == 0 && !wanted_.jacob_cov) {
                    continue;  // nobody asks for the images' derivatives
                }
                (has_gradient[operand] ? added : alive) += copies * map(operand);
                has_gradient[operand] = true;
            }
            const std::int64_t second_derivative =
                wanted_.grasp && node.kind == SOTTO_LAYER_BATCH_NORMALIZATION ? map(layer) : 0;
            most = std::max(most, alive + added + working(layer) + second_derivative + padded_input(node));
            alive -= has_gradient[layer] ? copies * map(layer) : 0;
        }
        return most;
    }

    const Graph& graph_;
    std::int64_t images_;
    const WantedScores& wanted_;
};

}  // namespace

std::int64_t gradient_bytes(const Graph& graph, std::int64_t images, const WantedScores& wanted) {
    return Estimate(graph, images, wanted).bytes();
}

}  // namespace sotto::accuracy
