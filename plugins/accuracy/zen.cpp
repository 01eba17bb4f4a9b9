// SPDX-License-Identifier: Apache-2.0
//
// Weights of N(0, 1) multiply a map by the root of the fan-in, and without batch normalisation nothing takes that back:
// maps carry a common power of two, which is added to the logarithm, so that deep networks do not overflow. Both passes
// go side by side: the first half of the images are x, the second half x + e / 100.
#include "plugins/accuracy/zen.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/relu.h>

#include "plugins/accuracy/arguments.hpp"
#include "plugins/accuracy/candidate_error.hpp"
#include "plugins/accuracy/convolution.hpp"
#include "plugins/accuracy/feature_maps.hpp"
#include "plugins/accuracy/memory.hpp"
#include "plugins/accuracy/position_classes.hpp"
#include "plugins/accuracy/random_weights.hpp"
#include "plugins/accuracy/resolution.hpp"

namespace sotto::accuracy {
namespace {

constexpr std::uint64_t perturbation_stream = 0x70657274757262ULL;  // "perturb"
constexpr float perturbation = 0.01F;
constexpr double least_difference = 1e-30;

/// [channels, 2 images, rows, columns] times 2^exponent.
struct Scaled {
    at::Tensor values;
    std::int64_t exponent = 0;
};

double power_of_two(std::int64_t exponent) {
    return std::ldexp(1.0, static_cast<int>(std::max<std::int64_t>(exponent, -1000)));
}

void shift_to(Scaled& map, std::int64_t exponent) {
    if (map.exponent != exponent) {
        map.values = owned(std::move(map.values));
        map.values.mul_(power_of_two(map.exponent - exponent));
        map.exponent = exponent;
    }
}

// Keeps the largest value near 1 by a power of two, which is exact.
void rescale(Scaled& map) {
    float most = 0;
    for (const float value : values_of(map.values)) {
        most = std::max(most, std::fabs(value));
    }
    if (most > 0x1p30F || (most < 0x1p-30F && most > 0)) {
        shift_to(map, map.exponent + std::ilogb(most));
    }
}

/// Which operands of each layer are read, and how often each layer is, on the way to the features.
class Plan {
  public:
    explicit Plan(const Graph& graph) : operands_(graph.nodes().size()), readers_(graph.nodes().size()) {
        const std::uint32_t features = graph.feature_layer();
        // before[a][b]: layer b is computed from layer a. Only what stands before an addition is looked up.
        std::vector<std::vector<bool>> reads(features + 1);
        for (std::uint32_t layer = 0; layer <= features; ++layer) {
            reads[layer].resize(layer + 1);
            reads[layer][layer] = true;
            for (const std::uint32_t operand : graph.operands(layer)) {
                for (std::uint32_t earlier = 0; earlier <= operand; ++earlier) {
                    reads[layer][earlier] = reads[layer][earlier] || reads[operand][earlier];
                }
            }
            const auto all = graph.operands(layer);
            for (const std::uint32_t operand : all) {
                const bool is_residual = graph.nodes()[layer].kind == SOTTO_LAYER_ADD &&
                                         std::any_of(all.begin(), all.end(), [&](std::uint32_t other) {
                                             return other > operand && reads[other][operand];
                                         });
                if (!is_residual) {
                    operands_[layer].push_back(operand);
                }
            }
        }
        readers_[features] = 1;
        for (std::uint32_t layer = features + 1; layer-- > 0;) {
            for (const std::uint32_t operand : readers_[layer] > 0 ? operands_[layer] : std::vector<std::uint32_t>()) {
                ++readers_[operand];
            }
        }
    }

    const std::vector<std::uint32_t>& operands(std::size_t layer) const { return operands_[layer]; }
    std::vector<std::uint32_t> readers() const { return readers_; }

  private:
    std::vector<std::vector<std::uint32_t>> operands_;
    std::vector<std::uint32_t> readers_;
};

class ZenPass {
  public:
    ZenPass(const Graph& graph, std::uint64_t seed, std::int64_t images, const sotto_host* host)
        : graph_(graph), seed_(seed), images_(images), host_(host) {}

    double score() {
        const Plan plan(graph_);
        std::vector<std::uint32_t> readers = plan.readers();
        std::vector<Scaled> maps(readers.size());
        const std::uint32_t features = graph_.feature_layer();
        for (std::size_t layer = 0; layer <= features; ++layer) {
            if (readers[layer] == 0) {
                continue;
            }
            stop_if_cancelled(host_);
            std::vector<Scaled> operands;
            for (const std::uint32_t operand : plan.operands(layer)) {
                operands.push_back(--readers[operand] == 0 ? std::move(maps[operand]) : maps[operand]);
            }
            maps[layer] = layer == 0 ? draw_images() : evaluate(layer, std::move(operands));
        }
        return std::log(std::max(difference(maps[features].values), least_difference)) +
               static_cast<double>(maps[features].exponent) * std::log(2.0) + log_deviations_;
    }

