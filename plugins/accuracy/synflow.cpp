// SPDX-License-Identifier: Apache-2.0
//
// All weights and inputs are non-negative, so R is a non-negative, increasing function of every weight, and
//
//     sum over weights of |w dR/dw|  =  d/dt R((1 + t) w) at t = 0.
//
// The derivative in one direction goes forward with the values: a layer y = W x has y' = W (x + x'), where x' is the
// derivative of its input. Each feature map therefore carries two images, x and x + x', and one forward pass with two
// images gives the score; nothing is kept for a backward pass. Max pooling passes the derivative of the element it
// takes.
#include "plugins/accuracy/synflow.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>
#include <vector>

#include <ATen/core/Tensor.h>
#include <ATen/ops/add.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/max.h>
#include <ATen/ops/ones.h>

#include "plugins/accuracy/arguments.hpp"
#include "plugins/accuracy/candidate_error.hpp"
#include "plugins/accuracy/convolution.hpp"
#include "plugins/accuracy/memory.hpp"
#include "plugins/accuracy/position_classes.hpp"
#include "plugins/accuracy/resolution.hpp"

namespace sotto::accuracy {
namespace {

/// A feature map [channels, 2, row classes, column classes] of values and values plus derivatives, times 2^exponent.
struct Flow {
    at::Tensor values;
    Axis rows;
    Axis columns;
    std::int64_t exponent = 0;
};

// Keeps the largest value near 1 by a power of two, which is exact.
void rescale(Flow& flow) {
    const at::Tensor largest = at::max(flow.values);
    const float most = largest.data_ptr<float>()[0];
    if (most > 0x1p30F || (most < 0x1p-30F && most > 0)) {
        const int shift = std::ilogb(most);
        flow.values = flow.values.mul(std::ldexp(1.0, -shift));
        flow.exponent += shift;
    }
}

void shift_to(Flow& flow, std::int64_t exponent) {
    if (flow.exponent != exponent) {
        const auto shift = static_cast<int>(std::max<std::int64_t>(flow.exponent - exponent, -1000));
        flow.values = flow.values.mul(std::ldexp(1.0, shift));
        flow.exponent = exponent;
    }
}

/// The same map with row (column) j taken from class `taps.of(j)[which]`.
at::Tensor pick(const at::Tensor& values, const Taps& rows, const Taps& columns, std::size_t which) {
    at::Tensor result = at::empty({values.size(0), values.size(1), rows.outputs, columns.outputs}, at::kFloat);
    const float* from = values.data_ptr<float>();
    float* out = result.data_ptr<float>();
    const std::int64_t planes = values.size(0) * values.size(1);
    for (std::int64_t plane = 0; plane < planes; ++plane, from += values.size(2) * values.size(3)) {
        for (std::int32_t row = 0; row < rows.outputs; ++row) {
            const float* const line = from + rows.of(row)[which] * values.size(3);
            for (std::int32_t column = 0; column < columns.outputs; ++column) {
                *out++ = line[columns.of(column)[which]];
            }
        }
    }
    return result;
}

/// Brings maps that an addition or concatenation reads to the same classes and the same exponent.
void align(std::vector<Flow>& flows) {
    std::int64_t exponent = flows.front().exponent;
    Axis rows = flows.front().rows;
    Axis columns = flows.front().columns;
    for (std::size_t index = 1; index < flows.size(); ++index) {
        exponent = std::max(exponent, flows[index].exponent);
        rows = join(rows, flows[index].rows).first;
        columns = join(columns, flows[index].columns).first;
    }
    for (Flow& flow : flows) {
        shift_to(flow, exponent);
        if (flow.rows.class_of != rows.class_of || flow.columns.class_of != columns.class_of) {
            flow.values = pick(flow.values, join(rows, flow.rows).second, join(columns, flow.columns).second, 1);
            flow.rows = rows;
            flow.columns = columns;
        }
    }
}

template <typename Reduce>
at::Tensor pool(const at::Tensor& values, const Taps& rows, const Taps& columns, Reduce reduce) {
    at::Tensor result = at::empty({values.size(0), 2, rows.outputs, columns.outputs}, at::kFloat);
    const std::int64_t plane = values.size(2) * values.size(3);
    const std::int64_t result_plane = std::int64_t{rows.outputs} * columns.outputs;
    for (std::int64_t channel = 0; channel < values.size(0); ++channel) {
        const float* const value = values.data_ptr<float>() + 2 * channel * plane;
        float* out = result.data_ptr<float>() + 2 * channel * result_plane;
        for (std::int32_t row = 0; row < rows.outputs; ++row) {
            for (std::int32_t column = 0; column < columns.outputs; ++column, ++out) {
                std::pair<float, float> reduced{0.0F, 0.0F};
                for (const std::int32_t row_tap : rows.of(row)) {
                    for (const std::int32_t column_tap : columns.of(column)) {
                        if (row_tap >= 0 && column_tap >= 0) {
                            const std::int64_t at = row_tap * values.size(3) + column_tap;
                            reduce(reduced, value[at], value[plane + at]);
                        }
                    }
                }
                out[0] = reduced.first;
                out[result_plane] = reduced.second;
            }
        }
    }
    return result;
}

// Values are not negative, so padding and an empty start of 0 never win against one.
void take_larger(std::pair<float, float>& best, float value, float with_derivative) {
    if (value > best.first) {
        best = {value, with_derivative};
    }
}

void take_sum(std::pair<float, float>& sum, float value, float with_derivative) {
    sum.first += value;
    sum.second += with_derivative;
}

Flow pool(const Node& node, const Flow& input) {
    const sotto_window& window = node.window;
    auto [row_axis, rows] =
        class_taps(input.rows, window.kernel_height, window.stride_height, window.pad_top, node.output.height);
    auto [column_axis, columns] =
        class_taps(input.columns, window.kernel_width, window.stride_width, window.pad_left, node.output.width);
    Flow result{{}, std::move(row_axis), std::move(column_axis), input.exponent};
    if (node.kind == SOTTO_LAYER_MAX_POOL) {
        result.values = pool(input.values, rows, columns, take_larger);
    } else {
        result.values = pool(input.values, rows, columns, take_sum);
        result.values.div_(static_cast<double>(window.kernel_height) * window.kernel_width);
    }
    return result;
}

Taps every_class(const Axis& axis) {
    Taps taps;
    taps.kernel = axis.classes;
    taps.outputs = 1;
    for (std::int32_t index = 0; index < axis.classes; ++index) {
        taps.taps.push_back(index);
    }
    return taps;
}

/// Sums over all positions of each channel: {channel, of values and of values plus derivatives}.
std::vector<std::pair<double, double>> position_sums(const Flow& flow) {
    const std::vector<std::int32_t> row_counts = flow.rows.multiplicities();
    const std::vector<std::int32_t> column_counts = flow.columns.multiplicities();
    std::vector<std::pair<double, double>> sums(static_cast<std::size_t>(flow.values.size(0)));
    const float* at = flow.values.data_ptr<float>();
    for (auto& [values, with_derivatives] : sums) {
        for (double* const sum : {&values, &with_derivatives}) {
            for (const std::int32_t row_count : row_counts) {
                for (const std::int32_t column_count : column_counts) {
                    *sum += static_cast<double>(*at++) * row_count * column_count;
                }
            }
        }
    }
    return sums;
}

Flow global_pool(const Node& node, const Flow& input) {
    Flow result{{}, Axis::constant(1), Axis::constant(1), input.exponent};
    if (node.kind == SOTTO_LAYER_GLOBAL_MAX_POOL) {
        result.values = pool(input.values, every_class(input.rows), every_class(input.columns), take_larger);
        return result;
    }
    result.values = at::empty({input.values.size(0), 2, 1, 1}, at::kFloat);
    float* out = result.values.data_ptr<float>();
    const double positions = static_cast<double>(node.input.height) * node.input.width;
    for (const auto& [values, with_derivatives] : position_sums(input)) {
        *out++ = static_cast<float>(values / positions);
        *out++ = static_cast<float>(with_derivatives / positions);
    }
    return result;
}

// y and y' = W (x + x') become y and y + y'.
void add_values_to_derivatives(Flow& flow) {
    flow.values.select(1, 1).add_(flow.values.select(1, 0));
    rescale(flow);
}

at::Tensor expand(const Flow& flow) {
    const Taps rows{flow.rows.class_of, 1, static_cast<std::int32_t>(flow.rows.class_of.size())};
    const Taps columns{flow.columns.class_of, 1, static_cast<std::int32_t>(flow.columns.class_of.size())};
    return pick(flow.values, rows, columns, 0);
}

Flow pass_convolution(const Graph& graph, std::size_t layer, std::uint64_t seed, const Flow& input) {
    const Node& node = graph.nodes()[layer];
    const sotto_window& window = node.window;
    auto [row_axis, rows] =
        class_taps(input.rows, window.kernel_height, window.stride_height, window.pad_top, node.output.height);
    auto [column_axis, columns] =
        class_taps(input.columns, window.kernel_width, window.stride_width, window.pad_left, node.output.width);
    Flow result{convolve(input.values, make_weights(graph, layer, seed).abs_(), rows, columns, node.groups),
                std::move(row_axis), std::move(column_axis), input.exponent};
    add_values_to_derivatives(result);
    return result;
}

Flow pass_fully_connected(const Graph& graph, std::size_t layer, std::uint64_t seed, const Flow& input) {
    Flow result{fully_connect(expand(input), make_weights(graph, layer, seed).abs_()), Axis::constant(1),
                Axis::constant(1), input.exponent};
    add_values_to_derivatives(result);
    return result;
}

Flow flatten(const Node& node, const Flow& input) {
    // Channel, row, column order within each of the two images; a flat vector has one row and one column.
    return {expand(input).permute({0, 2, 3, 1}).reshape({node.output.channels, 2, 1, 1}), Axis::constant(1),
            Axis::constant(1), input.exponent};
}

Flow pad(const Node& node, const Flow& input) {
    auto [row_axis, rows] = class_taps(input.rows, 1, 1, node.window.pad_top, node.output.height);
    auto [column_axis, columns] = class_taps(input.columns, 1, 1, node.window.pad_left, node.output.width);
    return {pool(input.values, rows, columns, take_sum), std::move(row_axis), std::move(column_axis), input.exponent};
}

Flow combine(const Node& node, std::vector<Flow> operands) {
    align(operands);
    Flow result{operands.front().values, operands.front().rows, operands.front().columns, operands.front().exponent};
    if (node.kind == SOTTO_LAYER_CONCAT) {
        std::vector<at::Tensor> parts;
        for (const Flow& operand : operands) {
            parts.push_back(operand.values);
        }
        result.values = at::cat(at::TensorList(parts), 0);
        return result;
    }
    for (std::size_t index = 1; index < operands.size(); ++index) {
        result.values = at::add(result.values, operands[index].values);
    }
    rescale(result);
    return result;
}

Flow evaluate(const Graph& graph, std::size_t layer, std::uint64_t seed, std::vector<Flow> operands) {
    const Node& node = graph.nodes()[layer];
    switch (node.kind) {
        case SOTTO_LAYER_INPUT:
            return {at::ones({node.output.channels, 2, 1, 1}, at::kFloat), Axis::constant(node.output.height),
                    Axis::constant(node.output.width), 0};
        case SOTTO_LAYER_CONVOLUTION:
            return pass_convolution(graph, layer, seed, operands.front());
        case SOTTO_LAYER_FULLY_CONNECTED:
            return pass_fully_connected(graph, layer, seed, operands.front());
        case SOTTO_LAYER_MAX_POOL:
        case SOTTO_LAYER_AVERAGE_POOL:
            return pool(node, operands.front());
        case SOTTO_LAYER_GLOBAL_MAX_POOL:
        case SOTTO_LAYER_GLOBAL_AVERAGE_POOL:
            return global_pool(node, operands.front());
        case SOTTO_LAYER_ADD:
        case SOTTO_LAYER_CONCAT:
            return combine(node, std::move(operands));
        case SOTTO_LAYER_FLATTEN:
            return flatten(node, operands.front());
        case SOTTO_LAYER_PAD:
            return pad(node, operands.front());
        default:
            return std::move(operands.front());
    }
}

class SynflowEvaluator final : public Evaluator {
  public:
    SynflowEvaluator(const Arguments& arguments, const sotto_host* host)
        : input_size_(arguments.integer("input_size")), memory_limit_(arguments.integer("memory_limit")), host_(host) {}

