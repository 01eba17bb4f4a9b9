// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/training/learning_rate.hpp"

#include <cmath>

#include "tests/support/catch.hpp"

using namespace sotto::accuracy;

TEST_CASE("the learning rate rises in equal steps and then falls as half a cosine") {
    const LearningRateSchedule schedule{0.8, 4, 104};
    CHECK(learning_rate(schedule, 0) == Approx(0.2));
    CHECK(learning_rate(schedule, 1) == Approx(0.4));
    CHECK(learning_rate(schedule, 3) == Approx(0.8));
    CHECK(learning_rate(schedule, 4) == Approx(0.8));
    // cos(pi / 3) = 1 / 2 does not fall on a step of 100; cos(pi / 4), cos(pi / 2) and cos(3 pi / 4) do.
    CHECK(learning_rate(schedule, 29) == Approx(0.4 * (1 + std::sqrt(0.5))));
    CHECK(learning_rate(schedule, 54) == Approx(0.4));
    CHECK(learning_rate(schedule, 79) == Approx(0.4 * (1 - std::sqrt(0.5))));
    // Near its end the cosine is a parabola: 0.8 (pi / 100)^2 / 4.
    CHECK(learning_rate(schedule, 103) == Approx(0.8 * 9.8696044e-4 / 4).epsilon(1e-3));
}

TEST_CASE("the learning rate falls with every step after warm-up and averages half") {
    const LearningRateSchedule schedule{2, 0, 1000};
    double sum = 0;
    for (int step = 0; step < 1000; ++step) {
        const double rate = learning_rate(schedule, step);
        CHECK((step == 0 || rate < learning_rate(schedule, step - 1)));
        sum += rate;
    }
    // The cosines of k pi / 1000 cancel in pairs but for the first.
    CHECK(sum == Approx(1000 + 1));
}

TEST_CASE("a training of one step runs at the highest learning rate") {
    CHECK(learning_rate({0.3, 0, 1}, 0) == Approx(0.3));
}