  private:
    Scaled draw_images() const {
        const sotto_shape& shape = graph_.input_shape();
        const at::Tensor both = at::empty({shape.channels, 2 * images_, shape.height, shape.width}, at::kFloat);
        const at::Tensor x = at::empty({shape.channels, images_, shape.height, shape.width}, at::kFloat);
        const at::Tensor e = at::empty_like(x);
        fill_normal(values_of(x), seed_, noise_stream);
        fill_normal(values_of(e), seed_, perturbation_stream);
        both.narrow(1, 0, images_).copy_(x);
        both.narrow(1, images_, images_).copy_(x.add_(e, perturbation));
        return {both, 0};
    }

    at::Tensor draw_weights(std::size_t layer) const {
        const at::Tensor weights = at::empty({graph_.nodes()[layer].output.channels, graph_.fan_in(layer)}, at::kFloat);
        fill_normal(values_of(weights), seed_, graph_.nodes()[layer].key);
        return weights;
    }

    Scaled evaluate(std::size_t layer, std::vector<Scaled> operands) {
        const Node& node = graph_.nodes()[layer];
        const sotto_window& window = node.window;
        Scaled map = std::move(operands.front());
        operands.front() = {};
        switch (node.kind) {
            case SOTTO_LAYER_CONVOLUTION:
                map.values = convolve(map.values, draw_weights(layer),
                                      dense_taps(node.input.height, window.kernel_height, window.stride_height,
                                                 window.pad_top, node.output.height),
                                      dense_taps(node.input.width, window.kernel_width, window.stride_width,
                                                 window.pad_left, node.output.width),
                                      node.groups);
                rescale(map);
                break;
            case SOTTO_LAYER_BATCH_NORMALIZATION:
                normalize(map);
                break;
            case SOTTO_LAYER_ACTIVATION:
                if (node.activation == SOTTO_ACTIVATION_RELU) {
                    map.values = owned(std::move(map.values));
                    at::relu_(map.values);
                } else if (node.activation == SOTTO_ACTIVATION_SQUARE) {
                    square(map);
                }
                break;
            case SOTTO_LAYER_MAX_POOL:
            case SOTTO_LAYER_AVERAGE_POOL:
                map.values = pool_map(node, map.values);
                break;
            case SOTTO_LAYER_PAD:
                map.values = pad_map(node, map.values);
                break;
            case SOTTO_LAYER_ADD:
            case SOTTO_LAYER_CONCAT:
                operands.front() = std::move(map);
                return combine(node, std::move(operands));
            default:
                break;
        }
        return map;
    }

    static Scaled combine(const Node& node, std::vector<Scaled> operands) {
        std::int64_t exponent = operands.front().exponent;
        for (const Scaled& operand : operands) {
            exponent = std::max(exponent, operand.exponent);
        }
        if (node.kind == SOTTO_LAYER_CONCAT) {
            std::vector<at::Tensor> parts;
            for (const Scaled& operand : operands) {
                parts.push_back(operand.values);
            }
            at::Tensor joined = at::cat(at::TensorList(parts), 0);
            std::int64_t begin = 0;
            for (const Scaled& operand : operands) {
                if (operand.exponent != exponent) {
                    joined.narrow(0, begin, operand.values.size(0)).mul_(power_of_two(operand.exponent - exponent));
                }
                begin += operand.values.size(0);
            }
            return {std::move(joined), exponent};
        }
        shift_to(operands.front(), exponent);
        at::Tensor sum = owned(std::move(operands.front().values));
        for (std::size_t index = 1; index < operands.size(); ++index) {
            sum.add_(operands[index].values, power_of_two(operands[index].exponent - exponent));
        }
        Scaled result{std::move(sum), exponent};
        rescale(result);
        return result;
    }

    /// Calls what(image's values) for every image of one half, of one channel.
    template <typename What>
    void for_half(const at::Tensor& map, std::int64_t channel, std::int64_t half, What what) const {
        const auto positions = static_cast<std::size_t>(map.size(2) * map.size(3));
        const std::span<float> values = values_of(map);
        for (std::int64_t image = half * images_; image < (half + 1) * images_; ++image) {
            what(values.subspan(static_cast<std::size_t>(channel * 2 * images_ + image) * positions, positions));
        }
    }

