// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "plugins/accuracy/graph.hpp"
#include "plugins/accuracy/random_weights.hpp"
#include "tests/plugins/accuracy/flat_network.hpp"
#include "tests/plugins/accuracy/proxy_library.hpp"
#include "tests/plugins/accuracy/reference_forward.hpp"
#include "tests/support/catch.hpp"

using namespace sotto::accuracy_test;

namespace {

constexpr std::size_t batch = 4;

/// N(0, 1) images as the proxy draws them, channel by channel, to [image][channel][row][column].
std::vector<double> draw_images(const sotto_shape& shape, std::uint64_t seed, std::uint64_t stream) {
    const auto plane = static_cast<std::size_t>(shape.height * shape.width);
    const auto channels = static_cast<std::size_t>(shape.channels);
    std::vector<float> drawn(channels * batch * plane);
    sotto::accuracy::fill_normal(drawn, seed, stream);
    std::vector<double> images(drawn.size());
    for (std::size_t index = 0; index < drawn.size(); ++index) {
        const std::size_t channel = index / (batch * plane);
        const std::size_t image = index / plane % batch;
        images[(image * channels + channel) * plane + index % plane] = drawn[index];
    }
    return images;
}

Weights normal_weights(FlatNetwork& network, std::uint64_t seed) {
    const sotto::accuracy::Graph graph(network.view());
    Weights weights(graph.nodes().size());
    for (std::size_t layer = 0; layer < weights.size(); ++layer) {
        std::vector<float> values(static_cast<std::size_t>(graph.weight_count(layer)));
        sotto::accuracy::fill_normal(values, seed, graph.nodes()[layer].key);
        weights[layer].assign(values.begin(), values.end());
    }
    return weights;
}

struct Case {
    std::string name;
    std::uint32_t features = 0;                           ///< the layer in front of the classifier
    std::map<std::uint32_t, std::uint32_t> instead = {};  ///< additions, and what stays of them without residual links
};

/// Two forward passes by the definition, in double.
double expected_zen(FlatNetwork& network, const Case& by, std::uint64_t seed) {
    const auto layers = network.layers();
    const Weights weights = normal_weights(network, seed);
    const std::vector<double> images = draw_images(layers.front().output, seed, 0x6E6F697365ULL);
    const std::vector<double> steps = draw_images(layers.front().output, seed, 0x70657274757262ULL);
    std::map<std::uint32_t, double> square_factors;
    std::map<std::uint32_t, std::vector<std::vector<double>>> seen;
    ForwardRules rules;
    rules.change = [&](std::uint32_t layer, std::vector<std::vector<double>>& maps) {
        if (by.instead.contains(layer)) {
            maps = seen[by.instead.at(layer)];
        }
        if (layers[layer].activation == SOTTO_ACTIVATION_SQUARE) {
            // The mean of the squares is the mean square of what was squared; the first pass's counts.
            double sum = 0;
            double count = 0;
            for (const auto& map : maps) {
                for (const double value : map) {
                    sum += value;
                    ++count;
                }
            }
            square_factors.emplace(layer, 1 / std::sqrt(sum / count));
            for (auto& map : maps) {
                for (double& value : map) {
                    value *= square_factors.at(layer);
                }
            }
        }
        seen[layer] = maps;
    };
    const std::vector<double> before = forward(network, weights, images, batch, rules)[by.features];
    double deviations = 0;
    for (std::uint32_t layer = 0; layer <= by.features; ++layer) {
        if (layers[layer].kind != SOTTO_LAYER_BATCH_NORMALIZATION) {
            continue;
        }
        const auto& input = seen[network.operands(layer).front()];
        const auto channels = static_cast<std::size_t>(layers[layer].output.channels);
        const std::size_t plane = input.front().size() / channels;
        double variances = 0;
        for (std::size_t channel = 0; channel < channels; ++channel) {
            double sum = 0;
            double squares = 0;
            for (const auto& map : input) {
                for (std::size_t at = channel * plane; at < (channel + 1) * plane; ++at) {
                    sum += map[at];
                    squares += map[at] * map[at];
                }
            }
            const auto n = static_cast<double>(plane * batch);
            variances += squares / n - sum / n * sum / n;
        }
        deviations += 0.5 * std::log(variances / static_cast<double>(channels));
    }
    std::vector<double> moved = images;
    for (std::size_t index = 0; index < moved.size(); ++index) {
        moved[index] += 0.01 * steps[index];
    }
    const std::vector<double> after = forward(network, weights, moved, batch, rules)[by.features];
    double lengths = 0;
    for (std::size_t image = 0; image < batch; ++image) {
        double squares = 0;
        for (std::size_t at = image * before.size() / batch; at < (image + 1) * before.size() / batch; ++at) {
            squares += (after[at] - before[at]) * (after[at] - before[at]);
        }
        lengths += std::sqrt(squares);
    }
    return std::log(lengths / batch) + deviations;
}

double zen(FlatNetwork& network, std::uint64_t seed) {
    const Answer answer = ProxyLibrary::get()
                              .create("zen", {{"batch", std::to_string(batch)}, {"input_size", "0"}})
                              .evaluate(network.view(), seed);
    INFO(answer.text);
    REQUIRE(answer.status == SOTTO_OK);
    return answer.metrics.front();
}

}  // namespace

