// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <set>
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

/// Where a time stands in a network.
struct TimePlace {
    std::uint32_t run = 0;
    std::uint32_t position = 0;
    Role role = Role::client;

    friend auto operator<=>(const TimePlace&, const TimePlace&) = default;
};

/// A network and the times of its runs. A time that tells nothing of an operation is NaN, so that whatever is computed
/// with it by mistake is NaN too: one that the reader must not know, because it is held out, and one that a table gives
/// as 0 ms, which is below the resolution of the clock. The latter stand in `unresolved` as well, since a sum over
/// operations takes them for the 0 that they are beside the others.
struct MeasuredNetwork {
    std::string name;
    std::vector<sotto_operation> operations;   ///< in execution order
    std::vector<std::vector<RoleTimes>> runs;  ///< [run][position]
    std::set<TimePlace> unresolved = {};

    /// What a sum over operations takes: the time, 0 where it is unresolved, NaN where it is held out.
    double addend(const TimePlace& place) const {
        return unresolved.contains(place) ? 0 : runs[place.run][place.position].of(place.role);
    }
};

using TrainingSet = std::vector<MeasuredNetwork>;

/// Gathers the runs of each network; networks stand in the order of their first run. All tables are of one setting.
/// Times of 0 ms become NaN and `unresolved`. Throws std::invalid_argument, naming the network, where its operations
/// differ between two runs, or a run of it stands in two tables.
TrainingSet training_set(const std::vector<MeasurementTable>& tables);

/// Operations of all networks that have a time of a role, each once however often its network ran.
std::size_t timed_operations(const TrainingSet& set, Role role);

/// For trainers: throws std::invalid_argument that names the role where the set has no time of one.
void require_times_of_both_roles(const TrainingSet& set);

/// The layer types by which figures are told apart, named as in the tables: conv, relu, maxpool, avgpool, bn, trunc,
/// fc, mul, argmax.
std::string_view layer_type(const sotto_operation& operation);

/// Numbers the layer configurations of a set: operations of one kind and equal sizes are one, whichever way they run
/// (`truncates`, `normalization`). [network][position] -> 0, 1, ... in the order of the set.
std::vector<std::vector<std::uint32_t>> configurations(const TrainingSet& set);

}  // namespace sotto::training
