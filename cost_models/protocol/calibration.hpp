// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

#include "cost_models/protocol/coefficients.hpp"
#include "cost_models/protocol/predictor.hpp"

namespace sotto::protocol {

/// One measured time of one operation.
struct TimedStep {
    Step step;
    FeatureRow step_before;  ///< of the operation before where that is linear: the server may wait for it; else empty
    bool is_client = true;
    double measured_ms = 0;
};

/// Of every operation of a program: its columns. `times` and is_client are the caller's. Throws UnpricedOperation.
std::vector<TimedStep> untimed_steps(const Predictor& predictor, std::span<const sotto_operation> program);

/// Prices for another machine, link or bit length from few times (50-100 operations of whole programs or their
/// beginnings, since pools have a state). First a factor for each role and group of prices (group_factors.hpp), then,
/// from 60 times of a role, prices by PriceFit that are drawn to those. Prices of 0 stay 0, waits have the client's
/// factors, times that are not positive are left out. A role without times takes the other's factors. Deterministic.
Coefficients calibrated(const Coefficients& coefficients, const LinkTimes& link, std::span<const TimedStep> times);

/// How far prices are from times: mean |log(measured / predicted)|, each weighted by the root of what was measured.
double misfit(const Coefficients& coefficients, const LinkTimes& link, std::span<const TimedStep> times);

}  // namespace sotto::protocol
