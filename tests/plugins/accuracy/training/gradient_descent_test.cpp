// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/training/gradient_descent.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include "tests/support/catch.hpp"

using namespace sotto::accuracy;

namespace {

at::Tensor leaf(const std::vector<float>& values, at::IntArrayRef shape) {
    at::Tensor tensor = at::empty(shape, at::kFloat);
    std::copy(values.begin(), values.end(), tensor.data_ptr<float>());
    return tensor.requires_grad_(true);
}

std::vector<float> values_of(const at::Tensor& tensor) {
    const at::Tensor flat = tensor.detach().contiguous();
    return {flat.data_ptr<float>(), flat.data_ptr<float>() + flat.numel()};
}

}  // namespace

TEST_CASE("the descent looks ahead as Nesterov's momentum does") {
    // Sutskever et al., equations 3 and 4, on f(w) = a w^2 / 2 from velocity 0:
    // v' = m v - r a (w + m v), w' = w + v'. The descent's parameters are where that form takes its gradients, w + m v.
    constexpr double curvature = 3;
    constexpr double momentum = 0.8;
    constexpr double rate = 0.05;
    double position = 2;
    double velocity = 0;
    const at::Tensor parameter = leaf({2}, {1});
    DescentSettings settings;
    settings.momentum = momentum;
    GradientDescent descent({parameter}, settings);
    for (int step = 0; step < 30; ++step) {
        at::sum(parameter * parameter * (curvature / 2)).backward();
        REQUIRE(descent.step(rate));
        velocity = momentum * velocity - rate * curvature * (position + momentum * velocity);
        position += velocity;
        CHECK(values_of(parameter)[0] == Approx(position + momentum * velocity).margin(1e-6));
    }
}

TEST_CASE("without momentum and gradients weights decay and biases stay") {
    const at::Tensor weight = leaf({1, -2}, {1, 2});
    const at::Tensor bias = leaf({5}, {1});
    DescentSettings settings;
    settings.momentum = 0;
    settings.weight_decay = 0.1;
    GradientDescent descent({weight, bias}, settings);
    for (int step = 0; step < 3; ++step) {
        (at::sum(weight * 0) + at::sum(bias * 0)).backward();
        REQUIRE(descent.step(0.5));
    }
    CHECK(values_of(weight)[0] == Approx(std::pow(0.95, 3)));
    CHECK(values_of(weight)[1] == Approx(-2 * std::pow(0.95, 3)));
    CHECK(values_of(bias)[0] == 5);
}

TEST_CASE("gradients that are too long over all parameters are shortened to the norm") {
    for (const double norm : {0.0, 2.0, 10.0}) {
        const at::Tensor first = leaf({0}, {1});
        const at::Tensor second = leaf({0, 0}, {2});
        DescentSettings settings;
        settings.momentum = 0;
        settings.gradient_norm = norm;
        GradientDescent descent({first, second}, settings);
        // The gradient is (3, 0, 4), of norm 5.
        (at::sum(first * 3) + second[1] * 4).backward();
        REQUIRE(descent.step(1));
        const double shortening = norm == 2 ? 2.0 / 5 : 1;
        CHECK(values_of(first)[0] == Approx(-3 * shortening));
        CHECK(values_of(second)[1] == Approx(-4 * shortening));
    }
}

TEST_CASE("gradients that are not finite move nothing") {
    const at::Tensor parameter = leaf({1, 2}, {2});
    GradientDescent descent({parameter}, {});
    at::sum(parameter * std::numeric_limits<float>::infinity()).backward();
    CHECK_FALSE(descent.step(0.1));
    CHECK(values_of(parameter) == std::vector<float>{1, 2});
    at::sum(parameter).backward();
    CHECK(descent.step(0.1));
}

TEST_CASE("weights with their channels last move as others do") {
    at::Tensor values = at::arange(24, at::kFloat).view({2, 3, 2, 2});
    const at::Tensor plain = values.clone().requires_grad_(true);
    const at::Tensor last = values.contiguous(at::MemoryFormat::ChannelsLast).requires_grad_(true);
    for (const at::Tensor& parameter : {plain, last}) {
        GradientDescent descent({parameter}, {});
        for (int step = 0; step < 2; ++step) {
            at::sum(parameter * parameter.detach() * at::arange(24, at::kFloat).view({2, 3, 2, 2})).backward();
            REQUIRE(descent.step(0.01));
        }
    }
    CHECK(values_of(plain) == values_of(last));
}
