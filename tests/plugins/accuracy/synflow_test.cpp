// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <functional>
#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "tests/plugins/accuracy/flat_network.hpp"
#include "tests/plugins/accuracy/proxy_library.hpp"
#include "tests/plugins/accuracy/reference_forward.hpp"
#include "tests/support/catch.hpp"

using namespace sotto::accuracy_test;

namespace {

/// R of the definition: absolute weights, an image of ones, the sum of all outputs.
double output_sum(const FlatNetwork& network, const Weights& weights) {
    const sotto_shape& shape = network.layers().front().output;
    const std::vector<double> ones(static_cast<std::size_t>(shape.channels * shape.height * shape.width), 1.0);
    const std::vector<double> outputs = forward(network, weights, ones, 1, {.linearized = true}).back();
    return std::accumulate(outputs.begin(), outputs.end(), 0.0);
}

/// The sum over weights of |w dR/dw|, each derivative by a central difference.
double flow_by_differences(FlatNetwork& network, std::uint64_t seed) {
    Weights weights = proxy_weights(network, seed);
    for (auto& layer : weights) {
        for (double& weight : layer) {
            weight = std::fabs(weight);
        }
    }
    double flow = 0;
    for (auto& layer : weights) {
        for (double& weight : layer) {
            const double value = weight;
            const double step = 1e-5 * value;
            weight = value + step;
            const double above = output_sum(network, weights);
            weight = value - step;
            const double below = output_sum(network, weights);
            weight = value;
            flow += std::fabs(value * (above - below) / (2 * step));
        }
    }
    return flow;
}

double synflow(FlatNetwork& network, std::uint64_t seed) {
    const Proxy proxy = ProxyLibrary::get().create("synflow");
    const Answer answer = proxy.evaluate(network.view(), seed);
    INFO(answer.text);
    REQUIRE(answer.status == SOTTO_OK);
    return answer.metrics.front();
}

}  // namespace

TEST_CASE("synflow equals the sum of finite differences over every weight") {
    const std::vector<std::pair<std::string, std::function<void(FlatNetwork&)>>> networks{
        {"chain with padding and stride",
         [](FlatNetwork& n) {
             auto x = n.relu(n.convolution(n.input(2, 9, 9), 3, 3, 1, 1));
             n.fully_connected(n.relu(n.convolution(x, 4, 3, 2, 1)), 3);
         }},
        {"output with several positions",
         [](FlatNetwork& n) { n.convolution(n.convolution(n.input(2, 7, 8), 3, 3, 1, 1), 2, 3, 1, 1); }},
        {"windows that are not square",
         [](FlatNetwork& n) {
             auto x = n.convolution(n.input(2, 8, 11), 3, {3, 5, 1, 2, 1, 0, 2, 1});
             n.global_pool(n.convolution(x, 2, {1, 3, 2, 1, 0, 0, 1, 1}));
         }},
        {"addition of branches of different borders",
         [](FlatNetwork& n) {
             const auto x = n.convolution(n.input(2, 8, 8), 3, 1);
             const auto deep = n.convolution(n.relu(n.convolution(x, 3, 3, 1, 1)), 3, 3, 1, 1);
             n.global_pool(n.relu(n.add({deep, n.convolution(x, 3, 1), x})));
         }},
        {"an operand that is added to itself",
         [](FlatNetwork& n) {
             const auto x = n.convolution(n.input(2, 5, 5), 3, 3);
             n.convolution(n.add({x, x}), 2, 1);
         }},
        {"concatenation",
         [](FlatNetwork& n) {
             const auto x = n.relu(n.convolution(n.input(3, 8, 8), 2, 1));
             const auto ones = n.relu(n.convolution(x, 2, 1));
             const auto threes = n.relu(n.convolution(x, 3, 3, 1, 1));
             n.global_pool(n.convolution(n.concat({ones, x, threes}), 2, 3, 2, 1));
         }},
        {"max pool",
         [](FlatNetwork& n) {
             const auto x = n.relu(n.convolution(n.input(2, 9, 9), 3, 3, 1, 1));
             n.fully_connected(n.pool(n.relu(n.convolution(x, 3, 3, 1, 1)), SOTTO_LAYER_MAX_POOL, 3, 2, 1), 2);
         }},
        {"average pool with padding",
         [](FlatNetwork& n) {
             const auto x = n.relu(n.convolution(n.input(2, 9, 9), 3, 3, 1, 1));
             n.convolution(n.pool(x, SOTTO_LAYER_AVERAGE_POOL, 3, 2, 1), 2, 3);
         }},
        {"global max pool",
         [](FlatNetwork& n) {
             const auto x = n.convolution(n.input(2, 6, 6), 3, 3, 1, 1);
             n.fully_connected(n.global_pool(x, SOTTO_LAYER_GLOBAL_MAX_POOL), 3);
         }},
        {"groups and depthwise",
         [](FlatNetwork& n) {
             const auto x = n.convolution(n.input(4, 7, 7), 6, 3, 1, 1, 2);
             n.global_pool(n.convolution(n.convolution(x, 6, 3, 1, 1, 6), 3, 1));
         }},
        {"flatten of several positions, and pad",
         [](FlatNetwork& n) {
             const auto x = n.pad(n.convolution(n.input(2, 5, 4), 3, 2), 1, 0, 2, 1);
             n.fully_connected(n.fully_connected(n.flatten(n.convolution(x, 2, 2)), 4), 2);
         }},
        {"batch normalisation and square pass their input on",
         [](FlatNetwork& n) {
             const auto x = n.normalization(n.convolution(n.input(2, 6, 6), 3, 3, 1, 1));
             n.global_pool(n.convolution(n.activation(x, SOTTO_ACTIVATION_SQUARE), 2, 3));
         }},
    };
    for (const auto& [name, build] : networks) {
        for (const std::uint64_t seed : {1ULL, 99ULL}) {
            FlatNetwork network;
            build(network);
            INFO(name << ", seed " << seed);
            CHECK(std::exp(synflow(network, seed)) == Approx(flow_by_differences(network, seed)).epsilon(2e-5));
        }
    }
}

