// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cost_models/protocol/operation_counts.hpp"

namespace sotto::protocol {

/// What the pools add to one operation.
struct Refills {
    double forward = 0;   ///< times the operation stops to refill the forward pool (of all threads at once)
    double backward = 0;  ///< the same for the backward pool
    double client_sent_bytes = 0;
    double server_sent_bytes = 0;
    double flows = 0;

    friend bool operator==(const Refills&, const Refills&) = default;
};

/// The pools of silent oblivious transfers, one for each direction and thread, full when the program starts. An
/// operation that draws more than is left stops until a refill has come (Yang et al., "Ferret", CCS 2020). All threads
/// draw alike, so one counter for each direction stands for them.
///
/// State is two counters and a flag: copy it to go on from a prefix. One object is used by one thread at a time.
class ObliviousTransferPool {
  public:
    explicit ObliviousTransferPool(const EngineProfile& profile) noexcept;

    /// The next operation of the program, by what it draws.
    Refills advance(const OperationCounts& counts) noexcept {
        return advance(counts.forward_draws, counts.backward_draws, counts.extension_ots);
    }
    Refills advance(double forward_draws, double backward_draws, double extension_ots) noexcept;

    /// Drawn since the start, the one transfer that fills the pool at first included.
    double forward_drawn() const noexcept { return forward_.drawn; }
    double backward_drawn() const noexcept { return backward_.drawn; }

  private:
    struct Direction {
        double drawn = 1;
        double filled = 0;  ///< what has been in the pool since the start
    };
    double refills(Direction& direction, double draws) const noexcept;

    Direction forward_;
    Direction backward_;
    double transfers_per_refill_;
    double bytes_per_refill_;
    int threads_;
    bool is_silent_;
    bool has_extended_ = false;
};

}  // namespace sotto::protocol
