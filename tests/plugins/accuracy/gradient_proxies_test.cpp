// SPDX-License-Identifier: Apache-2.0
// Every score against finite differences of a loss that is computed from the definitions, in double.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/plugins/accuracy/flat_network.hpp"
#include "tests/plugins/accuracy/loss_by_definition.hpp"
#include "tests/plugins/accuracy/proxy_library.hpp"
#include "tests/plugins/accuracy/reference_forward.hpp"
#include "tests/support/catch.hpp"

using namespace sotto::accuracy_test;

namespace {

constexpr std::size_t images = 16;
constexpr std::uint64_t seed = 5;

using Builder = std::function<void(FlatNetwork&)>;

/// Every kind of layer, with batch normalisation and without, branches of different depths.
const std::vector<std::pair<std::string, Builder>>& networks() {
    static const std::vector<std::pair<std::string, Builder>> all{
        {"a linear layer alone", [](FlatNetwork& n) { n.fully_connected(n.input(2, 2, 2), 3); }},
        {"ReLUs between convolutions",
         [](FlatNetwork& n) {
             const auto x = n.relu(n.convolution(n.input(2, 5, 5), 3, 3, 1, 1));
             n.fully_connected(n.global_pool(n.relu(n.convolution(x, 3, 3, 2, 1))), 3);
         }},
        {"batch normalisation before and behind ReLUs, residual addition",
         [](FlatNetwork& n) {
             const auto x = n.normalization(n.convolution(n.input(2, 5, 5), 3, 3, 1, 1));
             const auto y = n.normalization(n.convolution(n.relu(x), 3, 3, 1, 1));
             const auto z = n.normalization(n.relu(n.convolution(n.relu(n.add({x, y})), 3, 1)));
             n.fully_connected(n.global_pool(z), 3);
         }},
        {"squares with and without batch normalisation",
         [](FlatNetwork& n) {
             const auto x = n.activation(n.convolution(n.input(2, 4, 4), 3, 3), SOTTO_ACTIVATION_SQUARE);
             const auto y = n.activation(n.normalization(n.convolution(x, 3, 1)), SOTTO_ACTIVATION_SQUARE);
             n.fully_connected(n.flatten(y), 3);
         }},
        {"pools with uneven pads, concatenation with the image, groups",
         [](FlatNetwork& n) {
             const auto image = n.input(2, 6, 5);
             const auto x = n.convolution(image, 4, 3, 1, 1, 2);
             const auto y = n.pool(n.concat({n.relu(x), image}), SOTTO_LAYER_MAX_POOL, {3, 2, 2, 1, 1, 0, 0, 1});
             const auto z = n.pool(n.pad(y, 1, 0, 0, 1), SOTTO_LAYER_AVERAGE_POOL, {2, 2, 1, 1, 0, 1, 1, 0});
             const auto most = n.global_pool(n.convolution(z, 3, 1), SOTTO_LAYER_GLOBAL_MAX_POOL);
             n.fully_connected(n.activation(most, SOTTO_ACTIVATION_IDENTITY), 3);
         }},
    };
    return all;
}

std::map<std::string, std::string> arguments() {
    return {{"batch", std::to_string(images)}, {"input_size", "0"}};
}

double score(const std::string& id, FlatNetwork& network) {
    const Answer answer = ProxyLibrary::get().create(id, arguments()).evaluate(network.view(), seed);
    INFO(id << ": " << answer.text);
    REQUIRE(answer.status == SOTTO_OK);
    return answer.metrics.front();
}

double dot(const Weights& left, const Weights& right) {
    double sum = 0;
    for (std::size_t layer = 0; layer < left.size(); ++layer) {
        for (std::size_t index = 0; index < left[layer].size(); ++index) {
            sum += left[layer][index] * right[layer][index];
        }
    }
    return sum;
}

/// to + factor * by
Weights moved(Weights to, const Weights& by, double factor) {
    for (std::size_t layer = 0; layer < to.size(); ++layer) {
        for (std::size_t index = 0; index < to[layer].size(); ++index) {
            to[layer][index] += factor * by[layer][index];
        }
    }
    return to;
}

/// Runs the check for every network; `check` has the loss, the weights and their gradient.
void for_every_network(const std::function<void(FlatNetwork&, const Loss&, const Weights&, const Weights&)>& check) {
    for (const auto& [name, build] : networks()) {
        FlatNetwork network;
        build(network);
        const Weights weights = proxy_weights(network, seed);
        const Loss loss(network, weights, images, seed);
        INFO(name);
        check(network, loss, weights, loss.gradient(weights));
    }
}

}  // namespace

TEST_CASE("grad_norm is the sum over layers of the norm of the gradient by finite differences") {
    for_every_network([](FlatNetwork& network, const Loss&, const Weights&, const Weights& gradient) {
        double sum = 0;
        for (const std::vector<double>& layer : gradient) {
            sum += std::sqrt(dot({layer}, {layer}));
        }
        CHECK(std::exp(score("grad-norm", network)) == Approx(sum).epsilon(1e-4));
    });
}

TEST_CASE("snip is the sum of weights times their gradients by finite differences") {
    for_every_network([](FlatNetwork& network, const Loss&, const Weights& weights, const Weights& gradient) {
        double sum = 0;
        for (std::size_t layer = 0; layer < weights.size(); ++layer) {
            for (std::size_t index = 0; index < weights[layer].size(); ++index) {
                sum += std::fabs(weights[layer][index] * gradient[layer][index]);
            }
        }
        CHECK(std::exp(score("snip", network)) == Approx(sum).epsilon(1e-4));
    });
}

