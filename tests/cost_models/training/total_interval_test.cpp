// SPDX-License-Identifier: Apache-2.0
#include "cost_models/training/total_interval.hpp"

#include <cmath>
#include <vector>

#include "engine/random/random.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using training::interval_coverage;
using training::total_interval;

namespace {

std::vector<double> log_normal(std::uint32_t index, std::size_t count) {
    random::Stream stream(5, index, 0, random::Purpose::test);
    std::vector<double> ratios;
    for (std::size_t i = 0; i < count; ++i) {
        const double radius = std::sqrt(-2 * std::log(1 - stream.unit()));
        ratios.push_back(std::exp(0.05 + 0.1 * radius * std::cos(2 * 3.14159265358979 * stream.unit())));
    }
    return ratios;
}

}  // namespace

TEST_CASE("the interval is the order statistics worked out by hand") {
    // 19 ratios, 90 %: (19 + 1) * 0.1 / 2 = 1, the outermost; 39: the second from either end.
    std::vector<double> ratios;
    for (int i = 1; i <= 39; ++i) {
        ratios.push_back(i * 7 % 40);  // 1 ... 39 in another order
    }
    CHECK(total_interval(ratios, 0.9).low == 2);
    CHECK(total_interval(ratios, 0.9).high == 38);
    CHECK(total_interval(ratios, 0.5).low == 10);
    CHECK(total_interval(ratios, 0.5).high == 30);
    CHECK(total_interval(std::vector<double>{3, 2, 5}, 0.9).low == 2);
    CHECK(total_interval(std::vector<double>{3, 2, 5}, 0.9).high == 5);
}

// Distribution free: of networks drawn alike, a further one is covered with at least the probability asked for.
TEST_CASE("intervals cover as many further networks as they say") {
    for (const double coverage : {0.5, 0.9}) {
        int covered = 0;
        constexpr int trials = 4000;
        for (std::uint32_t trial = 0; trial < trials; ++trial) {
            std::vector<double> ratios = log_normal(trial, 46);
            const double further = ratios.back();
            ratios.pop_back();
            const training::TotalInterval interval = total_interval(ratios, coverage);
            covered += further >= interval.low && further <= interval.high ? 1 : 0;
        }
        // 45 ratios: between the 2nd and the 44th, 42 of 46 gaps; the 11th and the 35th, 24 of 46.
        const double expected = coverage == 0.9 ? 42.0 / 46 : 24.0 / 46;
        const double deviation = std::sqrt(expected * (1 - expected) / trials);
        CHECK(std::fabs(static_cast<double>(covered) / trials - expected) < 4 * deviation);
    }
}

TEST_CASE("coverage counts each ratio against the interval of the others") {
    // Of 1, 2, 3 each outer one lies outside the interval of the other two.
    CHECK(interval_coverage(std::vector<double>{1, 2, 3}, 0.9) == Approx(1.0 / 3));
    CHECK(interval_coverage(std::vector<double>{1, 1, 1}, 0.9) == 1);
}
