// SPDX-License-Identifier: Apache-2.0
#include "search/statistics/rank_correlation.hpp"

#include <cmath>
#include <vector>

#include "tests/support/catch.hpp"

using namespace sotto::statistics;

namespace {

const std::vector<double> left{3.1, 2, 2, 5.5, 8, 8, 8, 1, 0.5, 4, 6, 7};
const std::vector<double> right{1, 2, 2, 2, 9, 7, 8, 3, 0, 4, 4, -1};

/// Tau-b over all pairs, by its definition.
double tau_of_pairs(const std::vector<double>& a, const std::vector<double>& b) {
    double sum = 0;
    double differ_a = 0;
    double differ_b = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        for (std::size_t j = i + 1; j < a.size(); ++j) {
            const double sign_a = a[i] < a[j] ? 1 : a[i] > a[j] ? -1 : 0;
            const double sign_b = b[i] < b[j] ? 1 : b[i] > b[j] ? -1 : 0;
            sum += sign_a * sign_b;
            differ_a += sign_a * sign_a;
            differ_b += sign_b * sign_b;
        }
    }
    return sum / std::sqrt(differ_a * differ_b);
}

}  // namespace

// Values of scipy.stats (1.10); intervals by hand from the cited formulas.
TEST_CASE("rank correlations with equal values are those of scipy") {
    const RankCorrelation rho = spearman(left, right);
    CHECK(rho.value == Approx(0.604982206405694));
    CHECK(rho.low == Approx(-0.009621846749230964));
    CHECK(rho.high == Approx(0.8878247949992906));
    const RankCorrelation tau = kendall(left, right);
    CHECK(tau.value == Approx(0.46774193548387094));
    CHECK(tau.low == Approx(0.04905394815864982));
    CHECK(tau.high == Approx(0.7466133074218583));
}

TEST_CASE("tau is that of all pairs") {
    std::vector<double> a;
    std::vector<double> b;
    for (int index = 0; index < 300; ++index) {
        a.push_back(index * 7919 % 61);
        b.push_back(index * 104729 % 47 + (index % 3 == 0 ? a.back() : 0));
        CHECK((index < 2 || kendall(a, b).value == Approx(tau_of_pairs(a, b)).margin(1e-12)));
    }
}

TEST_CASE("perfect and absent order have their limits") {
    const std::vector<double> up{1, 2, 3, 4, 5, 6};
    const std::vector<double> down{6, 5, 4, 3, 2, 1};
    const std::vector<double> flat(6, 1.5);
    CHECK(spearman(up, up).value == Approx(1));
    CHECK(kendall(up, down).value == Approx(-1));
    CHECK(std::isnan(spearman(up, flat).value));
    CHECK(std::isnan(kendall(flat, up).value));
    CHECK(std::isnan(kendall({up.data(), 3}, {up.data(), 3}).low));
}
