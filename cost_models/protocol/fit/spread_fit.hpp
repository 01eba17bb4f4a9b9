// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "cost_models/protocol/coefficients.hpp"

namespace sotto::protocol {

/// A whole network's time that was predicted without it.
struct HeldOutTotal {
    double measured_ms = 0;   ///< positive
    double predicted_ms = 0;  ///< positive
};

/// The spread of such totals' relative errors: short_ms by likelihood among a few values, relative such that an
/// interval of 1.645 standard deviations on either side holds 90 % of them, with one more counted as outside
/// (split conformal prediction). Without totals 0.
Spread fit_spread(std::span<const HeldOutTotal> totals);

}  // namespace sotto::protocol
