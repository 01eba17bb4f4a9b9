// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sotto/plugin.h"

#include "cost_models/protocol/engine_profile.hpp"

namespace sotto::protocol {

/// What one operation costs, in the units that time is made of. Everything is a number of things; bytes are bytes.
/// Refills of the pool of transfers depend on what ran before and are not in here: see oblivious_transfer_pool.hpp.
struct OperationCounts {
    double input_ciphertexts = 0;    ///< encrypted by the client, sent to the server
    double output_ciphertexts = 0;   ///< masked by the server, sent back, decrypted by the client
    double scalar_products = 0;      ///< ciphertext times plaintext of a single coefficient: no transform
    double polynomial_products = 0;  ///< ciphertext times plaintext, with transforms

    /// Oblivious transfers with messages, as an engine's counters count them, by sender.
    double client_ots = 0;
    double server_ots = 0;
    /// Bit triples: each takes one random transfer in each direction, which those counters leave out.
    double bit_triples = 0;
    /// Transfers made by extension and not from a silent pool; sender: the server.
    double extension_ots = 0;

    /// What is drawn from the pools of one thread, messages and triples. Forward: the party that is the server in even
    /// threads sends. Backward: it receives.
    double forward_draws = 0;
    double backward_draws = 0;

    double client_sent_bytes = 0;
    double server_sent_bytes = 0;
    double flows = 0;  ///< one-way messages that wait for the one before; two make a round trip

    double elements = 0;    ///< of the output
    double results = 0;     ///< coefficients with results in all output ciphertexts: those at stride 1
    double macs = 0;        ///< multiplications of the operation in the clear
    double parameters = 0;  ///< weights of it, without bias

    /// Weights of a fully connected layer whose transposition steps through memory by a multiple of 8 KiB, and of 32
    /// KiB: they fall into few sets of a cache and take up to three times as long.
    double cache_conflict_parameters = 0;
    double severe_cache_conflict_parameters = 0;

    friend bool operator==(const OperationCounts&, const OperationCounts&) = default;
};

/// Counts one operation. False, and counts all 0, where the kind is unknown or not known for this engine, and where a
/// convolution's kernel does not fit a polynomial. [any thread] Does not allocate. Shapes and windows must make sense
/// (sotto_operation). docs/protocol_counts.md has every formula, its source and its error.
bool count(const EngineProfile& profile, const sotto_operation& operation, OperationCounts& counts) noexcept;

/// Whether the engine runs a batch normalisation on ciphertexts, not as an elementwise product; where neither engine
/// nor program says, the cheaper way is taken. [any thread]
bool runs_homomorphically(const EngineProfile& profile, const sotto_operation& normalization) noexcept;

}  // namespace sotto::protocol
