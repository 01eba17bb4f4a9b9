// SPDX-License-Identifier: Apache-2.0
#include "search/loop/network_insight.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include <xxhash.h>

#include "engine/arch/canonical_hash.hpp"
#include "engine/arch/counts.hpp"
#include "engine/secure/lowering.hpp"

namespace sotto::search {
namespace {

using secure::Operation;
using secure::OperationKind;

constexpr std::int64_t degree = 4096;
// Side of the square that a slice of a larger image is cut to.
constexpr std::int64_t slice_side = 64;

// Each as it is and its logarithm: latency adds up, accuracy goes by orders of magnitude.
constexpr std::size_t feature_pairs = 15;
// Sums of logarithms over layers: what passes through a network goes as the product of its layers.
constexpr std::size_t feature_sums = 4;

std::int64_t divide_up(std::int64_t value, std::int64_t by) {
    return (value + by - 1) / by;
}

PackedCiphertexts packed_convolution(const Operation& operation) {
    const arch::Window& window = operation.window;
    const bool pointwise = window.kernel_height == 1 && window.kernel_width == 1;
    std::int64_t height = operation.input.height + window.pad_top + window.pad_bottom;
    std::int64_t width = operation.input.width + window.pad_left + window.pad_right;
    if (pointwise) {
        height = divide_up(height, window.stride_height);
        width = divide_up(width, window.stride_width);
    }
    const std::int64_t channels = operation.input.channels;
    std::int64_t groups = channels;
    std::int64_t slices = 1;
    if (height * width <= degree) {
        groups = divide_up(channels, std::min(degree / (height * width), channels));
    } else {
        slices = divide_up(height - window.kernel_height + 1, slice_side - window.kernel_height + 1) *
                 divide_up(width - window.kernel_width + 1, slice_side - window.kernel_width + 1);
    }
    const auto outputs = static_cast<double>(operation.output.channels);
    return {static_cast<double>(groups * slices), outputs * static_cast<double>(slices),
            outputs * static_cast<double>(groups * slices)};
}

// The matrix is cut into blocks that fit a polynomial, so that the fewest ciphertexts are sent; of equal cuts the one
// with the most of them coming back.
PackedCiphertexts packed_fully_connected(const Operation& operation) {
    const std::int64_t inputs = operation.input.elements();
    const std::int64_t outputs = operation.output.elements();
    std::int64_t best_in = inputs;
    std::int64_t best_out = outputs;
    const auto try_rows = [&](std::int64_t rows) {
        if (rows > degree) {
            return;
        }
        const std::int64_t out = divide_up(outputs, rows);
        const std::int64_t in = divide_up(inputs, degree / rows);
        if (in + out < best_in + best_out || (in + out == best_in + best_out && out > best_out)) {
            best_in = in;
            best_out = out;
        }
    };
    // Numbers of rows that give different numbers of blocks.
    for (std::int64_t k = 1; k * k <= outputs; ++k) {
        try_rows(k);
        try_rows(divide_up(outputs, k));
    }
    return {static_cast<double>(best_in), static_cast<double>(best_out), static_cast<double>(best_in * best_out)};
}

double fan_in(const Operation& operation) {
    const double window = double{1} * operation.window.kernel_height * operation.window.kernel_width;
    return operation.kind == OperationKind::fully_connected ? static_cast<double>(operation.input.elements())
                                                            : window * operation.input.channels;
}

std::uint64_t identity_of(const Operation& operation) {
    const arch::Window& window = operation.window;
    const std::array<std::int64_t, 18> fields{static_cast<std::int64_t>(operation.kind),
                                              static_cast<std::int64_t>(operation.normalization),
                                              operation.truncates ? 1 : 0,
                                              operation.input.channels,
                                              operation.input.height,
                                              operation.input.width,
                                              operation.output.channels,
                                              operation.output.height,
                                              operation.output.width,
                                              window.kernel_height,
                                              window.kernel_width,
                                              window.stride_height,
                                              window.stride_width,
                                              window.pad_top,
                                              window.pad_bottom,
                                              window.pad_left,
                                              window.pad_right,
                                              operation.elements};
    return XXH3_64bits(fields.data(), sizeof(fields));
}

}  // namespace

PackedCiphertexts packed_ciphertexts(const Operation& operation) {
    switch (operation.kind) {
        case OperationKind::convolution:
            return packed_convolution(operation);
        case OperationKind::fully_connected:
            return packed_fully_connected(operation);
        default:
            return {};
    }
}

struct NetworkInsight::Workspace {
    Space::Decoder decoder;
    secure::Lowering lowering;
    secure::SecureProgram program;
    std::vector<arch::LayerIndex> order;
    std::vector<std::uint32_t> depths;
    std::uint64_t identity = 0;  // of the network

