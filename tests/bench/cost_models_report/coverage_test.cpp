// SPDX-License-Identifier: Apache-2.0
#include "bench/cost_models_report/coverage.hpp"

#include <limits>
#include <vector>

#include "tests/support/catch.hpp"

using namespace sotto::report;

TEST_CASE("a total is covered within 1.645 standard deviations to either side") {
    // 16.4 and 16.5 off, either way, at a deviation of 10.
    const std::vector<StatedTotal> totals = {{116.4, 100, 10}, {83.6, 100, 10}, {116.5, 100, 10}, {183.5, 200, 10}};
    const auto coverage = coverage_of(totals);
    REQUIRE(coverage.has_value());
    CHECK(coverage->covered == 0.5);
    CHECK(coverage->half_width_percent == Approx((3 * 16.448536 + 8.224268) / 4).epsilon(1e-6));
}

TEST_CASE("intervals that are too narrow or too wide show in what they cover") {
    CHECK(coverage_of(std::vector<StatedTotal>{{101, 100, 0}, {99, 100, 0.5}})->covered == 0);
    CHECK(coverage_of(std::vector<StatedTotal>{{150, 100, 40}, {20, 100, 50}})->covered == 1);
}

TEST_CASE("without a deviation there is no coverage") {
    CHECK_FALSE(coverage_of(std::vector<StatedTotal>{{1, 1, 1}, {1, 1, std::numeric_limits<double>::quiet_NaN()}}));
}
