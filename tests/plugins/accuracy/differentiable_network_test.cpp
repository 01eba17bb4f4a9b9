// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/differentiable_network.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <vector>

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include "tests/plugins/accuracy/flat_network.hpp"
#include "tests/plugins/accuracy/reference_forward.hpp"
#include "tests/support/catch.hpp"

using namespace sotto::accuracy;
using namespace sotto::accuracy_test;

namespace {

constexpr std::uint64_t seed = 11;
constexpr std::size_t images = 3;

/// Every kind of layer, uneven pads, groups, a map with several readers, twins.
FlatNetwork every_layer() {
    FlatNetwork net;
    const auto x = net.input(3, 11, 9);
    const auto stem = net.convolution(x, 6, {3, 2, 2, 1, 1, 0, 0, 1});
    const auto normal = net.normalization(stem);
    const auto a = net.relu(normal);
    const auto grouped = net.convolution(a, 6, 3, 1, 1, 3);
    const auto b = net.activation(grouped, SOTTO_ACTIVATION_SQUARE);
    const auto sum = net.add({a, b, normal});
    const auto most = net.pool(sum, SOTTO_LAYER_MAX_POOL, {3, 2, 1, 2, 1, 1, 1, 0});
    const auto mean = net.pool(sum, SOTTO_LAYER_AVERAGE_POOL, {3, 2, 1, 2, 1, 1, 1, 0});
    const auto joined = net.concat({most, mean, net.activation(most, SOTTO_ACTIVATION_IDENTITY)});
    const auto padded = net.pad(joined, 1, 0, 0, 2);
    const auto second = net.normalization(net.convolution(padded, 5, 1));
    const auto left = net.global_pool(second);
    const auto right = net.global_pool(second, SOTTO_LAYER_GLOBAL_MAX_POOL);
    const auto flat = net.flatten(net.concat({left, right}));
    net.fully_connected(flat, 4);
    return net;
}

at::Tensor draw_images(const sotto_shape& shape, std::size_t count) {
    at::Tensor result =
        at::empty({static_cast<std::int64_t>(count), shape.channels, shape.height, shape.width}, at::kDouble);
    double* const values = result.data_ptr<double>();
    for (std::int64_t index = 0; index < result.numel(); ++index) {
        values[index] = std::sin(static_cast<double>(index * index % 1009)) * 1.5;
    }
    return result;
}

std::vector<double> to_vector(const at::Tensor& tensor) {
    const at::Tensor flat = tensor.detach().contiguous().view({-1});
    return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

double largest_difference(const std::vector<double>& left, const std::vector<double>& right) {
    REQUIRE(left.size() == right.size());
    double most = 0;
    for (std::size_t index = 0; index < left.size(); ++index) {
        most = std::max(most, std::fabs(left[index] - right[index]));
    }
    return most;
}

}  // namespace

TEST_CASE("Every layer of the differentiable network gives what its definition gives") {
    FlatNetwork net = every_layer();
    DifferentiableNetwork network(Graph(net.view()), {seed, at::kDouble, false});
    const at::Tensor batch = draw_images(network.graph().input_shape(), images);
    std::vector<std::vector<double>> seen(network.graph().nodes().size());
    ForwardOptions options;
    options.observe = [&](std::size_t layer, at::Tensor output) {
        seen[layer] = to_vector(output);
        return output;
    };

    SECTION("with the statistics of the batch") {
        network.forward(batch, options);
        const auto expected = forward(net, proxy_weights(net, seed), to_vector(batch), images, {});
        for (std::size_t layer = 0; layer < seen.size(); ++layer) {
            INFO("layer " << layer);
            CHECK(largest_difference(seen[layer], expected[layer]) < 1e-9);
        }
    }
    SECTION("stored statistics of 0 and 1 divide by the root of 1 + epsilon") {
        options.normalization = Normalization::running_statistics;
        network.forward(batch, options);
        std::vector<double> scaled = seen[1];
        for (double& value : scaled) {
            value /= std::sqrt(1 + 1e-5);
        }
        CHECK(largest_difference(seen[2], scaled) < 1e-12);
    }
    SECTION("without normalisation its input passes") {
        options.normalization = Normalization::none;
        network.forward(batch, options);
        CHECK(seen[2] == seen[1]);
    }
}

TEST_CASE("A convolution equals LibTorch's over the padded map for every window over a small map") {
    int windows = 0;
    for (const std::int32_t kernel : {1, 2, 3, 5}) {
        for (const std::int32_t stride : {1, 2, 3}) {
            for (const std::int32_t lead : {0, 1, 2, 4}) {
                for (const std::int32_t trail : {0, 1, 2, 4}) {
                    for (const std::int32_t length : {1, 2, 3, 6}) {
                        if (length + lead + trail < kernel) {
                            continue;
                        }
                        // The other axis has the same window turned round.
                        FlatNetwork net;
                        net.convolution(net.input(2, length, length), 4,
                                        sotto_window{kernel, kernel, stride, stride, lead, trail, trail, lead}, 2);
                        DifferentiableNetwork network(Graph(net.view()), {seed, at::kDouble, false});
                        at::Tensor& weight = network.layers()[1].weight;
                        weight.requires_grad_(true);
                        const at::Tensor batch = draw_images(network.graph().input_shape(), images);
                        const at::Tensor found = network.forward(batch);
                        const at::Tensor expected = at::conv2d(
                            at::constant_pad_nd(batch, {trail, lead, lead, trail}, 0), weight, at::Tensor(),
                            at::IntArrayRef{stride, stride}, at::IntArrayRef{0, 0}, at::IntArrayRef{1, 1}, 2);
                        INFO(kernel << " by " << stride << ", pads " << lead << " and " << trail << ", over "
                                    << length);
                        REQUIRE(found.sizes() == expected.sizes());
                        CHECK(at::allclose(found, expected, 1e-12, 1e-12));
                        const at::Tensor direction = at::randn_like(found);
                        const auto derivative = [&](const at::Tensor& output) {
                            return torch::autograd::grad({(output * direction).sum()}, {weight})[0];
                        };
                        CHECK(at::allclose(derivative(found), derivative(expected), 1e-12, 1e-12));
                        ++windows;
                    }
                }
            }
        }
    }
    CHECK(windows > 400);
}

TEST_CASE("A batch moves the stored statistics by the momentum alone") {
    FlatNetwork net = every_layer();
    DifferentiableNetwork network(Graph(net.view()), {seed, at::kDouble, false});
    const at::Tensor batch = draw_images(network.graph().input_shape(), images);
    ForwardOptions options;
    at::Tensor before;
    options.observe = [&](std::size_t layer, at::Tensor output) {
        before = layer == 1 ? output : before;
        return output;
    };
    network.forward(batch, options);
    CHECK(at::equal(network.layers()[2].running_mean, at::zeros({6}, at::kDouble)));
    options.momentum = 0.25;
    network.forward(batch, options);
    const at::Tensor mean = before.mean({0, 2, 3});
    const at::Tensor variance = before.var({0, 2, 3}, true);
    CHECK(at::allclose(network.layers()[2].running_mean, mean * 0.25, 1e-12, 1e-12));
    CHECK(at::allclose(network.layers()[2].running_variance, variance * 0.25 + 0.75, 1e-12, 1e-12));
}

TEST_CASE("Derivatives of the differentiable network equal finite differences over every parameter") {
    FlatNetwork net = every_layer();
    DifferentiableNetwork network(Graph(net.view()), {seed, at::kDouble, true});
    const at::Tensor batch = draw_images(network.graph().input_shape(), images);
    const auto loss = [&] { return network.forward(batch).pow(2).sum(); };
    std::vector<at::Tensor> parameters = network.parameters();
    // Biases: the grouped convolution and the fully connected layer; the others are normalised at once.
    CHECK(parameters.size() == 4 + 2 + 4);
    for (at::Tensor& parameter : parameters) {
        parameter.requires_grad_(true);
    }
    const std::vector<at::Tensor> gradients = torch::autograd::grad({loss()}, parameters);
    const at::NoGradGuard no_gradients;
    for (std::size_t index = 0; index < parameters.size(); ++index) {
        at::Tensor values = parameters[index].view({-1});
        const std::vector<double> expected = to_vector(gradients[index]);
        for (std::int64_t at = 0; at < values.numel(); at += 7) {
            constexpr double step = 1e-6;
            const double old = values[at].item<double>();
            values[at] = old + step;
            const double above = loss().item<double>();
            values[at] = old - step;
            const double below = loss().item<double>();
            values[at] = old;
            const double difference = (above - below) / (2 * step);
            INFO("parameter " << index << ", element " << at);
            CHECK(std::fabs(difference - expected[static_cast<std::size_t>(at)]) < 1e-5 * (1 + std::fabs(difference)));
        }
    }
}

TEST_CASE("A normalisation put behind a convolution folds into its weights and a bias") {
    FlatNetwork net = every_layer();
    DifferentiableNetwork trained(Graph(net.view()), {seed, at::kDouble, true, true});
    const at::Tensor batch = draw_images(trained.graph().input_shape(), images);
    // Some statistics, scales and shifts that are not those of a new network.
    ForwardOptions learn;
    learn.momentum = 0.7;
    trained.forward(batch, learn);
    double value = 0.3;
    std::size_t put_behind = 0;
    for (std::size_t layer = 0; layer < trained.layers().size(); ++layer) {
        LayerParameters& own = trained.layers()[layer];
        if (own.scale.defined()) {
            own.scale.mul_(value += 0.2);
            own.shift.add_(value);
        }
        const bool convolution = trained.graph().nodes()[layer].kind == SOTTO_LAYER_CONVOLUTION;
        put_behind += convolution && own.scale.defined() ? 1 : 0;
        CHECK_FALSE((convolution && own.bias.defined()));
    }
    CHECK(put_behind == 1);

    DifferentiableNetwork folded(Graph(net.view()), {seed, at::kDouble, true, false});
    for (std::size_t layer = 0; layer < trained.layers().size(); ++layer) {
        const LayerParameters& from = trained.layers()[layer];
        LayerParameters& to = folded.layers()[layer];
        if (from.weight.defined() && from.scale.defined()) {
            const at::Tensor factor = from.scale / at::sqrt(from.running_variance + 1e-5);
            to.weight = from.weight * factor.view({-1, 1, 1, 1});
            to.bias = from.shift - from.running_mean * factor;
        } else {
            to = from;
        }
    }
    ForwardOptions infer;
    infer.normalization = Normalization::running_statistics;
    CHECK(largest_difference(to_vector(trained.forward(batch, infer)), to_vector(folded.forward(batch, infer))) <
          1e-10);
}

TEST_CASE("Fused kernels change a network's outputs and gradients by rounding alone") {
    FlatNetwork net;
    const auto x = net.input(2, 12, 12);
    const auto a = net.relu(net.convolution(x, 6, 3, 1, 1));
    const auto b = net.pool(a, SOTTO_LAYER_MAX_POOL, 2, 2);
    const auto c = net.activation(net.normalization(net.convolution(b, 6, 3, 1, 1)), SOTTO_ACTIVATION_SQUARE);
    const auto d = net.convolution(b, 6, 1);
    // Normalised and read twice: nothing to fuse with.
    const auto sum = net.add({c, net.relu(d), d});
    net.fully_connected(net.global_pool(net.pool(sum, SOTTO_LAYER_MAX_POOL, 3, 2, 1)), 3);
    const Graph graph(net.view());
    DifferentiableNetwork plain(graph, {seed, at::kFloat, true, true});
    DifferentiableNetwork fused(graph, {seed, at::kFloat, true, true});
    const at::Tensor batch = draw_images(graph.input_shape(), 20).to(at::kFloat);
    ForwardOptions options;
    options.momentum = 0.2;
    for (DifferentiableNetwork* network : {&plain, &fused}) {
        options.fused = network == &fused;
        for (const at::Tensor& parameter : network->parameters()) {
            parameter.requires_grad_(true);
        }
        const at::Tensor output = network->forward(batch, options);
        at::sum(output * output).backward();
    }
    const auto close = [](const at::Tensor& left, const at::Tensor& right) {
        return at::abs(left - right).max().item<double>() < 1e-4 * (1 + at::abs(left).max().item<double>());
    };
    for (std::size_t index = 0; index < plain.parameters().size(); ++index) {
        CHECK(close(plain.parameters()[index].grad(), fused.parameters()[index].grad()));
    }
    for (std::size_t layer = 0; layer < plain.layers().size(); ++layer) {
        if (plain.layers()[layer].scale.defined()) {
            CHECK(close(plain.layers()[layer].running_mean, fused.layers()[layer].running_mean));
            CHECK(close(plain.layers()[layer].running_variance, fused.layers()[layer].running_variance));
        }
    }
    ForwardOptions infer;
    infer.normalization = Normalization::running_statistics;
    const at::Tensor expected = plain.forward(batch, infer).detach();
    infer.fused = true;
    CHECK(close(expected, fused.forward(batch, infer).detach()));
}
