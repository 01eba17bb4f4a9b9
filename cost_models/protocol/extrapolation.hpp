// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "cost_models/protocol/coefficients.hpp"
#include "cost_models/protocol/engine_profile.hpp"
#include "cost_models/protocol/predictor.hpp"

namespace sotto::protocol {

/// What prices were fitted under, or a program is asked about under.
struct Circumstances {
    LinkTimes link;
    int bit_length = 0;  ///< of the ring of the shares

    friend bool operator==(const Circumstances&, const Circumstances&) = default;
};

/// How far answers lie from what a model was fitted on. It goes there one step at a time: to the bandwidth asked for,
/// then to the round trip, then to the bit length. An answer has moved by the sum of the sizes of its changes, so that
/// a nearer and narrower link, whose changes cancel, is as far away as either change says. Immutable; every function
/// from any thread.
class Extrapolation {
  public:
    /// What an answer has moved by: each time by itself.
    struct Moved {
        double client_ms = 0;
        double server_ms = 0;
        double total_ms = 0;
    };

    /// Throws std::invalid_argument where `engine` has no ring of a bit length.
    Extrapolation(const Coefficients& coefficients, const EngineProfile& engine, const Circumstances& fitted,
                  const Circumstances& asked);

    /// Asked under what it was fitted under: nothing moves.
    bool is_none() const noexcept { return steps_.empty(); }

    /// Throws UnpricedOperation.
    Moved moved(std::span<const sotto_operation> program) const;

  private:
    std::vector<Predictor> steps_;  // from `fitted` to `asked`, both included; empty where they are the same
};

}  // namespace sotto::protocol
