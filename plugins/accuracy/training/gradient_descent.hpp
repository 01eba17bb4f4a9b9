// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include <ATen/core/Tensor.h>

namespace sotto::accuracy {

struct DescentSettings {
    double momentum = 0.9;
    double weight_decay = 0;   ///< only of weights, not of biases, scales and shifts
    double gradient_norm = 0;  ///< longer gradients are shortened to this; 0: never
};

/// Stochastic gradient descent with Nesterov's momentum as Sutskever, Martens, Dahl and Hinton use it ("On the
/// importance of initialization and momentum in deep learning", ICML 2013), in the form that needs the gradient at the
/// parameters alone: with g the gradient, m the momentum, d the decay and r the rate,
///
///     g' = g + d w,    v <- m v + g',    w <- w - r (g' + m v).
///
/// Gradients are clipped by the norm over all parameters together, before decay (Pascanu, Mikolov and Bengio, "On the
/// difficulty of training recurrent neural networks", ICML 2013, algorithm 1).
class GradientDescent {
  public:
    /// `parameters` are leaves of float that require gradients, dense in any memory format; those of more than one
    /// dimension are weights. The velocities are 0.
    GradientDescent(std::vector<at::Tensor> parameters, const DescentSettings& settings);

    /// Moves the parameters by their gradients, and takes those away. Returns whether the gradients were finite; where
    /// they were not, nothing is moved. A parameter without a gradient stays.
    bool step(double rate);

    const std::vector<at::Tensor>& velocities() const noexcept { return velocities_; }

  private:
    std::vector<at::Tensor> parameters_;
    std::vector<at::Tensor> velocities_;
    DescentSettings settings_;
};

}  // namespace sotto::accuracy