    Workspace(const Space& space, const std::string& lowering_profile) : decoder(space), lowering(lowering_profile) {}

    // Null where there is none, or none that the profile can express; else order, program and identity are its own.
    const arch::Network* lower(const Genome& genome) {
        Rejection rejection;
        const arch::Network* const decoded = decoder.decode(genome, rejection);
        if (decoded == nullptr) {
            return nullptr;
        }
        identity = arch::canonical_form(*decoded, order).low;
        return lowering.lower(*decoded, order, program) ? nullptr : decoded;
    }

    // Most nonlinear layers on a path of the network that was lowered.
    double nonlinear_depth(const arch::Network& lowered) {
        depths.assign(lowered.size(), 0);
        for (const arch::LayerIndex index : order) {
            const arch::Layer& layer = lowered.layer(index);
            std::uint32_t deepest = 0;
            for (const arch::LayerIndex operand : lowered.operands(index)) {
                deepest = std::max(deepest, depths[operand]);
            }
            const bool bends =
                layer.kind == arch::LayerKind::max_pool || layer.kind == arch::LayerKind::global_max_pool ||
                (layer.kind == arch::LayerKind::activation && layer.activation != arch::Activation::identity);
            depths[index] = deepest + (bends ? 1 : 0);
        }
        return depths[lowered.output()];
    }

