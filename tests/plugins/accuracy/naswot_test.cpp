// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "plugins/accuracy/random_weights.hpp"
#include "tests/plugins/accuracy/flat_network.hpp"
#include "tests/plugins/accuracy/proxy_library.hpp"
#include "tests/plugins/accuracy/reference_forward.hpp"
#include "tests/support/catch.hpp"

using namespace sotto::accuracy_test;

namespace {

constexpr std::size_t batch = 5;

/// The noise of the proxies, [image][channel][row][column]; they draw it channel by channel.
std::vector<double> noise(const sotto_shape& shape, std::uint64_t seed) {
    const auto plane = static_cast<std::size_t>(shape.height * shape.width);
    const auto channels = static_cast<std::size_t>(shape.channels);
    std::vector<float> drawn(channels * batch * plane);
    sotto::accuracy::fill_normal(drawn, seed, 0x6E6F697365ULL);
    std::vector<double> images(drawn.size());
    for (std::size_t channel = 0; channel < channels; ++channel) {
        for (std::size_t image = 0; image < batch; ++image) {
            for (std::size_t at = 0; at < plane; ++at) {
                images[(image * channels + channel) * plane + at] = drawn[(channel * batch + image) * plane + at];
            }
        }
    }
    return images;
}

double log_determinant(std::vector<std::vector<double>> matrix) {
    double result = 0;
    for (std::size_t pivot = 0; pivot < matrix.size(); ++pivot) {
        result += std::log(matrix[pivot][pivot]);
        for (std::size_t row = pivot + 1; row < matrix.size(); ++row) {
            const double factor = matrix[row][pivot] / matrix[pivot][pivot];
            for (std::size_t column = pivot; column < matrix.size(); ++column) {
                matrix[row][column] -= factor * matrix[pivot][column];
            }
        }
    }
    return result;
}

/// ln det(I + K) by the definition. `ignored` names activations whose units do not count.
double expected_naswot(FlatNetwork& network, std::uint64_t seed, const std::vector<std::uint32_t>& ignored) {
    const auto layers = network.layers();
    const auto values = forward(network, proxy_weights(network, seed), noise(layers.front().output, seed), batch, {});
    std::vector<std::vector<double>> kernel(batch, std::vector<double>(batch, 0.0));
    for (std::uint32_t index = 0; index < layers.size(); ++index) {
        const std::int32_t activation = layers[index].activation;
        if ((activation != SOTTO_ACTIVATION_RELU && activation != SOTTO_ACTIVATION_SQUARE) ||
            std::find(ignored.begin(), ignored.end(), index) != ignored.end()) {
            continue;
        }
        const double weight = activation == SOTTO_ACTIVATION_RELU ? 1 : 0.5;
        const std::vector<double>& before = values[network.operands(index).front()];
        const std::size_t units = before.size() / batch;
        for (std::size_t unit = 0; unit < units; ++unit) {
            for (std::size_t i = 0; i < batch; ++i) {
                for (std::size_t j = 0; j < batch; ++j) {
                    kernel[i][j] += (before[i * units + unit] > 0) == (before[j * units + unit] > 0) ? weight : 0;
                }
            }
        }
    }
    for (std::size_t i = 0; i < batch; ++i) {
        kernel[i][i] += 1;
    }
    return log_determinant(kernel);
}

double naswot(FlatNetwork& network, std::uint64_t seed) {
    const Proxy proxy =
        ProxyLibrary::get().create("naswot", {{"batch", std::to_string(batch)}, {"repeats", "1"}, {"input_size", "0"}});
    const Answer answer = proxy.evaluate(network.view(), seed);
    INFO(answer.text);
    REQUIRE(answer.status == SOTTO_OK);
    return answer.metrics.front();
}

}  // namespace

