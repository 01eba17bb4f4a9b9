// SPDX-License-Identifier: Apache-2.0
#include "search/statistics/rank_test.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"

using namespace sotto::statistics;

namespace {

using Values = std::vector<double>;

double pairs_won(const Values& first, const Values& second) {
    double won = 0;
    for (const double a : first) {
        for (const double b : second) {
            won += a > b ? 1 : a == b ? 0.5 : 0;
        }
    }
    return won;
}

// Samples of these sizes without equal values for which U is `u`.
std::pair<Values, Values> samples_with(std::size_t first, std::size_t second, std::size_t u) {
    Values larger(second);
    for (std::size_t i = 0; i < second; ++i) {
        larger[i] = static_cast<double>(i);
    }
    Values values;
    for (std::size_t i = 0; i < first; ++i) {
        const std::size_t won = std::min(u, second);
        u -= won;
        values.push_back(static_cast<double>(won) - 0.5 - 0.001 * static_cast<double>(i));
    }
    return {values, larger};
}

double p_of(std::size_t first, std::size_t second, std::size_t u) {
    const auto [a, b] = samples_with(first, second, u);
    REQUIRE(pairs_won(a, b) == static_cast<double>(u));
    return rank_test(a, b).p_value;
}

}  // namespace

// The tables of critical values that textbooks print (two-sided, 5 percent): the largest U that is significant.
TEST_CASE("exact significance agrees with the published critical values") {
    struct Critical {
        std::size_t first;
        std::size_t second;
        std::size_t u;
    };
    for (const Critical& row : {Critical{4, 4, 0}, Critical{5, 5, 2}, Critical{6, 6, 5}, Critical{7, 7, 8},
                                Critical{8, 8, 13}, Critical{9, 9, 17}, Critical{10, 10, 23}, Critical{15, 15, 64},
                                Critical{20, 20, 127}, Critical{5, 10, 8}, Critical{8, 12, 22}}) {
        CAPTURE(row.first, row.second);
        CHECK(p_of(row.first, row.second, row.u) <= 0.05);
        CHECK(p_of(row.first, row.second, row.u + 1) > 0.05);
        // The other way round is as significant.
        CHECK(p_of(row.first, row.second, row.first * row.second - row.u) ==
              Approx(p_of(row.first, row.second, row.u)));
    }
}

// scipy.stats.mannwhitneyu 1.17, method='exact'; the second is the example of its documentation.
TEST_CASE("exact p values agree with another program's") {
    const RankTest small = rank_test(Values{1.1, 2.2, 3.3}, Values{0.5, 0.7, 2.5});
    CHECK(small.u == 7);
    CHECK(small.p_value == Approx(0.4).epsilon(1e-12));
    const RankTest ages = rank_test(Values{19, 22, 16, 29, 24}, Values{20, 11, 17, 12});
    CHECK(ages.u == 17);
    CHECK(ages.p_value == Approx(0.1111111111111111).epsilon(1e-12));
    CHECK(ages.exact);
    const RankTest unequal = rank_test(Values{3, 5, 8, 12, 13, 15, 20}, Values{1, 2, 4, 6, 7, 9, 10, 11, 14});
    CHECK(unequal.u == 44);
    CHECK(unequal.p_value == Approx(0.2104895104895105).epsilon(1e-12));
}

// scipy.stats.mannwhitneyu 1.17, method='asymptotic', without and with equal values.
TEST_CASE("the normal approximation agrees with another program's") {
    Values first;
    Values second;
    for (int i = 0; i < 40; ++i) {
        if (i < 35) {
            first.push_back(i * 37 % 101 + 0.25);
        }
        second.push_back((i * 53 + 17) % 103 + 8.5);
    }
    const RankTest distinct = rank_test(first, second);
    CHECK_FALSE(distinct.exact);
    CHECK(distinct.u == 591);
    CHECK(distinct.p_value == Approx(0.2492152717647187).epsilon(1e-12));
    for (std::size_t i = 0; i < 40; ++i) {
        if (i < 35) {
            first[i] = static_cast<double>(i * 37 % 11);
        }
        second[i] = static_cast<double>((i * 53 + 17) % 13);
    }
    const RankTest equal = rank_test(first, second);
    CHECK(equal.u == 579.5);
    CHECK(equal.p_value == Approx(0.2010366741485773).epsilon(1e-12));
}

TEST_CASE("with equal values the exact test counts every way to part them") {
    const Values first = {1, 2, 2, 5};
    const Values second = {2, 3, 5, 5, 7};
    Values all = first;
    all.insert(all.end(), second.begin(), second.end());
    const double mean = 4 * 5 / 2.0;
    const double observed = std::abs(pairs_won(first, second) - mean);
    int as_far = 0;
    int ways = 0;
    for (unsigned chosen = 0; chosen < 1U << all.size(); ++chosen) {
        Values one;
        Values other;
        for (std::size_t i = 0; i < all.size(); ++i) {
            ((chosen >> i & 1U) != 0 ? one : other).push_back(all[i]);
        }
        if (one.size() == first.size()) {
            ++ways;
            as_far += std::abs(pairs_won(one, other) - mean) >= observed ? 1 : 0;
        }
    }
    REQUIRE(ways == 126);
    CHECK(rank_test(first, second).p_value == Approx(static_cast<double>(as_far) / ways).epsilon(1e-12));
}

TEST_CASE("samples that do not differ are no evidence") {
    CHECK(rank_test(Values{1}, Values{2}).p_value == 1);
    CHECK(rank_test(Values{3, 3, 3}, Values{3, 3}).p_value == 1);
    CHECK(rank_test(Values(40, 1), Values(40, 1)).p_value == 1);
    CHECK(rank_test(Values{3, 3, 3}, Values{3, 3}).a12 == 0.5);
}

// Vargha and Delaney 2000: the chance of the first being greater, and their words for it.
TEST_CASE("the effect size is the share of pairs won") {
    const Values first = {1, 4, 4, 9};
    const Values second = {2, 4, 5};
    CHECK(rank_test(first, second).a12 == Approx(pairs_won(first, second) / 12));
    CHECK(rank_test(second, first).a12 == Approx(1 - pairs_won(first, second) / 12));
    CHECK(effect_name(0.5) == std::string("negligible"));
    CHECK(effect_name(0.57) == std::string("small"));
    CHECK(effect_name(0.35) == std::string("medium"));
    CHECK(effect_name(0.72) == std::string("large"));
    CHECK(effect_name(0) == std::string("large"));
}
