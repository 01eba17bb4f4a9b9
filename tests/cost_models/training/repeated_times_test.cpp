// SPDX-License-Identifier: Apache-2.0
#include "cost_models/training/repeated_times.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "tests/support/catch.hpp"

using namespace sotto::training;

namespace {

constexpr double unknown = std::numeric_limits<double>::quiet_NaN();

// One operation; `runs` are its times.
MeasuredNetwork network(const std::vector<RoleTimes>& runs) {
    MeasuredNetwork result;
    result.operations.resize(1);
    for (const RoleTimes& times : runs) {
        result.runs.push_back({times});
    }
    return result;
}

}  // namespace

TEST_CASE("of few runs the one counts whose slower party was fastest") {
    const RepeatedTimes repeated = repeated_times(network({{10, 30}, {25, 20}, {5, 40}}), 0);
    CHECK(repeated.times == RoleTimes{25, 20});
    CHECK(repeated.runs == 3);
}

TEST_CASE("many runs count with the mean of each party without the largest and the smallest tenth") {
    std::vector<RoleTimes> runs;
    for (std::size_t run = 0; run < 20; ++run) {
        // 2 to 17 are left of 0 to 19, the largest of which are outliers: their mean is 9.5.
        runs.push_back({static_cast<double>(run < 18 ? run : run * 1000), 7});
    }
    const RepeatedTimes repeated = repeated_times(network(runs), 0);
    CHECK(repeated.times.client_ms == Approx(9.5));
    CHECK(repeated.times.server_ms == Approx(7));
    CHECK(repeated.runs == 20);
}

TEST_CASE("runs without both times do not count") {
    CHECK(repeated_times(network({{1, unknown}, {4, 5}, {unknown, unknown}}), 0).times == RoleTimes{4, 5});
    CHECK(repeated_times(network({{1, unknown}, {4, 5}, {unknown, unknown}}), 0).runs == 1);
    const RepeatedTimes nothing = repeated_times(network({{unknown, 1}}), 0);
    CHECK(nothing.runs == 0);
    CHECK(std::isnan(nothing.times.client_ms));
    CHECK(std::isnan(nothing.times.server_ms));
}
