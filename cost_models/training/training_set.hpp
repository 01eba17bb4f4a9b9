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

/// What both parties' clocks say of one operation, in milliseconds.
struct RoleTimes {
    double client_ms = 0;
    double server_ms = 0;

    double of(Role role) const noexcept { return role == Role::client ? client_ms : server_ms; }
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
TrainingSet training_set(const std::vector<MeasurementTable>& tables);

/// The layer types by which figures are told apart, named as in the tables: conv, relu, maxpool, avgpool, bn, trunc,
/// fc, mul, argmax.
std::string_view layer_type(const sotto_operation& operation);

}  // namespace sotto::training
