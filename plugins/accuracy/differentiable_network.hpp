// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include <ATen/core/Tensor.h>

#include "plugins/accuracy/graph.hpp"

namespace sotto::accuracy {

/// What batch normalisation does with the mean and variance of each channel.
enum class Normalization {
    batch_statistics,    ///< takes those of the batch that goes through
    running_statistics,  ///< takes the stored ones: 0 and 1 in a new network
    none                 ///< passes its input on; scale and shift are not used
};

/// The tensors of a layer; those that the layer does not have are undefined.
struct LayerParameters {
    at::Tensor
        weight;  ///< convolution: [outputs, inputs of a group, rows, columns]; fully connected: [outputs, features]
    at::Tensor bias;  ///< [outputs]; only where NetworkOptions::biases
    at::Tensor
        scale;  ///< of a batch normalisation, the layer's own or one put behind it, [channels], as the next three
    at::Tensor shift;
    at::Tensor running_mean;
    at::Tensor running_variance;
};

struct NetworkOptions {
    std::uint64_t seed = 0;            ///< of the weights
    at::ScalarType type = at::kFloat;  ///< or at::kDouble
    /// A bias, 0 at first, for every convolution and fully connected layer whose output is not normalised at once.
    bool biases = false;
    /// Puts a batch normalisation behind every convolution whose output is not normalised at once: scale, shift and
    /// statistics are then the convolution's, which has no bias.
    bool normalize_convolutions = false;
};

/// The map [images, channels, rows, columns] with the window's pads around it; itself where it has none.
at::Tensor padded(const at::Tensor& map, const sotto_window& window, double value);

/// Sees the output of a layer that leads to the network's output, and gives what takes its place.
using Observer = std::function<at::Tensor(std::size_t layer, at::Tensor output)>;

struct ForwardOptions {
    Normalization normalization = Normalization::batch_statistics;
    /// With batch statistics: the share of the stored ones that the batch's replace; 0 leaves them alone.
    double momentum = 0;
    Observer observe;                  ///< may be empty
    const sotto_host* host = nullptr;  ///< asked between layers whether to stop; may be null
    /// Takes the quicker kernels of normalized_activation.hpp and disjoint_max_pool.hpp where they serve. For maps of
    /// float; can be differentiated once, with running statistics not at all. Normalisation and the activation that
    /// alone reads it are then one step: an observer sees the result of both at either layer.
    bool fused = false;
};

/// A candidate's network as a function of images that LibTorch can differentiate. Feature maps are [images, channels,
/// rows, columns]. Parameters are plain tensors that do not require gradients until the caller says so.
///
/// One object belongs to one thread at a time. Throws CandidateError with SOTTO_CANCELLED when the host says stop.
class DifferentiableNetwork {
  public:
    /// Weights are Kaiming uniform, the ones that the other proxies draw from this seed (random_weights.hpp); scales
    /// are 1, shifts and biases 0.
    explicit DifferentiableNetwork(Graph graph, const NetworkOptions& options);

    const Graph& graph() const noexcept { return graph_; }

    /// One entry a layer of the graph. Layers that do not lead to the output have no tensors.
    std::vector<LayerParameters>& layers() noexcept { return layers_; }
    const std::vector<LayerParameters>& layers() const noexcept { return layers_; }

    /// Weights of convolutions and fully connected layers, in the order of the layers.
    std::vector<at::Tensor> weights() const;
    /// Everything that training changes: weights, biases, scales and shifts, in the order of the layers.
    std::vector<at::Tensor> parameters() const;

    /// The network's output for [images, channels, rows, columns] of the graph's input shape and the options' type.
    at::Tensor forward(const at::Tensor& images, const ForwardOptions& options = {});

    /// The output of one layer, not the input layer, for these operands.
    at::Tensor evaluate(std::size_t layer, const std::vector<at::Tensor>& operands, const ForwardOptions& options = {});

  private:
    at::Tensor normalize(std::size_t layer, const at::Tensor& map, const ForwardOptions& options);

    Graph graph_;
    std::vector<LayerParameters> layers_;
    /// For a layer whose output is normalised and read by an activation alone: that activation's layer, else 0.
    std::vector<std::size_t> activation_behind_;
};

}  // namespace sotto::accuracy
