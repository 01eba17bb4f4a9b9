// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/differentiable_network.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <limits>
#include <utility>

#include <ATen/ops/add.h>
#include <ATen/ops/amax.h>
#include <ATen/ops/avg_pool2d.h>
#include <ATen/ops/batch_norm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/eq.h>
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

#include "plugins/accuracy/candidate_error.hpp"
#include "plugins/accuracy/convolution.hpp"
#include "plugins/accuracy/disjoint_max_pool.hpp"
#include "plugins/accuracy/normalized_activation.hpp"
#include "plugins/accuracy/taps_in_use.hpp"

namespace sotto::accuracy {
namespace {

bool has_pads(const sotto_window& window) {
    return window.pad_top != 0 || window.pad_bottom != 0 || window.pad_left != 0 || window.pad_right != 0;
}

/// Small maps of deep layers are read by the middle of a window alone: a ninth of the weights of 3x3 at 1x1.
at::Tensor convolve(const Node& node, const LayerParameters& parameters, const at::Tensor& map) {
    const sotto_window& window = node.window;
    const auto [rows, columns] = taps_in_use(node);
    at::Tensor weight = parameters.weight;
    if (rows.count < window.kernel_height || columns.count < window.kernel_width) {
        weight = weight.narrow(2, rows.first, rows.count).narrow(3, columns.first, columns.count).contiguous();
    }
    const std::array<std::int64_t, 2> strides{window.stride_height, window.stride_width};
    constexpr std::array<std::int64_t, 2> dilations{1, 1};
    const bool is_even = rows.is_even && columns.is_even;
    const std::array<std::int64_t, 2> pads{is_even ? rows.lead : 0, is_even ? columns.lead : 0};
    const at::Tensor surrounded =
        is_even ? map : at::constant_pad_nd(map, {columns.lead, columns.trail, rows.lead, rows.trail}, 0);
    return at::conv2d(surrounded, weight, parameters.bias, strides, pads, dilations, node.groups);
}

at::Tensor pool(const Node& node, const at::Tensor& map) {
    const sotto_window& window = node.window;
    const std::array<std::int64_t, 2> kernel{window.kernel_height, window.kernel_width};
    const std::array<std::int64_t, 2> strides{window.stride_height, window.stride_width};
    constexpr std::array<std::int64_t, 2> no_pads{0, 0};
    if (node.kind == SOTTO_LAYER_AVERAGE_POOL) {
        return at::avg_pool2d(padded(map, window, 0), kernel, strides, no_pads);
    }
    if (!has_pads(window)) {
        return at::max_pool2d(map, kernel, strides);
    }
    constexpr double lowest = -std::numeric_limits<double>::infinity();
    const at::Tensor result = at::max_pool2d(padded(map, window, lowest), kernel, strides);
    const bool window_in_padding = std::max(window.pad_top, window.pad_bottom) >= window.kernel_height ||
                                   std::max(window.pad_left, window.pad_right) >= window.kernel_width;
    return window_in_padding ? at::where(at::eq(result, lowest), at::zeros({}, result.options()), result) : result;
}

/// Whether disjoint_max_pool serves.
bool is_disjoint(const sotto_window& window) {
    return !has_pads(window) && window.stride_height == window.kernel_height &&
           window.stride_width == window.kernel_width;
}

at::Tensor activate(const Node& node, const at::Tensor& map) {
    switch (node.activation) {
        case SOTTO_ACTIVATION_RELU:
            return at::relu(map);
        case SOTTO_ACTIVATION_SQUARE:
            return at::mul(map, map);
        default:
            return map;
    }
}

}  // namespace

at::Tensor padded(const at::Tensor& map, const sotto_window& window, double value) {
    if (!has_pads(window)) {
        return map;
    }
    return at::constant_pad_nd(map, {window.pad_left, window.pad_right, window.pad_top, window.pad_bottom}, value);
}

DifferentiableNetwork::DifferentiableNetwork(Graph graph, const NetworkOptions& options)
    : graph_(std::move(graph)), layers_(graph_.nodes().size()), activation_behind_(layers_.size()) {
    std::vector<bool> normalized(layers_.size());
    for (std::size_t layer = 0; layer < layers_.size(); ++layer) {
        const Node& node = graph_.nodes()[layer];
        if (node.kind == SOTTO_LAYER_BATCH_NORMALIZATION && node.consumers > 0) {
            const std::uint32_t operand = graph_.operands(layer).front();
            normalized[operand] = graph_.nodes()[operand].consumers == 1;
        }
    }
    const at::TensorOptions type = at::TensorOptions().dtype(options.type);
    for (std::size_t layer = 0; layer < layers_.size(); ++layer) {
        const Node& node = graph_.nodes()[layer];
        LayerParameters& own = layers_[layer];
        if (node.consumers == 0) {
            continue;
        }
        if (graph_.weight_count(layer) > 0) {
            own.weight = make_weights(graph_, layer, options.seed).to(options.type);
            if (node.kind == SOTTO_LAYER_CONVOLUTION) {
                own.weight = own.weight.view({node.output.channels, node.input.channels / node.groups,
                                              node.window.kernel_height, node.window.kernel_width});
            }
        }
        const bool put_behind =
            options.normalize_convolutions && node.kind == SOTTO_LAYER_CONVOLUTION && !normalized[layer];
        if (own.weight.defined() && options.biases && !normalized[layer] && !put_behind) {
            own.bias = at::zeros({node.output.channels}, type);
        }
        if (node.kind == SOTTO_LAYER_BATCH_NORMALIZATION || put_behind) {
            own.scale = at::ones({node.output.channels}, type);
            own.shift = at::zeros({node.output.channels}, type);
            own.running_mean = at::zeros({node.output.channels}, type);
            own.running_variance = at::ones({node.output.channels}, type);
        }
    }
    for (std::size_t layer = 1; layer < layers_.size(); ++layer) {
        const std::uint32_t operand = graph_.operands(layer).front();
        if (graph_.nodes()[layer].kind == SOTTO_LAYER_ACTIVATION && graph_.nodes()[layer].consumers > 0 &&
            graph_.nodes()[operand].consumers == 1 && layers_[operand].scale.defined()) {
            activation_behind_[operand] = layer;
        }
    }
}

std::vector<at::Tensor> DifferentiableNetwork::weights() const {
    std::vector<at::Tensor> result;
    for (const LayerParameters& layer : layers_) {
        if (layer.weight.defined()) {
            result.push_back(layer.weight);
        }
    }
    return result;
}

std::vector<at::Tensor> DifferentiableNetwork::parameters() const {
    std::vector<at::Tensor> result;
    for (const LayerParameters& layer : layers_) {
        for (const at::Tensor& tensor : {layer.weight, layer.bias, layer.scale, layer.shift}) {
            if (tensor.defined()) {
                result.push_back(tensor);
            }
        }
    }
    return result;
}

at::Tensor DifferentiableNetwork::forward(const at::Tensor& images, const ForwardOptions& options) {
    [[maybe_unused]] const sotto_shape& shape = graph_.input_shape();
    assert(images.dim() == 4 && images.size(1) == shape.channels && images.size(2) == shape.height &&
           images.size(3) == shape.width);
    std::vector<at::Tensor> maps(layers_.size());
    std::vector<std::uint32_t> readers;
    for (const Node& node : graph_.nodes()) {
        readers.push_back(node.consumers);
    }
    for (std::size_t layer = 0; layer <= graph_.output(); ++layer) {
        if (readers[layer] == 0) {
            continue;
        }
        stop_if_cancelled(options.host);
        if (layer == 0) {
            maps[layer] = images;
        } else {
            std::vector<at::Tensor> operands;
            for (const std::uint32_t operand : graph_.operands(layer)) {
                // The last reader takes the map: where nothing is differentiated, its memory goes as early as possible.
                operands.push_back(--readers[operand] == 0 ? std::move(maps[operand]) : maps[operand]);
            }
            maps[layer] = evaluate(layer, operands, options);
        }
        if (options.observe) {
            maps[layer] = options.observe(layer, std::move(maps[layer]));
        }
    }
    return maps[graph_.output()];
}

at::Tensor DifferentiableNetwork::normalize(std::size_t layer, const at::Tensor& map, const ForwardOptions& options) {
    const LayerParameters& own = layers_[layer];
    if (options.normalization == Normalization::none) {
        return map;
    }
    const bool batch = options.normalization == Normalization::batch_statistics;
    if (options.fused) {
        const std::size_t behind = activation_behind_[layer];
        const std::int32_t activation =
            behind != 0 ? graph_.nodes()[behind].activation : std::int32_t{SOTTO_ACTIVATION_IDENTITY};
        return batch ? normalize_by_batch(map, own.scale, own.shift, own.running_mean, own.running_variance,
                                          options.momentum, normalization_epsilon, activation)
                     : normalize_by_running(map, own.scale, own.shift, own.running_mean, own.running_variance,
                                            normalization_epsilon, activation);
    }
    const bool stored = !batch || options.momentum > 0;
    return at::batch_norm(map, own.scale, own.shift, stored ? own.running_mean : at::Tensor(),
                          stored ? own.running_variance : at::Tensor(), batch, options.momentum, normalization_epsilon,
                          false);
}

at::Tensor DifferentiableNetwork::evaluate(std::size_t layer, const std::vector<at::Tensor>& operands,
                                           const ForwardOptions& options) {
    const Node& node = graph_.nodes()[layer];
    LayerParameters& own = layers_[layer];
    const at::Tensor& map = operands.front();
    switch (node.kind) {
        case SOTTO_LAYER_CONVOLUTION: {
            const at::Tensor products = convolve(node, own, map);
            return own.scale.defined() ? normalize(layer, products, options) : products;
        }
        case SOTTO_LAYER_FULLY_CONNECTED:
            // As a convolution: LibTorch's matrix product would be the BLAS's, which several threads may not be able to
            // use at once (matrix_product.hpp), while convolutions of 16 images and more are oneDNN's.
            return at::conv2d(map.flatten(1).unsqueeze(2).unsqueeze(3), own.weight.unsqueeze(2).unsqueeze(3), own.bias);
        case SOTTO_LAYER_BATCH_NORMALIZATION:
            return normalize(layer, map, options);
        case SOTTO_LAYER_ACTIVATION: {
            const bool done = options.fused && options.normalization != Normalization::none &&
                              activation_behind_[graph_.operands(layer).front()] == layer;
            return done ? map : activate(node, map);
        }
        case SOTTO_LAYER_MAX_POOL:
            if (options.fused && is_disjoint(node.window)) {
                return disjoint_max_pool(map, node.window.kernel_height, node.window.kernel_width);
            }
            return pool(node, map);
        case SOTTO_LAYER_AVERAGE_POOL:
            return pool(node, map);
        case SOTTO_LAYER_GLOBAL_MAX_POOL:
            return at::amax(map, {2, 3}, true);
        case SOTTO_LAYER_GLOBAL_AVERAGE_POOL:
            return at::mean(map, {2, 3}, true);
        case SOTTO_LAYER_ADD: {
            at::Tensor sum = map;
            for (std::size_t index = 1; index < operands.size(); ++index) {
                sum = at::add(sum, operands[index]);
            }
            return sum;
        }
        case SOTTO_LAYER_CONCAT:
            return at::cat(at::TensorList(operands), 1);
        case SOTTO_LAYER_FLATTEN:
            return map.reshape({map.size(0), node.output.channels, 1, 1});
        case SOTTO_LAYER_PAD:
            return padded(map, node.window, 0);
        default:
            return map;
    }
}

}  // namespace sotto::accuracy
