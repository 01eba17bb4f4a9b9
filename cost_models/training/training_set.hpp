// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sotto/plugin.h"

#include "cost_models/training/measurement_table.hpp"

namespace sotto::training {

enum class Role : std::uint8_t { client, server };
inline constexpr int role_count = 2;
inline constexpr Role roles[role_count] = {Role::client, Role::server};

/// client, server
std::string_view role_name(Role role);

/// What both parties' clocks say of one operation, in milliseconds.
struct RoleTimes {
    double client_ms = 0;
    double server_ms = 0;

    double of(Role role) const noexcept { return role == Role::client ? client_ms : server_ms; }
    double& of(Role role) noexcept { return role == Role::client ? client_ms : server_ms; }
    friend bool operator==(const RoleTimes&, const RoleTimes&) = default;
};

/// A network and the times of its runs. A time that the reader must not know, because it is held out, is NaN: whatever
/// is computed with it by mistake is NaN too.
struct MeasuredNetwork {
    std::string name;
    std::vector<sotto_operation> operations;   ///< in execution order
    std::vector<std::vector<RoleTimes>> runs;  ///< [run][position]
};

using TrainingSet = std::vector<MeasuredNetwork>;

/// Gathers the runs of each network; networks stand in the order of their first run. All tables are of one setting.
/// Throws std::invalid_argument, naming the network, where its operations differ between two runs.
TrainingSet training_set(const std::vector<MeasurementTable>& tables);

/// The set with every time of 0 (below the resolution of the clock) made NaN, as the published figures have it.
TrainingSet without_zero_times(TrainingSet set);

/// The layer types by which figures are told apart, named as in the tables: conv, relu, maxpool, avgpool, bn, trunc,
/// fc, mul, argmax.
std::string_view layer_type(const sotto_operation& operation);

/// Numbers the layer configurations of a set: operations of one kind and equal sizes are one, whichever way they run
/// (`truncates`, `normalization`). [network][position] -> 0, 1, ... in the order of the set.
std::vector<std::vector<std::uint32_t>> configurations(const TrainingSet& set);

}  // namespace sotto::training
