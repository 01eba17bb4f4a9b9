// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include <ATen/core/Tensor.h>

#include "plugins/accuracy/batch_normalization.hpp"
#include "plugins/accuracy/differentiable_network.hpp"

namespace sotto::accuracy {

/// What is known of a layer that has run.
struct LayerValues {
    std::vector<at::Tensor> operands;
    at::Tensor output;
    Normalized normalized;  ///< of a batch normalisation
    double factor = 1;      ///< what a square's output was multiplied by
};

/// The derivative of a layer's output when all weights of the network grow as (1 + t) w, at t = 0, from those of its
/// operands; an undefined tensor is 0. Differentiable by weights and images in its turn: for y = w x,
///
///     y' = w x' + w x = w (x + x').
///
/// Max pooling and ReLU pass the derivative of what they take.
at::Tensor tangent(DifferentiableNetwork& network, std::size_t layer, const LayerValues& values,
                   const std::vector<at::Tensor>& operand_tangents);

}  // namespace sotto::accuracy
