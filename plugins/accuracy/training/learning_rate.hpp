// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace sotto::accuracy {

/// How the learning rate goes over a training.
struct LearningRateSchedule {
    double highest = 0;
    std::int64_t warm_up_steps = 0;  ///< fewer than steps
    std::int64_t steps = 1;          ///< of the whole training, 1 or more
};

/// The rate of step 0, 1, ..., steps - 1: (step + 1) / warm_up_steps of the highest during warm-up (Goyal et al.,
/// "Accurate, large minibatch SGD: training ImageNet in 1 hour", 2017, section 2.2), then half a cosine down to 0
/// (Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts", ICLR 2017, equation 5 without
/// restarts): (1 + cos(pi (step - warm_up_steps) / (steps - warm_up_steps))) / 2 of it.
double learning_rate(const LearningRateSchedule& schedule, std::int64_t step);

}  // namespace sotto::accuracy