    void evaluate(const Graph& graph, std::uint64_t seed, std::span<double> metrics) const override {
        const Graph resized = at_size(graph, input_size_);
        check_memory(synflow_bytes(resized), memory_limit_);
        metrics[0] = synaptic_flow(resized, seed, host_);
    }

  private:
    std::int64_t input_size_;
    std::int64_t memory_limit_;
    const sotto_host* host_;
};

}  // namespace

double synaptic_flow(const Graph& graph, std::uint64_t seed, const sotto_host* host) {
    std::vector<Flow> flows(graph.nodes().size());
    std::vector<std::uint32_t> readers;
    for (const Node& node : graph.nodes()) {
        readers.push_back(node.consumers);
    }
    for (std::size_t layer = 0; layer < flows.size(); ++layer) {
        if (readers[layer] == 0) {
            continue;
        }
        stop_if_cancelled(host);
        std::vector<Flow> operands;
        for (const std::uint32_t operand : graph.operands(layer)) {
            // The last reader takes the map, so that its memory goes as early as possible.
            operands.push_back(--readers[operand] == 0 ? std::move(flows[operand]) : flows[operand]);
        }
        flows[layer] = evaluate(graph, layer, seed, std::move(operands));
    }
    double derivatives = 0;
    const Flow& output = flows[graph.output()];
    for (const auto& [values, with_derivatives] : position_sums(output)) {
        derivatives += with_derivatives - values;
    }
    if (!(derivatives > 0)) {
        throw CandidateError(SOTTO_UNSUPPORTED, "the network has no weights, so no synaptic flow");
    }
    return std::log(derivatives) + static_cast<double>(output.exponent) * std::log(2.0);
}

std::unique_ptr<Evaluator> make_synflow(const Arguments& arguments, const sotto_host* host) {
    return std::make_unique<SynflowEvaluator>(arguments, host);
}

}  // namespace sotto::accuracy
