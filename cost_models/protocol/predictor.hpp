// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>

#include "sotto/plugin.h"

#include "cost_models/protocol/coefficients.hpp"
#include "cost_models/protocol/operation_table.hpp"
#include "cost_models/protocol/program_walk.hpp"

namespace sotto::protocol {

/// The link that a program is asked about. Infinite bandwidth: one machine.
struct LinkTimes {
    double ms_per_byte = 0;
    double one_way_ms = 0;

    static LinkTimes of(double bandwidth_mbps, double rtt_ms) noexcept { return {8e-3 / bandwidth_mbps, rtt_ms / 2}; }
    double unit(LinkScale scale) const noexcept {
        return scale == LinkScale::byte ? ms_per_byte : scale == LinkScale::one_way ? one_way_ms : 1;
    }
    /// The row with link columns in milliseconds.
    FeatureRow scaled(const FeatureRow& row) const noexcept;

    friend bool operator==(const LinkTimes&, const LinkTimes&) = default;
};

/// What one operation, or a whole program, takes.
struct Cost {
    double client_ms = 0;
    double server_ms = 0;
    double client_sent_bytes = 0;
    double server_sent_bytes = 0;
    double flows = 0;  ///< one-way messages; two make a round trip
};

/// The operation that ended a prediction, and whether it is malformed or has no price.
class UnpricedOperation : public std::domain_error {
  public:
    UnpricedOperation(const std::string& text, bool is_malformed)
        : std::domain_error(text), is_malformed_(is_malformed) {}
    bool is_malformed() const noexcept { return is_malformed_; }

  private:
    bool is_malformed_;
};

/// The times that coefficients give for one engine and link. Immutable; every function from any thread.
class Predictor {
  public:
    Predictor(const Coefficients& coefficients, const EngineProfile& engine, LinkTimes link);

    /// Where a walk through a program stands. Copy it to go on from a prefix.
    struct Position {
        explicit Position(const EngineProfile& engine) noexcept : state(engine) {}

        WalkState state;
        double wait_ms = 0;  ///< what the next operation adds to the server's time
        Cost sum;
        double slower_ms = 0;  ///< sum of the slower party's times
    };
    Position start() const noexcept { return Position(engine_); }

    /// Goes on by operation `index` of a program; `next` is the one after it, null at the end. Returns what it takes.
    /// `step`, where not null, takes its columns. Throws UnpricedOperation; the position is of no use then.
    Cost advance(Position& position, const sotto_operation& operation, const sotto_operation* next, std::uint32_t index,
                 Step* step = nullptr) const;

    class Memory;
    /// The same to the last bit, with what operations are by themselves taken from `memory`, which is of this predictor
    /// alone and used by one thread at a time.
    Cost advance(Position& position, const sotto_operation& operation, const sotto_operation* next, std::uint32_t index,
                 Memory& memory) const;

    /// Where a whole program ends. Throws UnpricedOperation.
    Position end_of(std::span<const sotto_operation> program) const;

    /// Of the whole program, at its end: what Coefficients::coupling says.
    double total_ms(const Position& end) const noexcept;
    /// The share of one operation in it, by the whole program's end.
    double total_ms(const Cost& operation, const Position& end) const noexcept;

    const Coefficients& coefficients() const noexcept { return coefficients_; }
    const EngineProfile& engine() const noexcept { return engine_; }

  private:
    // Client, server, wait, and one for the vector unit.
    using Prices = std::array<double, 4>;
    struct OwnCost {
        OwnWork work;
        Prices times{};  // of the columns that are its own
    };

    void own_cost(const sotto_operation& operation, std::int32_t next_kind, bool is_first_average_pool,
                  std::uint32_t index, OwnCost& own, FeatureRow& row) const;
    Cost finish(Position& position, const OwnCost& own, Step& step) const;
    void add_prices(const FeatureRow& row, std::size_t first, Prices& times) const noexcept;

    Coefficients coefficients_;
    EngineProfile engine_;
    std::array<Prices, column_count> prices_{};
};

/// What a predictor remembers of operations: at most 8,192 of them, some 2 MiB; emptied when full.
class Predictor::Memory {
  public:
    static constexpr std::size_t most_operations = 8192;

    std::size_t size() const noexcept { return table_.size(); }

  private:
    friend class Predictor;
    OperationTable<OwnCost> table_;
    std::uint32_t last_ = OperationTable<OwnCost>::none;
};

}  // namespace sotto::protocol
