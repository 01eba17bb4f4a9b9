// SPDX-License-Identifier: Apache-2.0
#include "cost_models/learned/workload.hpp"

#include <algorithm>
#include <cmath>
#include <optional>
#include <stdexcept>

#include "cost_models/training/operation_columns.hpp"

namespace sotto::learned {
namespace {

std::optional<LayerType> type_of(std::int32_t kind) noexcept {
    const std::optional<std::int32_t> priced = training::priced_as(kind);
    return priced ? std::optional(static_cast<LayerType>(*priced - SOTTO_OPERATION_CONVOLUTION)) : std::nullopt;
}

bool has_sizes(LayerType type, const sotto_operation& operation) noexcept {
    const sotto_window& window = operation.window;
    const bool has_window = window.kernel_height > 0 && window.kernel_width > 0 && window.stride_height > 0 &&
                            window.stride_width > 0 && window.pad_top >= 0 && window.pad_bottom >= 0 &&
                            window.pad_left >= 0 && window.pad_right >= 0;
    const auto is_shape = [](const sotto_shape& shape) {
        return shape.channels > 0 && shape.height > 0 && shape.width > 0;
    };
    switch (type) {
        case LayerType::conv:
        case LayerType::maxpool:
        case LayerType::avgpool:
            return has_window && is_shape(operation.input) && is_shape(operation.output);
        case LayerType::fc:
            return is_shape(operation.input) && is_shape(operation.output);
        case LayerType::bn:
            return operation.elements > 0 && is_shape(operation.input);
        case LayerType::relu:
        case LayerType::trunc:
            return operation.elements > 0;
    }
    return false;
}

double area(const sotto_shape& shape) {
    return static_cast<double>(shape.height) * shape.width;
}

void add_sizes(const sotto_operation& operation, OwnWorkload& work) {
    const sotto_window& window = operation.window;
    work.input_area = area(operation.input);
    work.input_channels = operation.input.channels;
    work.output_channels = operation.output.channels;
    work.input_elements = work.input_area * operation.input.channels;
    if (work.type == LayerType::fc) {
        work.input_channels = work.input_elements;
        work.output_channels = area(operation.output) * operation.output.channels;
        work.input_area = 1;
    } else if (work.type == LayerType::relu || work.type == LayerType::trunc) {
        // Tables give these their number of elements alone.
        work.input_area = work.input_channels = work.output_channels = work.input_elements = 0;
    } else if (work.type != LayerType::bn) {
        const double window_area = static_cast<double>(window.kernel_height) * window.kernel_width;
        work.kernel = window.kernel_height;
        work.stride = window.stride_height;
        if (work.type == LayerType::conv) {
            work.gathered_elements = window_area * operation.input.channels * area(operation.output);
        }
        if (work.type == LayerType::maxpool) {
            work.comparisons = std::max(window_area - 1, 0.0);
        }
    }
    if (work.type == LayerType::relu || work.type == LayerType::trunc || work.type == LayerType::avgpool) {
        work.comparisons = 1;
    }
}

double fraction(double drawn, double pool) {
    return drawn / pool - std::floor(drawn / pool);
}

}  // namespace

std::string_view layer_type_name(LayerType type) {
    return training::operation_name(static_cast<std::int32_t>(type) + SOTTO_OPERATION_CONVOLUTION);
}

std::string refusal(const sotto_operation& operation, std::size_t index) {
    const std::string name = "operation " + std::to_string(index);
    const std::optional<LayerType> type = type_of(operation.kind);
    if (!type.has_value()) {
        return name + (operation.kind == SOTTO_OPERATION_ARGMAX ? " (argmax)" : "") + " is of kind " +
               std::to_string(operation.kind) + ", which was not measured";
    }
    if (operation.kind == SOTTO_OPERATION_MULTIPLY) {
        return name + " (an elementwise product) has no shape, which its price depends on";
    }
    return name + " (" + std::string(layer_type_name(*type)) + ") has sizes that make no sense or a window the " +
           "engine has no protocol for";
}

ProgramState::ProgramState(const protocol::EngineProfile& profile) noexcept
    : pool(profile),
      forward_spent(fraction(pool.forward_drawn(), profile.parameters().transfers_per_refill)),
      backward_spent(fraction(pool.backward_drawn(), profile.parameters().transfers_per_refill)) {}

bool own_workload(const protocol::EngineProfile& profile, const sotto_operation& operation,
                  OwnWorkload& work) noexcept {
    work = {};
    const std::optional<LayerType> type = type_of(operation.kind);
    if (!type.has_value() || !has_sizes(*type, operation) || !protocol::count(profile, operation, work.counts)) {
        return false;
    }
    work.type = *type;
    work.truncates = work.type == LayerType::relu && operation.truncates != 0;
    work.is_homomorphic = work.type == LayerType::bn && work.counts.scalar_products > 0;
    add_sizes(operation, work);
    const double pool = profile.parameters().transfers_per_refill;
    work.forward_use = work.counts.forward_draws / pool;
    work.backward_use = work.counts.backward_draws / pool;
    work.comparison_draws =
        work.comparisons > 0 ? (work.counts.forward_draws + work.counts.backward_draws) / work.comparisons : 0;
    return true;
}

Place place(const protocol::EngineProfile& profile, const OwnWorkload& work, ProgramState& state) noexcept {
    Place result;
    result.forward_before = result.forward_after = state.forward_spent;
    result.backward_before = result.backward_after = state.backward_spent;
    const protocol::OperationCounts& counts = work.counts;
    if (counts.forward_draws > 0 || counts.backward_draws > 0 || counts.extension_ots > 0) {
        const protocol::Refills refills = state.pool.advance(counts);
        const double pool = profile.parameters().transfers_per_refill;
        result.refills = refills.forward + refills.backward;
        result.forward_after = state.forward_spent = fraction(state.pool.forward_drawn(), pool);
        result.backward_after = state.backward_spent = fraction(state.pool.backward_drawn(), pool);
    }
    result.first_touch_draws = std::max(work.comparison_draws - state.most_draws, 0.0);
    const bool linear = is_linear(work.type);
    if (!linear && !state.is_first) {
        result.follows_linear = state.last_is_linear;
        result.matrix_before = state.last_matrix;
        result.conflicts_before = state.last_conflicts;
        result.severe_before = state.last_severe;
    }

    state.most_draws = std::max(state.most_draws, work.comparison_draws);
    state.is_first = false;
    state.last_is_linear = linear;
    const bool is_matrix = work.type == LayerType::fc;
    state.last_matrix = is_matrix ? counts.parameters : 0;
    state.last_conflicts = is_matrix ? counts.cache_conflict_parameters : 0;
    state.last_severe = is_matrix ? counts.severe_cache_conflict_parameters : 0;
    return result;
}

bool next_workload(const protocol::EngineProfile& profile, const sotto_operation& operation, ProgramState& state,
                   Workload& work) noexcept {
    if (!own_workload(profile, operation, work)) {
        static_cast<Place&>(work) = {};
        return false;
    }
    static_cast<Place&>(work) = place(profile, work, state);
    return true;
}

std::vector<Workload> workloads(const protocol::EngineProfile& profile, std::span<const sotto_operation> program) {
    std::vector<Workload> result;
    result.reserve(program.size());
    ProgramState state(profile);
    for (std::size_t i = 0; i < program.size(); ++i) {
        if (!next_workload(profile, program[i], state, result.emplace_back())) {
            throw std::domain_error(refusal(program[i], i));
        }
    }
    return result;
}

OperationKey operation_key(const sotto_operation& operation) noexcept {
    const sotto_window& window = operation.window;
    return {{operation.kind,
             operation.normalization,
             operation.truncates,
             operation.elements,
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
             0,
             0}};
}

}  // namespace sotto::learned
