// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "cost_models/model_file/model_file.hpp"
#include "cost_models/protocol/columns.hpp"
#include "cost_models/protocol/program_walk.hpp"

namespace sotto::protocol {

/// What has prices of its own.
enum class Target : std::uint8_t {
    client,  ///< the client's time
    server,  ///< the server's time; of a `coupled` model without its wait for the client
    wait     ///< `coupled`: by how much the client is later than the server after a linear operation
};
inline constexpr std::size_t target_count = 3;

/// The standard deviation of the error as a share of what another link or bit length moves a time by: the least
/// hundredth with which 90 % intervals hold 85 % or more of the networks in each of five pairs of measured settings,
/// LAN for WAN and WAN for LAN under both engines and local for WAN under opencheetah-2023 (bench/another_link prints
/// what they hold). No two bit lengths were measured: that those err alike is assumed.
inline constexpr double extrapolated_share = 0.18;

/// Standard deviation of the error of a whole network of time t, which is moved_ms away from what it would take under
/// what the model was fitted on (extrapolation.hpp):
/// sqrt((relative t)^2 (1 + short_ms / t) + (extrapolated_share moved_ms)^2).
struct Spread {
    double relative = 0;
    double short_ms = 0;

    double deviation_ms(double total_ms, double moved_ms = 0) const noexcept;
    friend bool operator==(const Spread&, const Spread&) = default;
};

/// One model: an engine in one setting.
struct Coefficients {
    Coupling coupling = Coupling::coupled;
    /// Milliseconds per unit, 0 or more. Of columns with a LinkScale: what the time is a multiple of, so that 1 is a
    /// byte that nothing else hides, or a message that is waited for.
    std::array<ColumnValues, target_count> prices{};
    /// Times that were fitted to, client and server together; 0: this kind was not measured and has no price.
    std::array<std::int64_t, cost_kind_count> rows{};
    Spread client, server, total;       ///< of the metrics
    std::int64_t calibration_rows = 0;  ///< times that the prices were adapted to since they were fitted

    const ColumnValues& of(Target target) const { return prices[static_cast<std::size_t>(target)]; }
    ColumnValues& of(Target target) { return prices[static_cast<std::size_t>(target)]; }
    bool has(CostKind kind) const noexcept { return rows[static_cast<std::size_t>(kind)] > 0; }

    friend bool operator==(const Coefficients&, const Coefficients&) = default;
};

/// The engine of a model file or of a trainer: a profile by name, with `bit_length` and `threads` of `parameters` where
/// it has them; else those of the engine, with the 4 threads of the published measurements on one machine. Throws
/// input::InputError, with `name` for the file, for an unknown engine or parameter and a value out of range.
EngineProfile engine_of(const model_file::EngineProfile& engine, const std::string& setting, const std::string& name);

/// Reads the parameters of a model file of `protocol`. Strict: throws input::InputError, with `name` for the file, for
/// an unknown or missing key, an unknown column, a number out of its range, tensors.
Coefficients read_coefficients(const model_file::ModelFile& model, const std::string& name);

/// Fills in what reading takes: model, version, roles, features, engine.parameters, parameters, no tensors.
void write_coefficients(const Coefficients& coefficients, const EngineProfile& engine, model_file::ModelFile& model);

}  // namespace sotto::protocol
