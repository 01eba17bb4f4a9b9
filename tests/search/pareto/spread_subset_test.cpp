// SPDX-License-Identifier: Apache-2.0
#include "search/pareto/spread_subset.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

#include "tests/support/catch.hpp"

using sotto::pareto::Points;
using sotto::pareto::spread_subset;

namespace {

double distance(const Points& points, std::size_t first, std::size_t second) {
    double sum = 0;
    for (std::size_t k = 0; k < points.objectives; ++k) {
        sum += std::pow(points[first][k] - points[second][k], 2);
    }
    return std::sqrt(sum);
}

// How far the worst point is from the nearest chosen one.
double radius(const Points& points, const std::vector<std::size_t>& chosen) {
    double worst = 0;
    for (std::size_t i = 0; i < points.count(); ++i) {
        double nearest = INFINITY;
        for (const std::size_t j : chosen) {
            nearest = std::min(nearest, distance(points, i, j));
        }
        worst = std::max(worst, nearest);
    }
    return worst;
}

// The least radius of any choice, by trying all.
double best_radius(const Points& points, std::size_t count) {
    std::vector<bool> mask(points.count(), false);
    std::fill(mask.end() - static_cast<std::ptrdiff_t>(count), mask.end(), true);
    double best = INFINITY;
    do {
        std::vector<std::size_t> chosen;
        for (std::size_t i = 0; i < mask.size(); ++i) {
            if (mask[i]) {
                chosen.push_back(i);
            }
        }
        best = std::min(best, radius(points, chosen));
    } while (std::next_permutation(mask.begin(), mask.end()));
    return best;
}

}  // namespace

TEST_CASE("a spread subset is evenly spaced on a line") {
    const std::vector<double> line = {0, 1, 2, 3, 4, 5, 6, 7, 8};
    std::vector<std::size_t> chosen = spread_subset({line, 1}, 3);
    CHECK(chosen == std::vector<std::size_t>{0, 8, 4});
    chosen = spread_subset({line, 1}, 5);
    std::sort(chosen.begin(), chosen.end());
    CHECK(chosen == std::vector<std::size_t>{0, 2, 4, 6, 8});
}

TEST_CASE("the ends of every coordinate come first, each point once") {
    const std::vector<double> rows = {3, 3, 0, 9, 9, 0, 5, 5};
    CHECK(spread_subset({rows, 2}, 1) == std::vector<std::size_t>{1});
    CHECK(spread_subset({rows, 2}, 2) == std::vector<std::size_t>{1, 2});
    const std::vector<std::size_t> all = spread_subset({rows, 2}, 17);
    CHECK(std::set<std::size_t>(all.begin(), all.end()) == std::set<std::size_t>{0, 1, 2, 3});
    CHECK(all.size() == 4);
    CHECK(spread_subset({{}, 2}, 3).empty());
    const std::vector<double> equal(10, 1.0);
    const std::vector<std::size_t> of_equal = spread_subset({equal, 2}, 5);
    CHECK(std::set<std::size_t>(of_equal.begin(), of_equal.end()).size() == 5);
}

TEST_CASE("the farthest point is at most twice as far as in the best choice of one fewer") {
    std::mt19937_64 draws(3);
    std::uniform_real_distribution<double> coordinate(0, 1);
    for (int round = 0; round < 60; ++round) {
        std::vector<double> rows(std::size_t{2} * 11);
        for (double& value : rows) {
            value = coordinate(draws);
        }
        const Points points{rows, 2};
        for (const std::size_t count : {3, 4, 5}) {
            const std::vector<std::size_t> chosen = spread_subset(points, count);
            REQUIRE(chosen.size() == count);
            // The end of the second coordinate is taken whether or not it is far.
            CHECK(radius(points, chosen) <= 2 * best_radius(points, count - 1) + 1e-12);
        }
    }
}
