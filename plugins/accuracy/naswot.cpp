// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/naswot.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>
#include <ATen/ops/add.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/relu.h>

#include "plugins/accuracy/activation_codes.hpp"
#include "plugins/accuracy/arguments.hpp"
#include "plugins/accuracy/candidate_error.hpp"
#include "plugins/accuracy/convolution.hpp"
#include "plugins/accuracy/feature_maps.hpp"
#include "plugins/accuracy/lane_sum.hpp"
#include "plugins/accuracy/memory.hpp"
#include "plugins/accuracy/position_classes.hpp"
#include "plugins/accuracy/random_weights.hpp"
#include "plugins/accuracy/resolution.hpp"

namespace sotto::accuracy {
namespace {

template <typename Term>
double sum_of(std::span<const float> values, const Term& term) {
    return sum_in_lanes(values.size(), [&](std::size_t index) { return term(values[index]); });
}

/// Every channel to mean 0 and variance 1 over the batch and all positions.
at::Tensor normalize(at::Tensor map) {
    map = owned(std::move(map));
    const std::span<float> values = values_of(map);
    const std::size_t length = values.size() / static_cast<std::size_t>(map.size(0));
    for (std::size_t begin = 0; begin < values.size(); begin += length) {
        const std::span<float> channel = values.subspan(begin, length);
        const double mean =
            sum_of(channel, [](float value) { return static_cast<double>(value); }) / static_cast<double>(length);
        const double squares = sum_of(channel, [mean](float value) { return (value - mean) * (value - mean); });
        const double scale = 1 / std::sqrt(squares / static_cast<double>(length) + normalization_epsilon);
        for (float& value : channel) {
            value = static_cast<float>((value - mean) * scale);
        }
    }
    return map;
}

/// x^2, scaled to a mean square of 1 over the whole map: a positive factor, which no code of a layer behind it sees,
/// and which keeps a stack of squares from overflowing.
at::Tensor square(at::Tensor map) {
    map = owned(std::move(map));
    float most = 0;
    for (const float value : values_of(map)) {
        most = std::max(most, std::fabs(value));
    }
    if (most == 0) {
        return map;
    }
    const float to_unit = 1 / most;
    double fourth_powers = 0;
    for (float& value : values_of(map)) {
        value *= to_unit;
        value *= value;
        fourth_powers += static_cast<double>(value) * value;
    }
    const auto scale = static_cast<float>(1 / std::sqrt(fourth_powers / static_cast<double>(map.numel())));
    for (float& value : values_of(map)) {
        value *= scale;
    }
    return map;
}

at::Tensor activate(const Node& node, at::Tensor map, ActivationCodes& codes) {
    if (node.nonlinearity > 0) {
        codes.add(values_of(map), static_cast<std::size_t>(map.size(2) * map.size(3)), node.nonlinearity);
    }
    switch (node.activation) {
        case SOTTO_ACTIVATION_RELU:
            map = owned(std::move(map));
            return at::relu_(map);
        case SOTTO_ACTIVATION_SQUARE:
            return square(std::move(map));
        default:
            return map;
    }
}

at::Tensor evaluate(const Graph& graph, std::size_t layer, std::uint64_t seed, std::vector<at::Tensor> operands,
                    ActivationCodes& codes) {
    const Node& node = graph.nodes()[layer];
    const sotto_window& window = node.window;
    switch (node.kind) {
        case SOTTO_LAYER_CONVOLUTION:
            return convolve(operands.front(), make_weights(graph, layer, seed),
                            dense_taps(node.input.height, window.kernel_height, window.stride_height, window.pad_top,
                                       node.output.height),
                            dense_taps(node.input.width, window.kernel_width, window.stride_width, window.pad_left,
                                       node.output.width),
                            node.groups);
        case SOTTO_LAYER_FULLY_CONNECTED:
            return fully_connect(operands.front(), make_weights(graph, layer, seed));
        case SOTTO_LAYER_BATCH_NORMALIZATION:
            return normalize(std::move(operands.front()));
        case SOTTO_LAYER_ACTIVATION:
            return activate(node, std::move(operands.front()), codes);
        case SOTTO_LAYER_MAX_POOL:
        case SOTTO_LAYER_AVERAGE_POOL:
        case SOTTO_LAYER_GLOBAL_MAX_POOL:
        case SOTTO_LAYER_GLOBAL_AVERAGE_POOL:
            return pool_map(node, operands.front());
        case SOTTO_LAYER_ADD: {
            at::Tensor sum = owned(std::move(operands.front()));
            for (std::size_t index = 1; index < operands.size(); ++index) {
                sum.add_(operands[index]);
            }
            return sum;
        }
        case SOTTO_LAYER_CONCAT:
            return at::cat(at::TensorList(operands), 0);
        case SOTTO_LAYER_FLATTEN:
            return flatten_map(node, operands.front());
        case SOTTO_LAYER_PAD:
            return pad_map(node, operands.front());
        default:
            return operands.front();
    }
}

/// Whether values may leave the range of a float where nothing holds them: they grow by the root of 2 in a layer with
/// weights, and in an addition by the number of its operands.
bool can_overflow(const Graph& graph) {
    double doublings = 0;
    for (const Node& node : graph.nodes()) {
        doublings += has_weights(node)              ? 0.5
                     : node.kind == SOTTO_LAYER_ADD ? std::log2(static_cast<double>(node.operand_count))
                                                    : 0;
    }
    return doublings > 50;
}

bool is_finite(const at::Tensor& map) {
    return std::isfinite(sum_of(values_of(map), [](float value) { return static_cast<double>(value); }));
}

at::Tensor make_noise(const sotto_shape& shape, std::int64_t images, std::uint64_t seed) {
    at::Tensor noise = at::empty({shape.channels, images, shape.height, shape.width}, at::kFloat);
    fill_normal(values_of(noise), seed, noise_stream);
    return noise;
}

double log_determinant(const Graph& graph, std::uint64_t seed, std::int32_t batch, std::size_t layers,
                       const sotto_host* host) {
    ActivationCodes codes(static_cast<std::size_t>(batch));
    std::vector<at::Tensor> maps(layers);
    std::vector<std::uint32_t> readers;
    for (const Node& node : graph.nodes()) {
        readers.push_back(node.consumers);
    }
    const bool may_overflow = can_overflow(graph);
    for (std::size_t layer = 0; layer < layers; ++layer) {
        if (readers[layer] == 0) {
            continue;
        }
        stop_if_cancelled(host);
        if (layer == 0) {
            maps[layer] = make_noise(graph.input_shape(), batch, seed);
            continue;
        }
        std::vector<at::Tensor> operands;
        for (const std::uint32_t operand : graph.operands(layer)) {
            // The last reader takes the map: it may change it, and its memory goes as early as possible.
            operands.push_back(--readers[operand] == 0 ? std::move(maps[operand]) : maps[operand]);
        }
        if (may_overflow && graph.nodes()[layer].nonlinearity > 0 && !is_finite(operands.front())) {
            throw CandidateError(SOTTO_UNSUPPORTED,
                                 "values leave the range of a float, which many layers or additions without "
                                 "normalisation make them do");
        }
        maps[layer] = evaluate(graph, layer, seed, std::move(operands), codes);
    }
    return codes.log_determinant();
}

class NaswotEvaluator final : public Evaluator {
  public:
    NaswotEvaluator(const Arguments& arguments, const sotto_host* host)
        : settings_(noise_settings(arguments)),
          input_size_(arguments.integer("input_size")),
          memory_limit_(arguments.integer("memory_limit")),
          host_(host) {}

