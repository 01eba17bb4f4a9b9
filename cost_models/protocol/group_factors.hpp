// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <span>

#include "cost_models/protocol/columns.hpp"

namespace sotto::protocol {

/// A measured time and what a model says of it, by group.
struct GroupedTime {
    std::array<double, cost_group_count> predicted_ms{};
    double measured_ms = 0;  ///< positive
};

/// One factor for each group that brings predictions to the measured times: an overall speed (weighted median), and
/// around it non-negative least squares on times whose standard deviation is 15 % and, for short ones, more, with
/// factors drawn to the speed as if each had been measured with a standard deviation of 50 %. Robust: errors beyond 10
/// % count linearly. Without times all factors are 1. Deterministic.
std::array<double, cost_group_count> group_factors(std::span<const GroupedTime> times);

}  // namespace sotto::protocol