TEST_CASE("the Zen-score equals two forward passes by its definition") {
    const std::vector<std::function<Case(FlatNetwork&)>> networks{
        [](FlatNetwork& n) {
            const auto x = n.relu(n.convolution(n.input(3, 8, 8), 4, 3, 1, 1));
            const auto y = n.relu(n.convolution(x, 5, 3, 2, 1));
            n.fully_connected(n.global_pool(y), 3);
            return Case{"plain convolutions, no normalisation", y};
        },
        [](FlatNetwork& n) {
            const auto x = n.relu(n.normalization(n.convolution(n.input(3, 8, 8), 4, 3, 1, 1)));
            const auto y = n.relu(n.normalization(n.convolution(x, 5, 3, 2, 1)));
            n.fully_connected(n.flatten(y), 3);
            return Case{"batch normalisation in front of a flattening classifier", y};
        },
        [](FlatNetwork& n) {
            const auto x = n.relu(n.normalization(n.convolution(n.input(3, 8, 8), 4, 3, 1, 1)));
            const auto branch = n.normalization(n.convolution(x, 4, 3, 1, 1));
            const auto sum = n.add({x, branch});
            const auto y = n.relu(sum);
            n.fully_connected(n.global_pool(y), 3);
            return Case{"a residual link", y, {{sum, branch}}};
        },
        [](FlatNetwork& n) {
            const auto x = n.convolution(n.input(2, 9, 9), 4, 3, 1, 1);
            const auto left = n.activation(n.convolution(x, 3, 1), SOTTO_ACTIVATION_SQUARE);
            const auto right = n.convolution(n.pool(x, SOTTO_LAYER_MAX_POOL, 3, 1, 1), 3, 3, 1, 1);
            const auto joined = n.concat({n.add({left, right}), x});
            const auto y = n.pool(joined, SOTTO_LAYER_AVERAGE_POOL, 2, 2);
            n.global_pool(y);
            return Case{"branches that are no residual link, a square, pools", y};
        },
    };
    for (const auto& build : networks) {
        for (const std::uint64_t seed : {3ULL, 8ULL}) {
            FlatNetwork network;
            const Case by = build(network);
            INFO(by.name << ", seed " << seed);
            CHECK(zen(network, seed) == Approx(expected_zen(network, by, seed)).margin(2e-3));
        }
    }
}

TEST_CASE("every doubling of a network without normalisation adds to the Zen-score what it multiplies by") {
    // A chain of 1x1 convolutions over one position and no activation: a product of random matrices, whose logarithm
    // grows by about half the logarithm of the fan-in with every layer, however deep.
    const auto chain = [](int depth) {
        FlatNetwork network;
        auto x = network.input(64, 1, 1);
        for (int layer = 0; layer < depth; ++layer) {
            x = network.convolution(x, 64, 1);
        }
        network.global_pool(x);
        return zen(network, 5);
    };
    const double short_one = chain(100);
    const double long_one = chain(600);
    CHECK((long_one - short_one) / 500 == Approx(0.5 * std::log(64.0)).epsilon(0.02));
}

TEST_CASE("120 squares in a row have a finite Zen-score") {
    FlatNetwork network;
    auto x = network.input(3, 12, 12);
    for (int layer = 0; layer < 120; ++layer) {
        x = network.activation(network.convolution(x, 8, 3, 1, 1), SOTTO_ACTIVATION_SQUARE);
    }
    network.global_pool(x);
    CHECK(std::isfinite(zen(network, 1)));
}
