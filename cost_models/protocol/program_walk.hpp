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

/// One operation by itself: what of it does not depend on what ran before.
struct OwnWork {
    CostKind kind = CostKind::convolution;
    double forward_draws = 0;  ///< as in OperationCounts, like those that follow
    double backward_draws = 0;
    double extension_ots = 0;
    double client_sent_bytes = 0;
    double server_sent_bytes = 0;
    double flows = 0;
    double concurrent_messages = 0;  ///< flows that travel beside others
    double last_messages = 0;        ///< flows at the end, which the client alone waits for
    double round = 0;                ///< non-linear, `separated`: forward transfers of one comparison round
    double root_transfers = 0;       ///< non-linear, `coupled`: forward transfers / sqrt(elements)
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

/// The first half of walk(): the operation by itself, and, into `row`, its columns but for those that place() adds. All
/// that may be remembered of an operation: a pure function of the arguments, of which next_kind counts as a pool or not
/// and for convolutions and normalisations alone, is_first_average_pool for average pools alone. False for a kind that
/// is not known for this engine. Does not allocate. [any thread]
bool own_work(const EngineProfile& profile, Coupling coupling, const sotto_operation& operation, std::int32_t next_kind,
              bool is_first_average_pool, OwnWork& work, FeatureRow& row) noexcept;

/// The second half: advances the state, sets what `step` has besides its row, and adds the columns that depend on the
/// state to the end of it.
void place(Coupling coupling, const OwnWork& work, WalkState& state, Step& step) noexcept;

bool is_pool(std::int32_t kind) noexcept;

/// The columns of the next operation, which is well formed, and the state after it. next_kind: SOTTO_OPERATION_ of the
/// operation after it, 0 at the end. False, and the state as it was, for a kind that is not known for this engine.
///
/// A pure function of its arguments. Does not allocate. [any thread]
bool walk(const EngineProfile& profile, Coupling coupling, const sotto_operation& operation, std::int32_t next_kind,
          WalkState& state, Step& step) noexcept;

}  // namespace sotto::protocol
