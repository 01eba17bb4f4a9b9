// SPDX-License-Identifier: Apache-2.0
#include "tools/picture/axis.hpp"

#include <cmath>
#include <limits>

#include "tests/support/catch.hpp"

using sotto::picture::Axis;
using sotto::picture::Scale;
using sotto::picture::tick_text;

namespace {

Axis axis_of(std::initializer_list<double> values) {
    Axis axis;
    for (const double value : values) {
        axis.include(value);
    }
    axis.choose_scale();
    axis.widen();
    return axis;
}

std::vector<std::string> texts(const std::vector<double>& ticks) {
    std::vector<std::string> result;
    result.reserve(ticks.size());
    for (const double tick : ticks) {
        result.push_back(tick_text(tick));
    }
    return result;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a linear axis has ticks at round steps and no more than asked for") {
    CHECK(texts(axis_of({0, 10}).ticks(6)) == Texts{"0", "2", "4", "6", "8", "10"});
    CHECK(texts(axis_of({-0.3, 0.3}).ticks(7)) == Texts{"-0.3", "-0.2", "-0.1", "0", "0.1", "0.2", "0.3"});
    CHECK(texts(axis_of({1'234'100, 1'234'500}).ticks(5)) ==
          Texts{"1.2341M", "1.2342M", "1.2343M", "1.2344M", "1.2345M"});
    for (const double high : {1e-9, 0.7, 3.3, 19.0, 1e12}) {
        for (std::size_t most = 2; most < 20; ++most) {
            CAPTURE(high, most);
            const std::vector<double> ticks = axis_of({0, high}).ticks(most);
            CHECK(!ticks.empty());
            CHECK(ticks.size() <= most + 1);
        }
    }
}

TEST_CASE("an axis of counts has ticks at whole numbers alone") {
    const auto ticks = [](double high, std::size_t most) {
        Axis axis;
        axis.include(1);
        axis.include(high);
        axis.keep_to_whole_numbers();
        axis.widen();
        return texts(axis.ticks(most));
    };
    CHECK(ticks(2, 8) == Texts{"1", "2"});
    CHECK(ticks(3, 8) == Texts{"1", "2", "3"});
    CHECK(ticks(8, 8) == Texts{"1", "2", "3", "4", "5", "6", "7", "8"});
    CHECK(ticks(20, 8) == Texts{"5", "10", "15", "20"});
}

TEST_CASE("values over a wide range get a logarithmic axis and no value of zero or less does") {
    CHECK(axis_of({1, 19}).scale() == Scale::linear);
    CHECK(axis_of({1, 20}).scale() == Scale::logarithmic);
    CHECK(axis_of({0, 20}).scale() == Scale::linear);
    CHECK(axis_of({-1, 20}).scale() == Scale::linear);
    CHECK(texts(axis_of({2, 150}).ticks(8)) == Texts{"2", "5", "10", "20", "50", "100"});
    CHECK(texts(axis_of({2, 150}).ticks(5)) == Texts{"3", "10", "30", "100"});
    CHECK(texts(axis_of({1, 1e6}).ticks(7)) == Texts{"1", "10", "100", "1000", "10k", "100k", "1M"});
    CHECK(texts(axis_of({1e-6, 1e6}).ticks(5)) == Texts{"1e-06", "0.001", "1", "1000", "1M"});
    CHECK(texts(axis_of({1e-6, 1e6}).ticks(4)) == Texts{"0.0001", "1", "10k"});
}

TEST_CASE("places on an axis follow the scale") {
    const Axis linear = axis_of({10, 20});
    CHECK(linear.part(15) == Approx(0.5));
    CHECK(linear.part(10) == Approx(0.04 / 1.08));
    const Axis logarithmic = axis_of({1, 100});
    CHECK(logarithmic.part(10) == Approx(0.5));
    CHECK(logarithmic.part(1) == Approx(0.04 / 1.08));
    CHECK(linear.holds(20));
    CHECK_FALSE(linear.holds(20.5));
    CHECK_FALSE(linear.holds(std::numeric_limits<double>::quiet_NaN()));
}

TEST_CASE("an axis of one value or of none has a span") {
    for (const double value : {0.0, -3.0, 7.0, 1e15}) {
        CAPTURE(value);
        const Axis axis = axis_of({value, std::nextafter(value, 2e15)});
        CHECK(axis.part(value) == Approx(0.5).margin(0.01));
        CHECK(!axis.ticks(5).empty());
    }
    const Axis none = axis_of({std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()});
    CHECK(none.is_empty());
    CHECK(texts(none.ticks(3)) == Texts{"0", "0.5", "1"});
}