TEST_CASE("NASWOT equals an independent forward pass and determinant") {
    const std::vector<std::pair<std::string, std::function<void(FlatNetwork&)>>> networks{
        {"one convolution", [](FlatNetwork& n) { n.relu(n.convolution(n.input(2, 6, 6), 3, 3, 1, 1)); }},
        {"more than 64 positions", [](FlatNetwork& n) { n.relu(n.convolution(n.input(2, 11, 13), 3, 3, 1, 1)); }},
        {"chain with pools, strides and a linear layer",
         [](FlatNetwork& n) {
             auto x = n.relu(n.convolution(n.input(3, 17, 17), 4, 5, 3, 2));
             x = n.relu(n.convolution(n.pool(x, SOTTO_LAYER_MAX_POOL, 2, 1), 4, 3, 1, 1));
             x = n.relu(n.convolution(n.pool(x, SOTTO_LAYER_AVERAGE_POOL, 3, 2, 1), 5, 3, 2, 1));
             n.relu(n.fully_connected(x, 7));
         }},
        {"max pool of negative values with padding",
         [](FlatNetwork& n) {
             const auto x = n.pool(n.convolution(n.input(2, 7, 7), 3, 3), SOTTO_LAYER_MAX_POOL, 3, 2, 1);
             n.relu(n.convolution(x, 4, 1));
         }},
        {"global pools",
         [](FlatNetwork& n) {
             const auto x = n.relu(n.convolution(n.input(2, 7, 7), 6, 3));
             const auto y = n.concat({n.global_pool(x), n.global_pool(x, SOTTO_LAYER_GLOBAL_MAX_POOL)});
             n.relu(n.fully_connected(y, 12));
         }},
        {"batch normalisation",
         [](FlatNetwork& n) {
             const auto x = n.relu(n.normalization(n.convolution(n.input(2, 6, 6), 3, 3)));
             n.relu(n.normalization(n.convolution(x, 4, 3)));
         }},
        {"residual addition that reads its input twice",
         [](FlatNetwork& n) {
             const auto x = n.normalization(n.convolution(n.input(3, 6, 6), 4, 3, 1, 1));
             const auto y = n.convolution(n.relu(x), 4, 3, 1, 1);
             n.relu(n.add({x, n.relu(y), y}));
         }},
        {"squares between",
         [](FlatNetwork& n) {
             auto x = n.activation(n.convolution(n.input(3, 8, 8), 4, 3), SOTTO_ACTIVATION_SQUARE);
             x = n.activation(n.convolution(x, 4, 3), SOTTO_ACTIVATION_SQUARE);
             n.relu(n.convolution(x, 5, 1));
         }},
        {"a flattened map of one position that is read besides",
         [](FlatNetwork& n) {
             const auto x = n.global_pool(n.convolution(n.input(3, 6, 6), 8, 3));
             const auto y = n.relu(n.flatten(x));
             n.relu(n.fully_connected(n.relu(n.add({y, x})), 9));
         }},
        {"groups, pad, flatten, identity, a window that is not square",
         [](FlatNetwork& n) {
             auto x = n.relu(n.convolution(n.pad(n.input(4, 6, 7), 1, 0, 2, 1), 6, {3, 2, 1, 2, 0, 1, 1, 0}, 2));
             x = n.relu(n.convolution(n.activation(x, SOTTO_ACTIVATION_IDENTITY), 6, 3, 1, 1, 6));
             n.relu(n.fully_connected(n.flatten(x), 9));
         }},
    };
    for (const auto& [name, build] : networks) {
        for (const std::uint64_t seed : {1ULL, 2ULL, 77ULL}) {
            FlatNetwork network;
            build(network);
            INFO(name << ", seed " << seed);
            CHECK(naswot(network, seed) == Approx(expected_naswot(network, seed, {})).epsilon(1e-9));
        }
    }
}

TEST_CASE("a ReLU that can never be off has no units") {
    FlatNetwork network;
    const auto x = network.relu(network.convolution(network.input(2, 6, 6), 3, 3));
    const auto again = network.relu(network.pool(x, SOTTO_LAYER_MAX_POOL, 2, 2));
    network.fully_connected(again, 4);
    CHECK(naswot(network, 5) == Approx(expected_naswot(network, 5, {again})).epsilon(1e-9));
    CHECK(naswot(network, 5) < expected_naswot(network, 5, {}));
}

TEST_CASE("a network without activations scores 0, and one unit is more") {
    FlatNetwork linear;
    linear.fully_connected(linear.convolution(linear.input(3, 8, 8), 4, 3), 1);
    CHECK(naswot(linear, 1) == 0);

    FlatNetwork identity;
    identity.activation(identity.fully_connected(identity.input(3, 8, 8), 1), SOTTO_ACTIVATION_IDENTITY);
    CHECK(naswot(identity, 1) == 0);

    FlatNetwork one_unit;
    one_unit.relu(one_unit.fully_connected(one_unit.input(3, 8, 8), 1));
    CHECK(naswot(one_unit, 1) > 0);
}

TEST_CASE("images in the same state in every unit still have a finite score") {
    // Average pooling to one value and 300 layers on: the codes of the images coincide.
    FlatNetwork network;
    auto x = network.global_pool(network.relu(network.input(1, 32, 32)));
    for (int layer = 0; layer < 300; ++layer) {
        x = network.relu(network.fully_connected(x, 3));
    }
    const double score = naswot(network, 1);
    CHECK(std::isfinite(score));
    CHECK(score > 0);
}

TEST_CASE("120 squares in a row stay finite") {
    FlatNetwork network;
    auto x = network.input(3, 12, 12);
    for (int layer = 0; layer < 120; ++layer) {
        x = network.activation(network.convolution(x, 8, 3, 1, 1), SOTTO_ACTIVATION_SQUARE);
    }
    network.global_pool(x);
    const double score = naswot(network, 1);
    CHECK(std::isfinite(score));
    CHECK(score > 0);
}

TEST_CASE("repeats average independent draws") {
    FlatNetwork network = squeezenet({.image = 64});
    const auto score = [&](const char* repeats, std::uint64_t seed) {
        return ProxyLibrary::get()
            .create("naswot", {{"repeats", repeats}})
            .evaluate(network.view(), seed)
            .metrics.at(0);
    };
    const double single = score("1", 1);
    const double two = score("2", 1);
    CHECK(single != two);
    // The second draw of the pair, and again of the triple.
    const double second = 2 * two - single;
    const double third = 3 * score("3", 1) - 2 * two;
    CHECK(second != third);
    CHECK(second == Approx(single).epsilon(0.1));
}
