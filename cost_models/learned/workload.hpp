// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "sotto/plugin.h"

#include "cost_models/protocol/engine_profile.hpp"
#include "cost_models/protocol/oblivious_transfer_pool.hpp"
#include "cost_models/protocol/operation_counts.hpp"

namespace sotto::learned {

/// What the learned models tell apart, in the order of the kinds of operations (training::priced_as). A product of two
/// shared tensors runs as an elementwise normalisation does.
enum class LayerType : std::uint8_t { conv, relu, maxpool, avgpool, bn, trunc, fc };
inline constexpr std::size_t layer_type_count = 7;
std::string_view layer_type_name(LayerType type);

/// Computed on ciphertexts (conv, bn, fc), not by oblivious transfers.
constexpr bool is_linear(LayerType type) noexcept {
    return type == LayerType::conv || type == LayerType::bn || type == LayerType::fc;
}

/// One operation by itself, in numbers.
struct OwnWorkload {
    LayerType type = LayerType::conv;
    bool truncates = false;
    bool is_homomorphic = false;  ///< bn
    protocol::OperationCounts counts;
    double input_elements = 0;
    double input_area = 0;      ///< height x width
    double input_channels = 0;  ///< fc: inputs
    double output_channels = 0;
    double kernel = 0;             ///< height of the window
    double stride = 0;             ///< of its height
    double gathered_elements = 0;  ///< conv: elements under all windows, kernel area x input channels x output area
    double comparisons = 0;        ///< one after the other for each output: max pool k^2 - 1, other non-linear ones 1
    double comparison_draws = 0;   ///< transfers of one comparison of all outputs
    double forward_use = 0;        ///< pools spent: the expected number of refills of an unknown position
    double backward_use = 0;       ///< of the backward direction
};

/// What ran before an operation does to it.
struct Place {
    double refills = 0;            ///< of the pools of oblivious transfers, both directions
    double forward_before = 0;     ///< fraction of the forward pool that is spent, 0 to 1
    double forward_after = 0;      ///< the same, after it
    double backward_before = 0;    ///< of the backward pool
    double backward_after = 0;     ///< of the backward pool
    double first_touch_draws = 0;  ///< comparison_draws beyond the most so far: fresh memory
    bool follows_linear = false;   ///< non-linear, and the operation before it is not
    double matrix_before = 0;      ///< weights of the fully connected layer right before it, else 0
    double conflicts_before = 0;   ///< of these, those that collide in the cache
    double severe_before = 0;      ///< of these, those that collide severely
};

/// One operation of a program.
struct Workload : OwnWorkload, Place {};

/// Where a program has come to: what place() needs to go on. Copy it to go on from a prefix.
struct ProgramState {
    explicit ProgramState(const protocol::EngineProfile& profile) noexcept;

    protocol::ObliviousTransferPool pool;
    double forward_spent;  ///< fraction of the forward pool, 0 to 1
    double backward_spent;
    double most_draws = 0;  ///< of one comparison of all outputs
    bool is_first = true;
    bool last_is_linear = false;
    double last_matrix = 0;
    double last_conflicts = 0;
    double last_severe = 0;
};

/// An operation by itself. False where there is no workload: the engine does not know the kind, or sizes make no sense.
bool own_workload(const protocol::EngineProfile& profile, const sotto_operation& operation, OwnWorkload& work) noexcept;

/// What the program up to here does to its next operation; advances `state`.
Place place(const protocol::EngineProfile& profile, const OwnWorkload& work, ProgramState& state) noexcept;

/// Both, for the next operation of a program; advances `state`. False, and `state` is as it was, where there is no
/// workload.
bool next_workload(const protocol::EngineProfile& profile, const sotto_operation& operation, ProgramState& state,
                   Workload& work) noexcept;

/// Why next_workload was false; `index` is how the text calls the operation.
std::string refusal(const sotto_operation& operation, std::size_t index);

/// A whole program. Throws std::domain_error with the refusal of an operation that has no workload.
std::vector<Workload> workloads(const protocol::EngineProfile& profile, std::span<const sotto_operation> program);

/// Two operations with equal keys have equal workloads in members that depend on the operation alone.
struct OperationKey {
    std::array<std::int64_t, 20> values{};
    friend bool operator==(const OperationKey&, const OperationKey&) = default;
};
OperationKey operation_key(const sotto_operation& operation) noexcept;

}  // namespace sotto::learned
