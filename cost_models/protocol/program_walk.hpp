// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "cost_models/protocol/columns.hpp"
#include "cost_models/protocol/oblivious_transfer_pool.hpp"

namespace sotto::protocol {

/// How the operations of a program follow each other.
enum class Coupling : std::uint8_t {
    /// Each party goes on when it is done: a server that is done first waits for the client in its next operation.
    coupled,
    /// Both parties meet at a barrier after each operation.
    separated
};

/// What is priced together and has been measured or not.
enum class CostKind : std::uint8_t {
    convolution,
    normalization,  ///< homomorphic
    product,        ///< elementwise
    fully_connected,
    relu,
    truncation,
    max_pool,
    average_pool
};
inline constexpr std::size_t cost_kind_count = 8;
std::string_view cost_kind_name(CostKind kind);

inline constexpr bool is_linear(CostKind kind) noexcept {
    return kind <= CostKind::fully_connected;
}

/// What a program has done so far that later operations feel. Copy it to go on from a prefix.
struct WalkState {
    explicit WalkState(const EngineProfile& profile) noexcept : pool(profile) {}

    ObliviousTransferPool pool;
    double largest_round = 0;  ///< forward transfers of one comparison round of one thread
    bool has_average_pooled = false;
    bool has_run_linear = false;
};

/// One operation in its program.
struct Step {
    CostKind kind = CostKind::convolution;
    FeatureRow row;
    double client_sent_bytes = 0;  ///< refills included
    double server_sent_bytes = 0;
    double flows = 0;  ///< one-way messages; two make a round trip
};

/// Whether walk() may be asked: sizes are positive, windows fit. [any thread]
bool is_well_formed(const sotto_operation& operation) noexcept;

/// The columns of the next operation, which is well formed, and the state after it. next_kind: SOTTO_OPERATION_ of the
/// operation after it, 0 at the end. False, and the state as it was, for a kind that is not known for this engine.
///
/// A pure function of its arguments. An engine that runs every normalisation homomorphically (`separated` models, see
/// docs/cost_models.md) is counted so, whatever the operation says. Does not allocate. [any thread]
bool walk(const EngineProfile& profile, Coupling coupling, const sotto_operation& operation, std::int32_t next_kind,
          WalkState& state, Step& step) noexcept;

}  // namespace sotto::protocol
