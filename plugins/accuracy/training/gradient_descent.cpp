// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/training/gradient_descent.hpp"

#include <cassert>
#include <cmath>
#include <cstdint>
#include <utility>

#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros_like.h>

namespace sotto::accuracy {
namespace {

/// The gradient with its elements in memory as the parameter's are; undefined where there is none.
at::Tensor gradient_like(const at::Tensor& parameter) {
    at::Tensor gradient = parameter.grad();
    if (gradient.defined() && gradient.strides() != parameter.strides()) {
        gradient = at::empty_like(parameter.detach()).copy_(gradient);
    }
    return gradient;
}

}  // namespace

GradientDescent::GradientDescent(std::vector<at::Tensor> parameters, const DescentSettings& settings)
    : parameters_(std::move(parameters)), settings_(settings) {
    for (const at::Tensor& parameter : parameters_) {
        assert(parameter.is_non_overlapping_and_dense() && parameter.scalar_type() == at::kFloat);
        velocities_.push_back(at::zeros_like(parameter.detach()));
    }
}

bool GradientDescent::step(double rate) {
    std::vector<at::Tensor> gradients;
    double squares = 0;
    for (const at::Tensor& parameter : parameters_) {
        gradients.push_back(gradient_like(parameter));
        if (gradients.back().defined()) {
            const float* const values = gradients.back().data_ptr<float>();
            for (std::int64_t index = 0; index < parameter.numel(); ++index) {
                squares += double{values[index]} * double{values[index]};
            }
        }
        parameter.mutable_grad().reset();
    }
    if (!std::isfinite(squares)) {
        return false;
    }
    const double norm = std::sqrt(squares);
    const auto shortening = static_cast<float>(
        settings_.gradient_norm > 0 && norm > settings_.gradient_norm ? settings_.gradient_norm / norm : 1);
    const auto momentum = static_cast<float>(settings_.momentum);
    const auto step_rate = static_cast<float>(rate);
    for (std::size_t index = 0; index < parameters_.size(); ++index) {
        if (!gradients[index].defined()) {
            continue;
        }
        const at::Tensor& parameter = parameters_[index];
        const auto decay = static_cast<float>(parameter.dim() > 1 ? settings_.weight_decay : 0);
        const float* const gradient = gradients[index].data_ptr<float>();
        float* const values = parameter.data_ptr<float>();
        float* const velocity = velocities_[index].data_ptr<float>();
        for (std::int64_t at = 0; at < parameter.numel(); ++at) {
            const float slope = shortening * gradient[at] + decay * values[at];
            velocity[at] = momentum * velocity[at] + slope;
            values[at] -= step_rate * (slope + momentum * velocity[at]);
        }
    }
    return true;
}

}  // namespace sotto::accuracy