    void normalize(Scaled& map) {
        map.values = owned(std::move(map.values));
        const at::Tensor& values = map.values;
        const double count = static_cast<double>(images_ * values.size(2) * values.size(3));
        // Statistics are those of the values times 2^exponent; so epsilon is brought to the values' scale.
        const double epsilon = normalization_epsilon * std::exp2(-2.0 * static_cast<double>(map.exponent));
        double variances = 0;
        for (std::int64_t channel = 0; channel < values.size(0); ++channel) {
            for (std::int64_t half = 0; half < 2; ++half) {
                double sum = 0;
                for_half(values, channel, half, [&](std::span<const float> image) {
                    for (const float value : image) {
                        sum += value;
                    }
                });
                const double mean = sum / count;
                double squares = 0;
                for_half(values, channel, half, [&](std::span<const float> image) {
                    for (const float value : image) {
                        squares += (value - mean) * (value - mean);
                    }
                });
                const double variance = squares / count + epsilon;
                const double scale = 1 / std::sqrt(variance);
                for_half(values, channel, half, [&](std::span<float> image) {
                    for (float& value : image) {
                        value = static_cast<float>((value - mean) * scale);
                    }
                });
                variances += half == 0 ? variance : 0;
            }
        }
        log_deviations_ += 0.5 * std::log(variances / static_cast<double>(values.size(0))) +
                           static_cast<double>(map.exponent) * std::log(2.0);
        map.exponent = 0;
    }

    /// The root mean square is that of x alone, and that of the first half is taken for both.
    void square(Scaled& map) const {
        map.values = owned(std::move(map.values));
        double squares = 0;
        for (std::int64_t channel = 0; channel < map.values.size(0); ++channel) {
            for_half(map.values, channel, 0, [&](std::span<const float> image) {
                for (const float value : image) {
                    squares += static_cast<double>(value) * value;
                }
            });
        }
        if (squares > 0) {
            const double scale = std::sqrt(static_cast<double>(map.values.numel()) / 2 / squares);
            for (float& value : values_of(map.values)) {
                value = static_cast<float>(static_cast<double>(value) * value * scale);
            }
        }
        rescale(map);
    }

    /// The mean over images of the length of the difference between the halves.
    double difference(const at::Tensor& map) const {
        const std::int64_t positions = map.size(2) * map.size(3);
        std::vector<double> squares(static_cast<std::size_t>(images_));
        const float* const values = map.data_ptr<float>();
        for (std::int64_t channel = 0; channel < map.size(0); ++channel) {
            const float* const x = values + channel * 2 * images_ * positions;
            const float* const moved = x + images_ * positions;
            for (std::int64_t index = 0; index < images_ * positions; ++index) {
                const double step = static_cast<double>(moved[index]) - x[index];
                squares[static_cast<std::size_t>(index / positions)] += step * step;
            }
        }
        double sum = 0;
        for (const double square : squares) {
            sum += std::sqrt(square);
        }
        return sum / static_cast<double>(images_);
    }

    const Graph& graph_;
    std::uint64_t seed_;
    std::int64_t images_;
    const sotto_host* host_;
    double log_deviations_ = 0;
};

class ZenEvaluator final : public Evaluator {
  public:
    ZenEvaluator(const Arguments& arguments, const sotto_host* host)
        : batch_(arguments.integer("batch")),
          repeats_(arguments.integer("repeats")),
          input_size_(arguments.integer("input_size")),
          memory_limit_(arguments.integer("memory_limit")),
          host_(host) {}

    void evaluate(const Graph& graph, std::uint64_t seed, std::span<double> metrics) const override {
        const Graph resized = at_least_size(graph, input_size_);
        check_memory(zen_bytes(resized, batch_), memory_limit_);
        double sum = 0;
        for (std::int64_t repeat = 0; repeat < repeats_; ++repeat) {
            sum += zen_score(resized, draw_seed(seed, repeat), batch_, host_);
        }
        metrics[0] = sum / static_cast<double>(repeats_);
    }

  private:
    std::int64_t batch_;
    std::int64_t repeats_;
    std::int64_t input_size_;
    std::int64_t memory_limit_;
    const sotto_host* host_;
};

}  // namespace

double zen_score(const Graph& graph, std::uint64_t seed, std::int64_t images, const sotto_host* host) {
    return ZenPass(graph, seed, images, host).score();
}

std::unique_ptr<Evaluator> make_zen(const Arguments& arguments, const sotto_host* host) {
    return std::make_unique<ZenEvaluator>(arguments, host);
}

}  // namespace sotto::accuracy
