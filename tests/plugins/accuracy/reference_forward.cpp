// SPDX-License-Identifier: Apache-2.0
#include "tests/plugins/accuracy/reference_forward.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "plugins/accuracy/graph.hpp"
#include "plugins/accuracy/random_weights.hpp"

namespace sotto::accuracy_test {
namespace {

using Values = std::vector<double>;

std::size_t size_of(const sotto_shape& shape) {
    return static_cast<std::size_t>(shape.channels) * static_cast<std::size_t>(shape.height) *
           static_cast<std::size_t>(shape.width);
}

std::size_t offset(const sotto_shape& shape, int channel, int row, int column) {
    return static_cast<std::size_t>((channel * shape.height + row) * shape.width + column);
}

bool inside(const sotto_shape& shape, int row, int column) {
    return row >= 0 && row < shape.height && column >= 0 && column < shape.width;
}

Values convolve(const sotto_layer& layer, const sotto_shape& in, const Values& x, const Values& weights) {
    const sotto_shape& out = layer.output;
    const sotto_window& w = layer.window;
    const int group_inputs = in.channels / layer.groups;
    const int group_outputs = out.channels / layer.groups;
    Values y(size_of(out), 0.0);
    for (int o = 0; o < out.channels; ++o) {
        for (int r = 0; r < out.height; ++r) {
            for (int c = 0; c < out.width; ++c) {
                double sum = 0;
                for (int i = 0; i < group_inputs; ++i) {
                    for (int kr = 0; kr < w.kernel_height; ++kr) {
                        for (int kc = 0; kc < w.kernel_width; ++kc) {
                            const int row = r * w.stride_height - w.pad_top + kr;
                            const int column = c * w.stride_width - w.pad_left + kc;
                            if (inside(in, row, column)) {
                                const int at = ((o * group_inputs + i) * w.kernel_height + kr) * w.kernel_width + kc;
                                sum += weights[static_cast<std::size_t>(at)] *
                                       x[offset(in, o / group_outputs * group_inputs + i, row, column)];
                            }
                        }
                    }
                }
                y[offset(out, o, r, c)] = sum;
            }
        }
    }
    return y;
}

Values pool(const sotto_layer& layer, const sotto_shape& in, const Values& x) {
    const bool global = layer.kind == SOTTO_LAYER_GLOBAL_AVERAGE_POOL || layer.kind == SOTTO_LAYER_GLOBAL_MAX_POOL;
    const bool maximum = layer.kind == SOTTO_LAYER_MAX_POOL || layer.kind == SOTTO_LAYER_GLOBAL_MAX_POOL;
    const sotto_window w = global ? sotto_window{in.height, in.width, 1, 1, 0, 0, 0, 0} : layer.window;
    Values y(size_of(layer.output), 0.0);
    for (int ch = 0; ch < layer.output.channels; ++ch) {
        for (int r = 0; r < layer.output.height; ++r) {
            for (int c = 0; c < layer.output.width; ++c) {
                double largest = -std::numeric_limits<double>::infinity();
                double sum = 0;
                for (int kr = 0; kr < w.kernel_height; ++kr) {
                    for (int kc = 0; kc < w.kernel_width; ++kc) {
                        const int row = r * w.stride_height - w.pad_top + kr;
                        const int column = c * w.stride_width - w.pad_left + kc;
                        if (inside(in, row, column)) {
                            largest = std::max(largest, x[offset(in, ch, row, column)]);
                            sum += x[offset(in, ch, row, column)];
                        }
                    }
                }
                y[offset(layer.output, ch, r, c)] = maximum ? largest : sum / (w.kernel_height * w.kernel_width);
            }
        }
    }
    return y;
}

Values pad(const sotto_layer& layer, const sotto_shape& in, const Values& x) {
    Values y(size_of(layer.output), 0.0);
    for (int ch = 0; ch < in.channels; ++ch) {
        for (int r = 0; r < in.height; ++r) {
            for (int c = 0; c < in.width; ++c) {
                y[offset(layer.output, ch, r + layer.window.pad_top, c + layer.window.pad_left)] =
                    x[offset(in, ch, r, c)];
            }
        }
    }
    return y;
}

double activate(std::int32_t activation, double value) {
    return activation == SOTTO_ACTIVATION_RELU ? std::max(value, 0.0)
                                               : (activation == SOTTO_ACTIVATION_SQUARE ? value * value : value);
}

using Statistics = std::vector<std::pair<double, double>>;

void normalize_batch(const sotto_shape& shape, std::vector<Values>& images, Statistics* statistics) {
    const bool given = statistics != nullptr && !statistics->empty();
    Statistics kept;
    const std::size_t plane = size_of(shape) / static_cast<std::size_t>(shape.channels);
    for (std::size_t channel = 0; channel < static_cast<std::size_t>(shape.channels); ++channel) {
        double sum = 0;
        double squares = 0;
        for (const Values& image : images) {
            for (std::size_t at = channel * plane; at < (channel + 1) * plane; ++at) {
                sum += image[at];
                squares += image[at] * image[at];
            }
        }
        const double n = static_cast<double>(plane * images.size());
        const double batch_mean = sum / n;
        const double batch_deviation = std::sqrt(squares / n - batch_mean * batch_mean + 1e-5);
        const auto [mean, deviation] = given ? (*statistics)[channel] : std::pair(batch_mean, batch_deviation);
        if (statistics != nullptr && !given) {
            kept.emplace_back(mean, deviation);
        }
        for (Values& image : images) {
            for (std::size_t at = channel * plane; at < (channel + 1) * plane; ++at) {
                image[at] = (image[at] - mean) / deviation;
            }
        }
    }
    if (statistics != nullptr && !given) {
        *statistics = std::move(kept);
    }
}

}  // namespace

Weights proxy_weights(FlatNetwork& network, std::uint64_t seed) {
    const accuracy::Graph graph(network.view());
    Weights weights(graph.nodes().size());
    for (std::size_t layer = 0; layer < weights.size(); ++layer) {
        std::vector<float> values(static_cast<std::size_t>(graph.weight_count(layer)));
        if (!values.empty()) {
            accuracy::fill_kaiming_uniform(values, graph.fan_in(layer), seed, graph.nodes()[layer].key);
        }
        weights[layer].assign(values.begin(), values.end());
    }
    return weights;
}

std::vector<std::vector<double>> forward(const FlatNetwork& network, const Weights& weights, const Values& images,
                                         std::size_t count, const ForwardRules& rules) {
    const auto layers = network.layers();
    std::vector<std::vector<Values>> maps(layers.size());
    for (std::uint32_t index = 0; index < layers.size(); ++index) {
        const sotto_layer& layer = layers[index];
        const auto operands = network.operands(index);
        for (std::size_t image = 0; image < count; ++image) {
            if (layer.kind == SOTTO_LAYER_INPUT) {
                const auto begin = images.begin() + static_cast<std::ptrdiff_t>(image * size_of(layer.output));
                maps[index].emplace_back(begin, begin + static_cast<std::ptrdiff_t>(size_of(layer.output)));
                continue;
            }
            const sotto_shape& in = layers[operands.front()].output;
            Values x = maps[operands.front()][image];
            switch (layer.kind) {
                case SOTTO_LAYER_CONVOLUTION:
                    x = convolve(layer, in, x, weights[index]);
                    break;
                case SOTTO_LAYER_FULLY_CONNECTED: {
                    Values y(static_cast<std::size_t>(layer.output.channels), 0.0);
                    for (std::size_t o = 0; o < y.size(); ++o) {
                        for (std::size_t i = 0; i < x.size(); ++i) {
                            y[o] += weights[index][o * x.size() + i] * x[i];
                        }
                    }
                    x = y;
                    break;
                }
                case SOTTO_LAYER_ACTIVATION:
                    for (double& value : x) {
                        value = rules.linearized ? value : activate(layer.activation, value);
                    }
                    break;
                case SOTTO_LAYER_MAX_POOL:
                case SOTTO_LAYER_AVERAGE_POOL:
                case SOTTO_LAYER_GLOBAL_MAX_POOL:
                case SOTTO_LAYER_GLOBAL_AVERAGE_POOL:
                    x = pool(layer, in, x);
                    break;
                case SOTTO_LAYER_ADD:
                    for (std::size_t other = 1; other < operands.size(); ++other) {
                        for (std::size_t at = 0; at < x.size(); ++at) {
                            x[at] += maps[operands[other]][image][at];
                        }
                    }
                    break;
                case SOTTO_LAYER_CONCAT:
                    for (std::size_t other = 1; other < operands.size(); ++other) {
                        const Values& more = maps[operands[other]][image];
                        x.insert(x.end(), more.begin(), more.end());
                    }
                    break;
                case SOTTO_LAYER_PAD:
                    x = pad(layer, in, x);
                    break;
                default:
                    break;
            }
            maps[index].push_back(x);
        }
        if (layer.kind == SOTTO_LAYER_BATCH_NORMALIZATION && !rules.linearized) {
            normalize_batch(layer.output, maps[index],
                            rules.statistics != nullptr ? &(*rules.statistics)[index] : nullptr);
        }
        if (rules.change) {
            rules.change(index, maps[index]);
        }
    }
    std::vector<Values> flat(layers.size());
    for (std::size_t index = 0; index < layers.size(); ++index) {
        for (const Values& image : maps[index]) {
            flat[index].insert(flat[index].end(), image.begin(), image.end());
        }
    }
    return flat;
}

}  // namespace sotto::accuracy_test
