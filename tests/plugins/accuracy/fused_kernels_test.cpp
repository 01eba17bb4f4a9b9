// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include "sotto/plugin.h"

#include "plugins/accuracy/disjoint_max_pool.hpp"
#include "plugins/accuracy/normalized_activation.hpp"
#include "tests/support/catch.hpp"

using namespace sotto::accuracy;

namespace {

constexpr double epsilon = 1e-5;

/// Values that look random, with another mean and scale for each channel.
at::Tensor draw(at::IntArrayRef shape, double salt) {
    at::Tensor tensor = at::empty(shape, at::kDouble);
    double* const values = tensor.data_ptr<double>();
    const std::int64_t plane = tensor.dim() == 4 ? shape[2] * shape[3] : 1;
    for (std::int64_t index = 0; index < tensor.numel(); ++index) {
        const auto channel = static_cast<double>(index / plane % shape[tensor.dim() == 4 ? 1 : 0]);
        values[index] = std::sin(static_cast<double>(index * index % 10007) + salt) * (1 + channel) + 3 * channel;
    }
    return tensor;
}

double largest(const at::Tensor& tensor) {
    return at::abs(tensor).max().item<double>();
}

at::Tensor activated(const at::Tensor& map, std::int32_t activation) {
    return activation == SOTTO_ACTIVATION_RELU     ? at::relu(map)
           : activation == SOTTO_ACTIVATION_SQUARE ? map * map
                                                   : map;
}

}  // namespace

TEST_CASE("normalisation and activation in one have LibTorch's values and gradients in doubles") {
    for (const std::int32_t activation : {SOTTO_ACTIVATION_IDENTITY, SOTTO_ACTIVATION_RELU, SOTTO_ACTIVATION_SQUARE}) {
        for (const std::int64_t channels : {1, 3, 8, 17}) {
            INFO("activation " << activation << ", channels " << channels);
            const at::Tensor map = draw({5, channels, 7, 6}, 0).requires_grad_(true);
            const at::Tensor scale = (draw({channels}, 1) * 0.1 + 1).requires_grad_(true);
            const at::Tensor shift = (draw({channels}, 2) * 0.1).requires_grad_(true);
            const at::Tensor mean = draw({channels}, 3);
            const at::Tensor variance = at::abs(draw({channels}, 4)) + 0.1;
            const at::Tensor weights = draw({5, channels, 7, 6}, 5);

            const auto single = [](const at::Tensor& tensor) {
                return tensor.detach().to(at::kFloat).contiguous().requires_grad_(true);
            };
            const at::Tensor own_map = single(map);
            const at::Tensor own_scale = single(scale);
            const at::Tensor own_shift = single(shift);
            const at::Tensor own_mean = mean.to(at::kFloat);
            const at::Tensor own_variance = variance.to(at::kFloat);

            const at::Tensor running =
                activated(at::batch_norm(map, scale, shift, mean, variance, false, 0, epsilon, false), activation);
            CHECK(largest(running - normalize_by_running(own_map, own_scale, own_shift, own_mean, own_variance, epsilon,
                                                         activation)) < 1e-4 * largest(running));

            const at::Tensor expected =
                activated(at::batch_norm(map, scale, shift, mean, variance, true, 0.3, epsilon, false), activation);
            const at::Tensor found =
                normalize_by_batch(own_map, own_scale, own_shift, own_mean, own_variance, 0.3, epsilon, activation);
            CHECK(largest(expected - found) < 2e-5 * largest(expected));
            CHECK(largest(mean - own_mean) < 1e-5 * largest(mean));
            CHECK(largest(variance - own_variance) < 1e-5 * largest(variance));

            at::sum(expected * weights).backward();
            at::sum(found * weights.to(at::kFloat)).backward();
            CHECK(largest(map.grad() - own_map.grad()) < 1e-4 * largest(map.grad()));
            CHECK(largest(scale.grad() - own_scale.grad()) < 1e-4 * largest(scale.grad()));
            CHECK(largest(shift.grad() - own_shift.grad()) < 1e-4 * largest(shift.grad()));
        }
    }
}

TEST_CASE("statistics of a channel far from 0 and of an even one hold") {
    at::Tensor map = draw({4, 2, 5, 5}, 0) * 0.01 + 1000;
    map.select(1, 1).fill_(7);
    const at::Tensor ones = at::ones({2}, at::kFloat);
    const at::Tensor zeros = at::zeros({2}, at::kFloat);
    const at::Tensor mean = at::zeros({2}, at::kFloat);
    const at::Tensor variance = at::zeros({2}, at::kFloat);
    const at::Tensor single = map.to(at::kFloat);
    const at::Tensor result =
        normalize_by_batch(single, ones, zeros, mean, variance, 1, epsilon, SOTTO_ACTIVATION_IDENTITY);
    // Of the values as floats, which are 6e-5 apart there.
    const at::Tensor exact = single.to(at::kDouble).select(1, 0);
    CHECK(variance[0].item<double>() == Approx(exact.var().item<double>()).epsilon(1e-4));
    CHECK(mean[0].item<double>() == Approx(exact.mean().item<double>()));
    CHECK(variance[1].item<double>() == 0);
    CHECK(largest(result.select(1, 1)) < 1e-2);
}

TEST_CASE("what is not a number is not hidden by an activation or a pool") {
    at::Tensor map = at::ones({2, 1, 2, 2}, at::kFloat);
    map.data_ptr<float>()[1] = std::numeric_limits<float>::quiet_NaN();
    const at::Tensor ones = at::ones({1}, at::kFloat);
    const at::Tensor zeros = at::zeros({1}, at::kFloat);
    CHECK(std::isnan(
        normalize_by_running(map, ones, zeros, zeros, ones, epsilon, SOTTO_ACTIVATION_RELU).sum().item<double>()));
    CHECK(std::isnan(
        normalize_by_batch(map, ones, zeros, zeros, ones, 0, epsilon, SOTTO_ACTIVATION_RELU).sum().item<double>()));
    CHECK(std::isnan(disjoint_max_pool(map, 2, 2).sum().item<double>()));
}

TEST_CASE("windows that do not overlap have LibTorch's maxima and gradients") {
    struct Case {
        std::int64_t height, width, kernel_height, kernel_width;
    };
    for (const Case& shape :
         {Case{8, 8, 2, 2}, Case{7, 9, 2, 2}, Case{9, 6, 3, 2}, Case{5, 5, 5, 5}, Case{3, 4, 1, 1}}) {
        for (const std::int64_t channels : {1, 5}) {
            INFO(shape.height << " x " << shape.width << " by " << shape.kernel_height << " x " << shape.kernel_width);
            // Whole numbers: many windows have their largest element more than once.
            const at::Tensor values = at::round(draw({3, channels, shape.height, shape.width}, 1) * 2).to(at::kFloat);
            const at::Tensor map = values.clone().requires_grad_(true);
            const at::Tensor own_map = values.clone().requires_grad_(true);
            const at::Tensor expected = at::max_pool2d(map, {shape.kernel_height, shape.kernel_width},
                                                       {shape.kernel_height, shape.kernel_width});
            const at::Tensor found = disjoint_max_pool(own_map, shape.kernel_height, shape.kernel_width);
            CHECK(at::equal(expected, found));
            const at::Tensor weights = draw(expected.sizes(), 2).to(at::kFloat);
            at::sum(expected * weights).backward();
            at::sum(found * weights).backward();
            CHECK(at::equal(map.grad(), own_map.grad()));
        }
    }
}
