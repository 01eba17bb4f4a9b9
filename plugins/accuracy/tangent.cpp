// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/tangent.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

#include <ATen/TensorOperators.h>
#include <ATen/ops/add.h>
#include <ATen/ops/eq.h>
#include <ATen/ops/gather.h>
#include <ATen/ops/max_pool2d_with_indices.h>
#include <ATen/ops/mul.h>
#include <ATen/ops/sum.h>
#include <ATen/ops/threshold_backward.h>
#include <ATen/ops/zeros_like.h>

namespace sotto::accuracy {
namespace {

at::Tensor max_pool(const Node& node, const at::Tensor& map, const at::Tensor& direction) {
    const sotto_window& window = node.window;
    const at::Tensor surrounded = padded(map.detach(), window, -std::numeric_limits<double>::infinity());
    const at::Tensor places = std::get<1>(at::max_pool2d_with_indices(
        surrounded, {window.kernel_height, window.kernel_width}, {window.stride_height, window.stride_width}));
    return at::gather(padded(direction, window, 0).flatten(2), 2, places.flatten(2)).view(places.sizes());
}

/// The mean over the places where the largest value stands, as the derivative of LibTorch's amax.
at::Tensor global_max_pool(const LayerValues& values, const at::Tensor& direction) {
    const at::Tensor largest = at::eq(values.operands.front(), values.output).to(direction.scalar_type());
    return at::sum(direction * (largest / at::sum(largest, {2, 3}, true)), {2, 3}, true);
}

at::Tensor activate(const Node& node, const LayerValues& values, const at::Tensor& direction) {
    switch (node.activation) {
        case SOTTO_ACTIVATION_RELU:
            return at::threshold_backward(direction, values.output.detach(), 0);
        case SOTTO_ACTIVATION_SQUARE:
            return at::mul(values.operands.front(), direction) * (2 * values.factor);
        default:
            return direction;
    }
}

}  // namespace

at::Tensor tangent(DifferentiableNetwork& network, std::size_t layer, const LayerValues& values,
                   const std::vector<at::Tensor>& operand_tangents) {
    const Node& node = network.graph().nodes()[layer];
    const bool all_zero = std::none_of(operand_tangents.begin(), operand_tangents.end(),
                                       [](const at::Tensor& one) { return one.defined(); });
    if (node.kind == SOTTO_LAYER_CONVOLUTION || node.kind == SOTTO_LAYER_FULLY_CONNECTED) {
        return all_zero ? values.output
                        : network.evaluate(layer, {at::add(values.operands.front(), operand_tangents.front())});
    }
    if (all_zero) {
        return {};
    }
    const at::Tensor& direction = operand_tangents.front();
    switch (node.kind) {
        case SOTTO_LAYER_BATCH_NORMALIZATION:
            return normalize_tangent(values.operands.front(), direction, values.normalized);
        case SOTTO_LAYER_ACTIVATION:
            return activate(node, values, direction);
        case SOTTO_LAYER_MAX_POOL:
            return max_pool(node, values.operands.front(), direction);
        case SOTTO_LAYER_GLOBAL_MAX_POOL:
            return global_max_pool(values, direction);
        case SOTTO_LAYER_ADD: {
            at::Tensor sum;
            for (const at::Tensor& one : operand_tangents) {
                sum = !sum.defined() ? one : !one.defined() ? sum : at::add(sum, one);
            }
            return sum;
        }
        case SOTTO_LAYER_CONCAT: {
            std::vector<at::Tensor> parts = operand_tangents;
            for (std::size_t index = 0; index < parts.size(); ++index) {
                if (!parts[index].defined()) {
                    parts[index] = at::zeros_like(values.operands[index]);
                }
            }
            return network.evaluate(layer, parts);
        }
        default:
            return network.evaluate(layer, operand_tangents);
    }
}

}  // namespace sotto::accuracy
