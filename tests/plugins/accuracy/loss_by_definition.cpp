// SPDX-License-Identifier: Apache-2.0
#include "tests/plugins/accuracy/loss_by_definition.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "plugins/accuracy/random_weights.hpp"

namespace sotto::accuracy_test {

Loss::Loss(const FlatNetwork& network, const Weights& weights, std::size_t images, std::uint64_t seed)
    : network_(network),
      count_(images),
      square_factors_(network.layers().size(), 1.0),
      statistics_(network.layers().size()) {
    const auto layers = network.layers();
    const sotto_shape& shape = layers.front().output;
    std::vector<float> noise(images * static_cast<std::size_t>(shape.channels * shape.height * shape.width));
    accuracy::fill_normal(noise, seed, 0x6E6F697365ULL);
    images_.assign(noise.begin(), noise.end());
    const auto& output = layers.back().output;
    const auto classes = static_cast<std::uint64_t>(output.channels * output.height * output.width);
    std::uint64_t counter = accuracy::mix(accuracy::mix(seed) ^ 0x6C6162656C73ULL);
    for (std::size_t image = 0; image < images; ++image) {
        counter += 0x9E3779B97F4A7C15ULL;
        labels_.push_back(static_cast<std::size_t>(((accuracy::mix(counter) >> 32U) * classes) >> 32U));
    }
    ForwardRules rules;
    rules.statistics = &statistics_;
    rules.change = [&](std::uint32_t layer, std::vector<std::vector<double>>& maps) {
        if (layers[layer].activation == SOTTO_ACTIVATION_SQUARE) {
            double squares = 0;
            double elements = 0;
            for (const auto& map : maps) {
                squares += std::inner_product(map.begin(), map.end(), map.begin(), 0.0);
                elements += static_cast<double>(map.size());
            }
            square_factors_[layer] = std::sqrt(elements / squares);
            for (auto& map : maps) {
                for (double& value : map) {
                    value *= square_factors_[layer];
                }
            }
        }
    };
    forward(network, weights, images_, images, rules);
}

std::vector<double> Loss::outputs(const Weights& weights, const std::vector<double>& images, ForwardRules rules) const {
    const auto then = rules.change;
    rules.change = [&](std::uint32_t layer, std::vector<std::vector<double>>& maps) {
        for (auto& map : maps) {
            for (double& value : map) {
                value *= square_factors_[layer];
            }
        }
        if (then) {
            then(layer, maps);
        }
    };
    return forward(network_, weights, images, count_, rules).back();
}

double Loss::operator()(const Weights& weights, const ForwardRules& change) const {
    const std::vector<double> logits = outputs(weights, images_, change);
    const std::size_t classes = logits.size() / count_;
    double sum = 0;
    for (std::size_t image = 0; image < count_; ++image) {
        const double* const own = logits.data() + image * classes;
        const double most = *std::max_element(own, own + classes);
        double exponentials = 0;
        for (std::size_t index = 0; index < classes; ++index) {
            exponentials += std::exp(own[index] - most);
        }
        sum += most + std::log(exponentials) - own[labels_[image]];
    }
    return sum / static_cast<double>(count_);
}

double Loss::output_sum(const Weights& weights, const std::vector<double>& images) const {
    const std::vector<double> all =
        outputs(weights, images, {.linearized = false, .change = {}, .statistics = &statistics_});
    return std::accumulate(all.begin(), all.end(), 0.0);
}

Weights Loss::gradient(Weights weights) const {
    Weights result = weights;
    for (std::size_t layer = 0; layer < weights.size(); ++layer) {
        for (std::size_t index = 0; index < weights[layer].size(); ++index) {
            constexpr double step = 1e-6;
            double& weight = weights[layer][index];
            const double value = weight;
            weight = value + step;
            const double above = (*this)(weights);
            weight = value - step;
            const double below = (*this)(weights);
            weight = value;
            result[layer][index] = (above - below) / (2 * step);
        }
    }
    return result;
}

}  // namespace sotto::accuracy_test
