// SPDX-License-Identifier: Apache-2.0
#include "cost_models/protocol/program_walk.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>

#include "cost_models/protocol/linear_counts.hpp"

namespace sotto::protocol {
namespace {

constexpr double cached_weights = 1e6;   // of 8 bytes
constexpr int conflicts_from_zeros = 8;  // trailing zero bits of the number of columns: steps of 2 KiB
constexpr int severe_conflicts_from_zeros = 10;
constexpr double cached_transfers = 1.5e6;
constexpr double saturating_transfers = 2.8e7;

constexpr std::array<std::string_view, cost_kind_count> kind_names = {"convolution",
                                                                      "homomorphic normalization",
                                                                      "elementwise product",
                                                                      "fully connected layer",
                                                                      "relu",
                                                                      "truncation",
                                                                      "max pool",
                                                                      "average pool"};

bool is_positive(const sotto_shape& shape) noexcept {
    return shape.channels > 0 && shape.height > 0 && shape.width > 0;
}

std::int64_t size(const sotto_shape& shape) noexcept {
    return std::int64_t{shape.channels} * shape.height * shape.width;
}

void add_convolution_columns(Coupling coupling, const sotto_operation& operation, const OperationCounts& counts,
                             std::int32_t next_kind, FeatureRow& row) noexcept {
    const bool is_normalization = operation.kind == SOTTO_OPERATION_BATCH_NORMALIZATION;
    row.add(Column::conv_operations, 1);
    row.add(Column::conv_input_ciphertexts, counts.input_ciphertexts);
    row.add(Column::conv_output_ciphertexts, counts.output_ciphertexts);
    row.add(Column::conv_scalar_products, counts.scalar_products);
    row.add(Column::conv_polynomial_products, counts.polynomial_products);
    if (!is_normalization) {
        row.add(Column::conv_results, counts.results);
        row.add(Column::conv_weights, counts.parameters);
    }
    if (coupling == Coupling::separated) {
        return;
    }
    row.add(Column::conv_outputs, counts.elements);
    row.add(Column::conv_outputs_to_compare, is_pool(next_kind) ? 0 : counts.elements);
    if (!is_normalization) {
        row.add(Column::conv_macs, counts.macs);
        row.add(Column::conv_patch_elements, counts.macs / operation.output.channels);
    }
}

void add_fully_connected_columns(Coupling coupling, const sotto_operation& operation, const OperationCounts& counts,
                                 FeatureRow& row) noexcept {
    row.add(Column::fc_operations, 1);
    if (coupling == Coupling::separated) {
        row.add(Column::fc_input_ciphertexts, counts.input_ciphertexts);
        row.add(Column::fc_output_ciphertexts, counts.output_ciphertexts);
        row.add(Column::fc_products, counts.polynomial_products);
        return;
    }
    row.add(Column::fc_weights, counts.parameters);
    row.add(Column::fc_root_weights, std::sqrt(counts.parameters));
    const double uncached = std::max(counts.parameters - cached_weights, 0.0);
    const int zeros = std::countr_zero(static_cast<std::uint64_t>(size(operation.input)));
    row.add(Column::fc_uncached_weights_2_kib, zeros >= conflicts_from_zeros ? uncached : 0);
    row.add(Column::fc_uncached_weights_8_kib, zeros >= severe_conflicts_from_zeros ? uncached : 0);
    row.add(Column::fc_uncached_weights_beyond_8_kib, uncached * std::max(zeros - severe_conflicts_from_zeros, 0));
}

void add_linear_columns(Coupling coupling, const sotto_operation& operation, const OperationCounts& counts,
                        std::int32_t next_kind, CostKind kind, FeatureRow& row) noexcept {
    switch (kind) {
        case CostKind::normalization:
            if (coupling == Coupling::separated) {
                row.add(Column::normalization_operations, 1);
                row.add(Column::normalization_ciphertexts, counts.input_ciphertexts);
                row.add(Column::normalization_elements, counts.elements);
                break;
            }
            [[fallthrough]];
        case CostKind::convolution:
            add_convolution_columns(coupling, operation, counts, next_kind, row);
            break;
        case CostKind::product:
            row.add(Column::product_operations, 1);
            row.add(Column::product_elements, counts.elements);
            break;
        default:
            add_fully_connected_columns(coupling, operation, counts, row);
            break;
    }
    if (kind == CostKind::fully_connected) {
        row.add(Column::link_fc_bytes, counts.client_sent_bytes + counts.server_sent_bytes);
    } else {
        row.add(Column::link_upload_bytes, counts.client_sent_bytes);
        row.add(Column::link_download_bytes, counts.server_sent_bytes);
    }
    row.add(Column::link_linear_messages, counts.flows);
}

// Messages of a ReLU's selection that travel beside others; where it truncates too, the counts know.
double concurrent_messages(const sotto_operation& operation) noexcept {
    return operation.kind == SOTTO_OPERATION_RELU && operation.truncates == 0 ? 1 : 0;
}

// Messages at the end of an operation that the client alone waits for.
double last_messages(const sotto_operation& operation) noexcept {
    const bool ends_with_truncation = operation.kind == SOTTO_OPERATION_TRUNCATION ||
                                      (operation.kind == SOTTO_OPERATION_RELU && operation.truncates != 0);
    return ends_with_truncation || operation.kind == SOTTO_OPERATION_AVERAGE_POOL ? 2 : 0;
}

// Adds what one operation of a kind is; returns its comparison rounds.
double add_kind_columns(const sotto_operation& operation, CostKind kind, bool is_first_average_pool, double transfers,
                        FeatureRow& row) noexcept {
    switch (kind) {
        case CostKind::relu:
            row.add(Column::relu_operations, 1);
            row.add(Column::relu_transfers, transfers);
            return 1;
        case CostKind::truncation:
            row.add(Column::truncation_operations, 1);
            row.add(Column::truncation_transfers, transfers);
            return 1;
        case CostKind::max_pool: {
            const double rounds =
                static_cast<double>(operation.window.kernel_height) * operation.window.kernel_width - 1;
            row.add(Column::max_pool_operations, 1);
            row.add(Column::max_pool_comparisons, rounds);
            row.add(Column::max_pool_transfers, transfers);
            return rounds;
        }
        default:
            row.add(Column::average_pool_operations, 1);
            row.add(Column::average_pool_transfers, transfers);
            row.add(Column::average_pool_first, is_first_average_pool ? 1 : 0);
            return 1;
    }
}

void add_nonlinear_columns(const EngineProfile& profile, Coupling coupling, const sotto_operation& operation,
                           bool is_first_average_pool, OwnWork& work, FeatureRow& row) noexcept {
    const double transfers = work.forward_draws * profile.parameters().threads;
    const double rounds = add_kind_columns(operation, work.kind, is_first_average_pool, transfers, row);
    if (coupling == Coupling::separated) {
        work.round = rounds > 0 ? work.forward_draws / rounds : 0;
        row.add(Column::memory_transfers_out_of_cache, rounds * std::max(work.round - cached_transfers, 0.0));
        row.add(Column::memory_transfers_saturated, rounds * std::max(work.round - saturating_transfers, 0.0));
    } else {
        work.root_transfers = transfers / std::sqrt(static_cast<double>(operation.elements));
        row.add(Column::nonlinear_transfers, transfers);
        row.add(Column::nonlinear_root_transfers, work.root_transfers);
    }
    work.concurrent_messages = concurrent_messages(operation);
    work.last_messages = last_messages(operation);
}

// Of an operation that was counted.
CostKind cost_kind(const EngineProfile& profile, const sotto_operation& operation) noexcept {
    switch (operation.kind) {
        case SOTTO_OPERATION_CONVOLUTION:
            return CostKind::convolution;
        case SOTTO_OPERATION_RELU:
            return CostKind::relu;
        case SOTTO_OPERATION_MAX_POOL:
            return CostKind::max_pool;
        case SOTTO_OPERATION_AVERAGE_POOL:
            return CostKind::average_pool;
        case SOTTO_OPERATION_BATCH_NORMALIZATION:
            return runs_homomorphically(profile, operation) ? CostKind::normalization : CostKind::product;
        case SOTTO_OPERATION_TRUNCATION:
            return CostKind::truncation;
        case SOTTO_OPERATION_FULLY_CONNECTED:
            return CostKind::fully_connected;
        default:
            return CostKind::product;
    }
}

}  // namespace

bool is_pool(std::int32_t kind) noexcept {
    return kind == SOTTO_OPERATION_MAX_POOL || kind == SOTTO_OPERATION_AVERAGE_POOL;
}

std::string_view cost_kind_name(CostKind kind) {
    return kind_names[static_cast<std::size_t>(kind)];
}

bool is_well_formed(const sotto_operation& operation) noexcept {
    const sotto_window& window = operation.window;
    if (operation.elements < 1) {
        return false;
    }
    switch (operation.kind) {
        case SOTTO_OPERATION_CONVOLUTION:
            return is_positive(operation.input) && is_positive(operation.output) && window.kernel_height > 0 &&
                   window.kernel_width > 0 && window.stride_height > 0 && window.stride_width > 0 &&
                   window.pad_top >= 0 && window.pad_bottom >= 0 && window.pad_left >= 0 && window.pad_right >= 0 &&
                   window.kernel_height <= std::int64_t{operation.input.height} + window.pad_top + window.pad_bottom &&
                   window.kernel_width <= std::int64_t{operation.input.width} + window.pad_left + window.pad_right;
        case SOTTO_OPERATION_MAX_POOL:
        case SOTTO_OPERATION_AVERAGE_POOL:
            return window.kernel_height > 0 && window.kernel_width > 0;
        case SOTTO_OPERATION_BATCH_NORMALIZATION:
            return is_positive(operation.input);
        case SOTTO_OPERATION_FULLY_CONNECTED:
            return is_positive(operation.input) && is_positive(operation.output);
        default:
            return true;
    }
}

bool own_work(const EngineProfile& profile, Coupling coupling, const sotto_operation& operation, std::int32_t next_kind,
              bool is_first_average_pool, OwnWork& work, FeatureRow& row) noexcept {
    OperationCounts counts;
    if (operation.kind == SOTTO_OPERATION_ARGMAX || !count(profile, operation, counts)) {
        return false;
    }
    row.clear();
    work = {};
    work.kind = cost_kind(profile, operation);
    work.forward_draws = counts.forward_draws;
    work.backward_draws = counts.backward_draws;
    work.extension_ots = counts.extension_ots;
    work.client_sent_bytes = counts.client_sent_bytes;
    work.server_sent_bytes = counts.server_sent_bytes;
    work.flows = counts.flows;
    if (is_linear(work.kind)) {
        add_linear_columns(coupling, operation, counts, next_kind, work.kind, row);
    } else {
        add_nonlinear_columns(profile, coupling, operation, is_first_average_pool, work, row);
    }
    return true;
}

void place(Coupling coupling, const OwnWork& work, WalkState& state, Step& step) noexcept {
    step.kind = work.kind;
    step.client_sent_bytes = work.client_sent_bytes;
    step.server_sent_bytes = work.server_sent_bytes;
    step.flows = work.flows;
    if (is_linear(work.kind)) {  // draws nothing from the pools
        state.has_run_linear = true;
        return;
    }
    const Refills refills = state.pool.advance(work.forward_draws, work.backward_draws, work.extension_ots);
    step.client_sent_bytes += refills.client_sent_bytes;
    step.server_sent_bytes += refills.server_sent_bytes;
    step.flows += refills.flows;
    FeatureRow& row = step.row;
    if (coupling == Coupling::separated) {
        row.add(Column::memory_transfers_first_touch, std::max(work.round - state.largest_round, 0.0));
        state.largest_round = std::max(state.largest_round, work.round);
    } else {
        row.add(Column::nonlinear_root_transfers_after_linear, state.has_run_linear ? work.root_transfers : 0);
    }
    row.add(Column::pool_refills, refills.forward + refills.backward);
    row.add(Column::link_nonlinear_bytes, step.client_sent_bytes + step.server_sent_bytes);
    const double messages = step.flows - work.concurrent_messages;
    row.add(Column::link_nonlinear_messages, messages);
    row.add(Column::link_nonlinear_server_messages, messages - work.last_messages);
    state.has_average_pooled = state.has_average_pooled || work.kind == CostKind::average_pool;
}

bool walk(const EngineProfile& profile, Coupling coupling, const sotto_operation& operation, std::int32_t next_kind,
          WalkState& state, Step& step) noexcept {
    OwnWork work;
    if (!own_work(profile, coupling, operation, next_kind, !state.has_average_pooled, work, step.row)) {
        return false;
    }
    place(coupling, work, state, step);
    return true;
}

}  // namespace sotto::protocol
