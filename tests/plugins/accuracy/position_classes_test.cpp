// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/position_classes.hpp"

#include <vector>

#include "tests/support/catch.hpp"

using namespace sotto::accuracy;

TEST_CASE("windows over a constant axis tell border from interior") {
    const auto [axis, taps] = class_taps(Axis::constant(6), 3, 1, 1, 6);
    CHECK(axis.class_of == std::vector<std::int32_t>{0, 1, 1, 1, 1, 2});
    CHECK(axis.multiplicities() == std::vector<std::int32_t>{1, 4, 1});
    CHECK(taps.taps == std::vector<std::int32_t>{-1, 0, 0, 0, 0, 0, 0, 0, -1});
}

TEST_CASE("without padding a constant axis stays constant") {
    const auto [axis, taps] = class_taps(Axis::constant(227), 7, 2, 0, 111);
    CHECK(axis.classes == 1);
    CHECK(axis.class_of.size() == 111);
}

TEST_CASE("a second padded window sees the border of the first") {
    const Axis first = class_taps(Axis::constant(9), 3, 1, 1, 9).first;
    const auto [axis, taps] = class_taps(first, 3, 1, 1, 9);
    CHECK(axis.class_of == std::vector<std::int32_t>{0, 1, 2, 2, 2, 2, 2, 3, 4});
}

TEST_CASE("joined axes keep every difference of either") {
    const Axis left{{0, 1, 1, 1, 2}, 3};
    const Axis right{{0, 0, 1, 1, 1}, 2};
    const auto [axis, taps] = join(left, right);
    CHECK(axis.class_of == std::vector<std::int32_t>{0, 1, 2, 2, 3});
    CHECK(taps.taps == std::vector<std::int32_t>{0, 0, 1, 0, 1, 1, 2, 1});
}
