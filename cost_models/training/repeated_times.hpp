// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "cost_models/training/training_set.hpp"

namespace sotto::training {

/// What is known of one operation's times over all runs of its network.
struct RepeatedTimes {
    RoleTimes times;       ///< NaN where no run has both
    std::size_t runs = 0;  ///< that have both
};

/// Runs that repeat a network often are averaged, without the largest and smallest tenth. Of few runs (below 8) the
/// fastest counts, by the slower party's time: what disturbs a machine only adds, and too few are left to average it
/// out.
RepeatedTimes repeated_times(const MeasuredNetwork& network, std::size_t position);

}  // namespace sotto::training
