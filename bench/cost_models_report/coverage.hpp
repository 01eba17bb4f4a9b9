// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>

namespace sotto::report {

/// A network's total, and one standard deviation of its error as the model states it; NaN: it does not.
struct StatedTotal {
    double measured_ms = 0;
    double predicted_ms = 0;
    double deviation_ms = 0;
};

struct Coverage {
    double covered = 0;             ///< share of totals whose measured time lies in its interval of 90 %
    double half_width_percent = 0;  ///< mean over the totals, of the predicted time
};

/// Of 1.645 standard deviations to either side, at least one total; nothing where one has no deviation.
std::optional<Coverage> coverage_of(std::span<const StatedTotal> totals);

}  // namespace sotto::report
