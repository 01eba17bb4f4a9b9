// SPDX-License-Identifier: Apache-2.0
#include "cost_models/learned/reach.hpp"

#include "cost_models/learned/dense_layers.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::learned;

TEST_CASE("corrections count fully where something was seen and half at the distance") {
    // Inputs 0, 1, ..., 9 in the first place: deviation sqrt(8.25), neighbours 1 apart.
    std::vector<std::vector<double>> rows;
    for (int i = 0; i < 10; ++i) {
        rows.emplace_back(operation_input_count, 5.0);
        rows.back()[0] = i;
    }
    const Reach reach = Reach::of(rows);
    const double step = 1 / std::sqrt(8.25);
    CHECK(reach.distance() == Approx(3 * step));
    std::vector<float> scaled(operation_input_count);
    reach.scale().apply(rows[3], scaled);
    CHECK(reach.share(scaled) == 1);
    std::vector<double> between = rows[9];
    between[0] = 12;  // 3 steps from the last one
    reach.scale().apply(between, scaled);
    CHECK(reach.share(scaled) == Approx(0.5).epsilon(1e-5));
    between[1] = 1e6;  // an input that never varied tells nothing
    reach.scale().apply(between, scaled);
    CHECK(reach.share(scaled) == Approx(0.5).epsilon(1e-5));
}

TEST_CASE("scaled inputs have mean 0 and deviation 1 and are cut off") {
    const InputScale scale = InputScale::of({{1, 10}, {3, 10}});
    std::vector<float> scaled(2);
    scale.apply(std::vector<double>{3, 10}, scaled);
    CHECK(scaled == std::vector<float>{1, 0});
    scale.apply(std::vector<double>{-100, 99}, scaled);
    CHECK(scaled == std::vector<float>{-3, 0});
}

TEST_CASE("a correction stays within its limit") {
    CHECK(correction_factor(0, 0.8, 1) == 1);
    CHECK(correction_factor(1e6, 0.8, 1) == Approx(std::exp(0.8)));
    CHECK(correction_factor(-1e6, 0.8, 0.5) == Approx(std::exp(-0.4)));
    CHECK(correction_factor(0.01, 0.8, 1) == Approx(std::exp(0.01)).epsilon(1e-5));
}
