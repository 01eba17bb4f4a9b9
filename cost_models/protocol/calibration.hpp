// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "cost_models/protocol/coefficients.hpp"
#include "cost_models/protocol/group_factors.hpp"
#include "cost_models/protocol/predictor.hpp"

namespace sotto::protocol {

/// What a model says of one operation, or of a whole program, by group of prices.
struct GroupedCost {
    std::array<double, cost_group_count> client_ms{};
    std::array<double, cost_group_count> server_ms{};  ///< without the wait
    std::array<double, cost_group_count> wait_ms{};    ///< of the server, for the operation before

    GroupedCost& operator+=(const GroupedCost& other) noexcept;
    bool is_client_slower() const noexcept;
};

/// Of every operation. Throws UnpricedOperation.
std::vector<GroupedCost> grouped_costs(const Predictor& predictor, std::span<const sotto_operation> program);

/// One measured time; `cost` is what the model says of it.
struct TimedCost {
    bool is_client = true;
    GroupedCost cost;
    double measured_ms = 0;
};

/// Factors for another machine, link or bit length from few times (50-100 operations in whole programs or their
/// beginnings, since pools have a state): for each role one for each group, see group_factors.hpp. Times that are not
/// positive are left out. The server's times count without its wait, which has the client's factors. A role without
/// times takes the factors of the other.
Calibration fit_calibration(std::span<const TimedCost> times);

}  // namespace sotto::protocol