TEST_CASE("synflow of a chain is its number of weighted layers times its output") {
    FlatNetwork network;
    auto x = network.input(3, 20, 20);
    for (int layer = 0; layer < 5; ++layer) {
        x = network.relu(network.convolution(x, 4, 3, 1, 1));
    }
    network.global_pool(x);
    Weights weights = proxy_weights(network, 7);
    for (auto& layer : weights) {
        for (double& weight : layer) {
            weight = std::fabs(weight);
        }
    }
    CHECK(std::exp(synflow(network, 7)) == Approx(5 * output_sum(network, weights)).epsilon(1e-5));
}

TEST_CASE("synflow does not see activations") {
    SqueezeNetVariant linear;
    linear.activations.assign(10, SOTTO_ACTIVATION_NONE);
    SqueezeNetVariant square;
    square.activations.assign(10, SOTTO_ACTIVATION_SQUARE);
    FlatNetwork with = squeezenet();
    FlatNetwork without = squeezenet(linear);
    FlatNetwork squares = squeezenet(square);
    // Other layers, so other random weights: equal within what the seed makes of it.
    const double spread = std::fabs(synflow(with, 1) - synflow(with, 2)) + 0.2;
    CHECK(std::fabs(synflow(with, 1) - synflow(without, 1)) < spread);
    CHECK(std::fabs(synflow(with, 1) - synflow(squares, 1)) < spread);
}

TEST_CASE("synflow of a very deep network is finite") {
    // Fan-in 576 multiplies the flow by about 20 a layer: 500 layers reach 10^650, beyond what a double holds.
    FlatNetwork network;
    auto x = network.input(64, 12, 12);
    for (int layer = 0; layer < 500; ++layer) {
        x = network.relu(network.convolution(x, 64, 3, 1, 1));
    }
    network.global_pool(x);
    const double score = synflow(network, 3);
    CHECK(std::isfinite(score));
    CHECK(score > 1000);
}