    void evaluate(const Graph& graph, std::uint64_t seed, std::span<double> metrics) const override {
        const Graph resized = at_size(graph, input_size_);
        check_memory(naswot_bytes(resized, settings_.batch), memory_limit_);
        metrics[0] = naswot(resized, seed, settings_, host_);
    }

  private:
    NoiseSettings settings_;
    std::int64_t input_size_;
    std::int64_t memory_limit_;
    const sotto_host* host_;
};

}  // namespace

NoiseSettings noise_settings(const Arguments& arguments) {
    return {static_cast<std::int32_t>(arguments.integer("batch")),
            static_cast<std::int32_t>(arguments.integer("repeats"))};
}

double naswot(const Graph& graph, std::uint64_t seed, const NoiseSettings& settings, const sotto_host* host) {
    // Nothing behind the last activation shows in a code.
    const std::size_t layers = graph.layers_up_to_last_activation();
    double sum = 0;
    for (std::int32_t repeat = 0; repeat < settings.repeats; ++repeat) {
        sum += log_determinant(graph, draw_seed(seed, repeat), settings.batch, layers, host);
    }
    return sum / settings.repeats;
}

std::unique_ptr<Evaluator> make_naswot(const Arguments& arguments, const sotto_host* host) {
    return std::make_unique<NaswotEvaluator>(arguments, host);
}

}  // namespace sotto::accuracy
