// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-run/run_page/front_axis.hpp"

#include "tests/support/catch.hpp"

using sotto::picture::Axis;
using sotto::tools::front_axis;

namespace {

// `count` values from `first` on, `step` apart.
std::vector<double> row(std::size_t count, double first, double step) {
    std::vector<double> values;
    for (std::size_t i = 0; i < count; ++i) {
        values.push_back(first + step * static_cast<double>(i));
    }
    return values;
}

std::vector<double> with(std::vector<double> values, std::initializer_list<double> more) {
    values.insert(values.begin(), more);
    return values;
}

}  // namespace

TEST_CASE("the axis of a front leaves out what lies further off than twice what the rest spans") {
    // 12 to 13.9: a gap of 3.8 is the widest that is held.
    const std::vector<double> front = row(20, 12, 0.1);
    CHECK(front_axis(with(front, {8.21}), {}).holds(8.21));
    CHECK_FALSE(front_axis(with(front, {8.19}), {}).holds(8.19));
    CHECK(front_axis(with(front, {17.69}), {}).holds(17.69));
    CHECK_FALSE(front_axis(with(front, {17.71}), {}).holds(17.71));
    const Axis axis = front_axis(with(front, {0}), {});
    CHECK(axis.holds(12));
    CHECK(axis.holds(13.9));
    CHECK(axis.nearest(0) > 11.9);
    CHECK(axis.nearest(0) < 12);
    CHECK(axis.nearest(13) == 13);
}

TEST_CASE("the axis of a front leaves out one value in twenty at most, at both ends together") {
    CHECK(front_axis(with(row(18, 12, 0.1), {0}), {}).holds(0));
    CHECK_FALSE(front_axis(with(row(19, 12, 0.1), {0}), {}).holds(0));
    CHECK_FALSE(front_axis(with(row(38, 12, 0.1), {0, 0.5}), {}).holds(0.5));
    CHECK(front_axis(with(row(37, 12, 0.1), {0, 0.5}), {}).holds(0));
    CHECK_FALSE(front_axis(with(row(38, 12, 0.1), {99, 100}), {}).holds(99));
    const Axis both = front_axis(with(row(40, 12, 0.1), {0, 100}), {});
    CHECK(both.holds(15.9));
    CHECK_FALSE(both.holds(0));
    CHECK_FALSE(both.holds(100));
}

TEST_CASE("the axis of a front holds what is always to be seen and all that lies near it") {
    const std::vector<double> front = with(row(20, 12, 0.1), {0});
    const double baseline = 1;
    CHECK(front_axis(front, {&baseline, 1}).holds(0));
    const double above = 20;
    const Axis axis = front_axis(front, {&above, 1});
    CHECK(axis.holds(20));
    CHECK(axis.holds(0));  // 12 below what spans 8 now
}

TEST_CASE("a front over powers of ten is measured by these") {
    std::vector<double> front = {1};
    while (front.size() < 24) {
        front.push_back(front.back() * 1.5);
    }
    REQUIRE(front.back() > 1e4);
    CHECK(front_axis(with(front, {1e6}), {}).holds(1e6));
    CHECK(front_axis(with(front, {1e-3}), {}).holds(1e-3));
    CHECK_FALSE(front_axis(with(front, {1e14}), {}).holds(1e14));
}
