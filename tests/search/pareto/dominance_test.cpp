// SPDX-License-Identifier: Apache-2.0
#include <vector>

#include "tests/search/pareto/random_points.hpp"
#include "tests/support/catch.hpp"

using namespace sotto::pareto;

TEST_CASE("a point dominates what it is nowhere worse and somewhere better than") {
    const std::vector<double> a{1, 2, 3};
    CHECK(dominates(a, std::vector<double>{1, 2, 4}));
    CHECK(dominates(a, std::vector<double>{2, 3, 4}));
    CHECK_FALSE(dominates(a, std::vector<double>{0, 3, 4}));
    CHECK_FALSE(dominates(a, std::vector<double>{1, 2, 2}));
    CHECK_FALSE(dominates(a, a));
    CHECK(dominates(std::vector<double>{-1.0}, std::vector<double>{0.0}));
    CHECK_FALSE(dominates(std::vector<double>{-0.0, 1}, std::vector<double>{0.0, 1}));
}

TEST_CASE("dominance is a strict partial order on every triple of a small grid") {
    std::vector<std::vector<double>> grid;
    for (int i = 0; i < 9; ++i) {
        grid.push_back({static_cast<double>(i / 3), static_cast<double>(i % 3)});
    }
    for (const auto& a : grid) {
        for (const auto& b : grid) {
            CHECK(dominates(a, b) == test::naive_dominates(a, b));
            CHECK_FALSE((dominates(a, b) && dominates(b, a)));
            for (const auto& c : grid) {
                if (dominates(a, b) && dominates(b, c)) {
                    CHECK(dominates(a, c));
                }
            }
        }
    }
}
