// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/training/learning_rate.hpp"

#include <cassert>
#include <cmath>
#include <numbers>

namespace sotto::accuracy {

double learning_rate(const LearningRateSchedule& schedule, std::int64_t step) {
    assert(step >= 0 && step < schedule.steps && schedule.warm_up_steps < schedule.steps);
    if (step < schedule.warm_up_steps) {
        return schedule.highest * static_cast<double>(step + 1) / static_cast<double>(schedule.warm_up_steps);
    }
    const double share = static_cast<double>(step - schedule.warm_up_steps) /
                         static_cast<double>(schedule.steps - schedule.warm_up_steps);
    return schedule.highest * 0.5 * (1 + std::cos(std::numbers::pi * share));
}

}  // namespace sotto::accuracy