TEST_CASE("grasp is the product of weights and the gradient's change along itself by finite differences") {
    for_every_network([](FlatNetwork& network, const Loss& loss, const Weights& weights, const Weights& gradient) {
        const double step = 1e-4 / std::sqrt(dot(gradient, gradient));
        const Weights above = loss.gradient(moved(weights, gradient, step));
        const Weights below = loss.gradient(moved(weights, gradient, -step));
        const double expected = -dot(weights, moved(above, below, -1)) / (2 * step);
        const double found = score("grasp", network);
        CHECK(std::copysign(std::expm1(std::fabs(found)), found) == Approx(expected).epsilon(1e-3));
    });
}

TEST_CASE("grasp of a network whose layers are all normalised is the square of the gradient's norm") {
    // The loss does not change where weights are scaled, so their gradient shrinks as they grow: w'Hg = -g'g.
    FlatNetwork network;
    const auto x = network.relu(network.normalization(network.convolution(network.input(3, 8, 8), 6, 3, 1, 1)));
    network.global_pool(network.relu(network.normalization(network.convolution(x, 5, 3, 1, 1))));
    const Weights weights = proxy_weights(network, seed);
    const Weights gradient = Loss(network, weights, images, seed).gradient(weights);
    CHECK(std::expm1(score("grasp", network)) == Approx(dot(gradient, gradient)).epsilon(1e-3));
}

TEST_CASE("fisher is the sum over channels of squared changes of the loss as an image's channel is scaled") {
    for_every_network([](FlatNetwork& network, const Loss& loss, const Weights& weights, const Weights&) {
        const auto layers = network.layers();
        double sum = 0;
        for (std::uint32_t layer = 0; layer < layers.size(); ++layer) {
            if (weights[layer].empty()) {
                continue;
            }
            const sotto_shape& shape = layers[layer].output;
            const auto positions = static_cast<std::size_t>(shape.height * shape.width);
            for (std::size_t image = 0; image < images; ++image) {
                for (std::size_t channel = 0; channel < static_cast<std::size_t>(shape.channels); ++channel) {
                    const auto scaled = [&](double factor) {
                        ForwardRules rules;
                        rules.change = [&](std::uint32_t at, std::vector<std::vector<double>>& maps) {
                            for (std::size_t p = 0; at == layer && p < positions; ++p) {
                                maps[image][channel * positions + p] *= factor;
                            }
                        };
                        return loss(weights, rules);
                    };
                    constexpr double step = 1e-6;
                    const double change = (scaled(1 + step) - scaled(1 - step)) / (2 * step);
                    sum += change * change / (2.0 * images);
                }
            }
        }
        CHECK(std::exp(score("fisher", network)) == Approx(sum).epsilon(1e-3));
    });
}

namespace {

/// -ln((ln det(C + k) + trace (C + k)^-1) / rows), C the correlations of the rows: the definition without eigenvalues.
double decorrelation_by_elimination(const std::vector<std::vector<double>>& rows) {
    const std::size_t count = rows.size();
    const std::size_t length = rows.front().size();
    std::vector<double> means(count);
    for (std::size_t row = 0; row < count; ++row) {
        for (const double value : rows[row]) {
            means[row] += value / static_cast<double>(length);
        }
    }
    const auto covariance = [&](std::size_t left, std::size_t right) {
        double sum = 0;
        for (std::size_t at = 0; at < length; ++at) {
            sum += (rows[left][at] - means[left]) * (rows[right][at] - means[right]);
        }
        return sum;
    };
    // [C + k, identity], to be brought to [identity, inverse].
    std::vector<std::vector<double>> system(count, std::vector<double>(2 * count, 0.0));
    for (std::size_t row = 0; row < count; ++row) {
        for (std::size_t column = 0; column < count; ++column) {
            system[row][column] =
                covariance(row, column) / std::sqrt(covariance(row, row) * covariance(column, column));
        }
        system[row][row] += 1e-5;
        system[row][count + row] = 1;
    }
    double result = 0;
    for (std::size_t pivot = 0; pivot < count; ++pivot) {
        const double value = system[pivot][pivot];
        result += std::log(value);
        for (double& element : system[pivot]) {
            element /= value;
        }
        for (std::size_t row = 0; row < count; ++row) {
            const double factor = system[row][pivot];
            for (std::size_t column = 0; row != pivot && column < 2 * count; ++column) {
                system[row][column] -= factor * system[pivot][column];
            }
        }
    }
    for (std::size_t row = 0; row < count; ++row) {
        result += system[row][count + row];
    }
    return -std::log(result / static_cast<double>(count));
}

}  // namespace

TEST_CASE("jacob_cov equals the correlation of Jacobians by finite differences over every pixel") {
    for_every_network([](FlatNetwork& network, const Loss& loss, const Weights& weights, const Weights&) {
        if (weights.size() < 4) {
            return;  // the linear layer alone: all rows are equal, tested below
        }
        std::vector<double> pixels = loss.images();
        const std::size_t length = pixels.size() / images;
        std::vector<std::vector<double>> rows(images);
        for (std::size_t at = 0; at < pixels.size(); ++at) {
            constexpr double step = 1e-6;
            const double value = pixels[at];
            pixels[at] = value + step;
            const double above = loss.output_sum(weights, pixels);
            pixels[at] = value - step;
            const double below = loss.output_sum(weights, pixels);
            pixels[at] = value;
            rows[at / length].push_back((above - below) / (2 * step));
        }
        CHECK(score("jacob-cov", network) == Approx(decorrelation_by_elimination(rows)).margin(0.01));
    });
}
