// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/random_weights.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/support/catch.hpp"

using namespace sotto::accuracy;

TEST_CASE("the mixer is SplitMix64's") {
    // The first outputs of SplitMix64 for seed 0, as published with the generator.
    CHECK(mix(0x9E3779B97F4A7C15ULL) == 0xE220A8397B1DCDAFULL);
    CHECK(mix(2 * 0x9E3779B97F4A7C15ULL) == 0x6E789E6AA1B965F4ULL);
    CHECK(mix(3 * 0x9E3779B97F4A7C15ULL) == 0x06C45D188009454FULL);
}

TEST_CASE("weights have the bounds, mean and variance of Kaiming's uniform distribution") {
    std::vector<float> weights(400001);
    fill_kaiming_uniform(weights, 150, 7, 11);
    const double bound = std::sqrt(6.0 / 150);
    double sum = 0;
    double squares = 0;
    for (const float weight : weights) {
        sum += weight;
        squares += static_cast<double>(weight) * weight;
    }
    const auto [least, most] = std::minmax_element(weights.begin(), weights.end());
    CHECK(*least >= -bound);
    CHECK(*least < -0.999 * bound);
    CHECK(*most <= bound);
    CHECK(*most > 0.999 * bound);
    const double n = static_cast<double>(weights.size());
    // Five standard errors.
    CHECK(std::fabs(sum / n) < 5 * std::sqrt(2.0 / 150 / n));
    CHECK(squares / n == Approx(2.0 / 150).epsilon(5 * std::sqrt(0.8 / n)));
    CHECK(std::count(weights.begin(), weights.end(), 0.0F) == 0);
}

TEST_CASE("a shorter draw is a prefix of a longer one, and streams differ") {
    std::vector<float> longer(1001);
    std::vector<float> shorter(500);
    std::vector<float> other(500);
    fill_kaiming_uniform(longer, 9, 1, 2);
    fill_kaiming_uniform(shorter, 9, 1, 2);
    CHECK(std::equal(shorter.begin(), shorter.end(), longer.begin()));
    fill_kaiming_uniform(other, 9, 1, 3);
    CHECK(other != shorter);
    fill_kaiming_uniform(other, 9, 2, 2);
    CHECK(other != shorter);
}

TEST_CASE("noise has the quantiles of the normal distribution") {
    std::vector<float> values(1000000);
    fill_normal(values, 3, 4);
    std::sort(values.begin(), values.end());
    // Probability of being below x: ½ erfc(-x / √2); tails included.
    for (const double x : {-4.0, -3.0, -2.0, -1.0, -0.3, 0.0, 0.5, 1.5, 2.5, 3.5}) {
        const double expected = 0.5 * std::erfc(-x / std::sqrt(2.0));
        const auto below = std::lower_bound(values.begin(), values.end(), static_cast<float>(x)) - values.begin();
        const double found = static_cast<double>(below) / static_cast<double>(values.size());
        INFO("x = " << x);
        CHECK(std::fabs(found - expected) < 5 * std::sqrt(expected * (1 - expected) / 1e6));
    }
    CHECK(std::isfinite(values.front()));
    CHECK(std::isfinite(values.back()));
}