    void describe(const arch::Network& network, Description& description);
};

NetworkInsight::NetworkInsight(const Space& space, std::string_view lowering_profile,
                               std::unique_ptr<plugin::Instance> cost_model, std::size_t metric,
                               std::function<void(const std::string&)> on_fault)
    : space_(space),
      lowering_profile_(lowering_profile),
      cost_model_(std::move(cost_model)),
      metric_(metric),
      on_fault_(std::move(on_fault)) {}

NetworkInsight::~NetworkInsight() = default;

std::size_t NetworkInsight::feature_count() const {
    return 2 * feature_pairs + feature_sums;
}

bool NetworkInsight::describe(const Genome& genome, Description& description) {
    const auto workspace = workspaces_.borrow(space_, lowering_profile_);
    const arch::Network* const network = workspace->lower(genome);
    if (network != nullptr) {
        workspace->describe(*network, description);
    }
    return network != nullptr;
}

void NetworkInsight::Workspace::describe(const arch::Network& network, Description& description) {
    Workload workload;
    double products = 0;
    double truncated = 0;
    double relus = 0;
    double log_widths = 0;
    double log_fan_ins = 0;
    double log_units = 0;
    double log_sizes = 0;
    description.operations.clear();
    for (const Operation& operation : program.operations) {
        description.operations.push_back(identity_of(operation));
        const auto elements = static_cast<double>(operation.elements);
        const PackedCiphertexts packed = packed_ciphertexts(operation);
        workload.ciphertexts += packed.in + packed.out;
        products += packed.products;
        switch (operation.kind) {
            case OperationKind::convolution:
            case OperationKind::fully_connected:
                workload.linear_operations += 1;
                workload.positions += double{1} * operation.output.height * operation.output.width;
                log_widths += std::log(double{1} * operation.output.channels);
                log_fan_ins += std::log(fan_in(operation));
                log_sizes += std::log(double{1} * operation.output.height * operation.output.width);
                break;
            case OperationKind::relu:
                workload.relu_elements += elements;
                workload.activations += 1;
                relus += 1;
                log_units += std::log(elements);
                break;
            case OperationKind::multiply:
                workload.square_elements += elements;
                workload.activations += 1;
                log_units += std::log(elements);
                break;
            case OperationKind::max_pool:
                workload.max_pool_comparisons +=
                    elements * (double{1} * operation.window.kernel_height * operation.window.kernel_width - 1);
                break;
            case OperationKind::average_pool:
                workload.average_pool_elements += elements;
                break;
            case OperationKind::truncation:
                truncated += elements;
                break;
            default:
                break;
        }
    }
    const double depth = nonlinear_depth(network);
    const arch::Counts counts = arch::count(network);
    workload.multiply_adds = static_cast<double>(counts.multiply_adds);
    workload.parameters = static_cast<double>(counts.parameters);
    const std::array<double, feature_pairs> values{workload.relu_elements,
                                                   workload.square_elements,
                                                   workload.activations,
                                                   workload.max_pool_comparisons,
                                                   workload.average_pool_elements,
                                                   workload.linear_operations,
                                                   workload.positions,
                                                   workload.ciphertexts,
                                                   products,
                                                   truncated,
                                                   workload.multiply_adds,
                                                   workload.parameters,
                                                   static_cast<double>(program.operations.size()),
                                                   relus,
                                                   depth};
    description.features.clear();
    for (const double value : values) {
        description.features.push_back(value);
        description.features.push_back(std::log1p(value));
    }
    description.features.insert(description.features.end(), {log_widths, log_fan_ins, log_units, log_sizes});
    description.workload = workload;
    description.network = identity;
}

void NetworkInsight::operation_costs(const Genome& genome, std::vector<double>& costs) {
    costs.clear();
    if (cost_model_ == nullptr) {
        return;
    }
    const auto workspace = workspaces_.borrow(space_, lowering_profile_);
    const arch::Network* const network = workspace->lower(genome);
    if (network == nullptr) {
        return;
    }
    plugin::CandidateView view;
    view.set(0, network, &workspace->program);
    std::vector<double> values;
    try {
        values = cost_model_->per_operation(view);
    } catch (const plugin::PluginError& error) {
        on_fault_(error.what());
        cost_model_.reset();
        return;
    }
    const std::size_t operations = workspace->program.operations.size();
    const std::size_t metrics = cost_model_->describe().metrics.size();
    if (values.size() != operations * metrics) {
        return;
    }
    for (std::size_t i = 0; i < operations; ++i) {
        costs.push_back(values[i * metrics + metric_]);
    }
}

std::unique_ptr<NetworkInsight> make_network_insight(const RunConfiguration& configuration, plugin::Registry& registry,
                                                     std::function<void(const std::string&)> on_fault) {
    const evaluate::Stage& stage = configuration.cost_model;
    std::unique_ptr<plugin::Instance> cost_model =
        registry.create(stage.kind, stage.id, stage.parameters, stage.isolation);
    const std::vector<plugin::Metric>& metrics = cost_model->describe().metrics;
    std::size_t metric = 0;
    for (const Objective& objective : configuration.objectives) {
        const auto own = std::ranges::find(metrics, objective.metric, &plugin::Metric::name);
        if (own != metrics.end()) {
            metric = static_cast<std::size_t>(own - metrics.begin());
            break;
        }
    }
    return std::make_unique<NetworkInsight>(configuration.space, configuration.lowering, std::move(cost_model), metric,
                                            std::move(on_fault));
}

}  // namespace sotto::search
