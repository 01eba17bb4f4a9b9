// SPDX-License-Identifier: Apache-2.0
#include "search/loop/objective.hpp"

#include "tests/support/catch.hpp"

using sotto::search::Goal;
using sotto::search::Objective;

TEST_CASE("the reference point is worse than the baseline by the baseline's magnitude") {
    const std::vector<Objective> objectives = {{"latency", Goal::minimize}, {"score", Goal::maximize}};
    const std::vector<double> positive = {20'000, 8};
    CHECK(reference_point(objectives, positive) == std::vector<double>{40'000, 0});
    const std::vector<double> negative = {-5, -3};
    CHECK(reference_point(objectives, negative) == std::vector<double>{0, -6});
    const std::vector<double> zero = {0, 0};
    CHECK(reference_point(objectives, zero) == std::vector<double>{1, -1});
}

TEST_CASE("the hypervolume scale is the baseline's magnitude, 1 where it is 0") {
    const std::vector<double> baseline = {20'000, -3, 0};
    CHECK(sotto::search::hypervolume_scale(baseline) == std::vector<double>{20'000, 3, 1});
}

TEST_CASE("a maximised objective is minimised with its sign turned") {
    CHECK(Objective{"score", Goal::maximize}.minimized(2.5) == -2.5);
    CHECK(Objective{"latency", Goal::minimize}.minimized(2.5) == 2.5);
}
