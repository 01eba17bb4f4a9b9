// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <vector>

#include "tests/search/pareto/random_points.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::pareto;
using sotto::pareto::test::PointSet;

namespace {

/// Takes the non-dominated points away layer by layer, comparing every pair each time.
std::vector<std::uint32_t> peel(const Points& points) {
    constexpr std::uint32_t unranked = std::numeric_limits<std::uint32_t>::max();
    std::vector<std::uint32_t> rank(points.count(), unranked);
    std::size_t left = points.count();
    for (std::uint32_t layer = 0; left > 0; ++layer) {
        std::vector<std::size_t> members;
        for (std::size_t i = 0; i < points.count(); ++i) {
            bool dominated = rank[i] != unranked;
            for (std::size_t j = 0; j < points.count() && !dominated; ++j) {
                dominated = rank[j] == unranked && test::naive_dominates(points[j], points[i]);
            }
            if (!dominated) {
                members.push_back(i);
            }
        }
        for (const std::size_t i : members) {
            rank[i] = layer;
        }
        left -= members.size();
    }
    return rank;
}

std::vector<std::size_t> naive_front(const Points& points) {
    std::vector<std::size_t> front;
    for (std::size_t i = 0; i < points.count(); ++i) {
        bool kept = true;
        for (std::size_t j = 0; j < points.count() && kept; ++j) {
            const bool equal = std::ranges::equal(points[i], points[j]);
            kept = !test::naive_dominates(points[j], points[i]) && !(equal && j < i);
        }
        if (kept) {
            front.push_back(i);
        }
    }
    return front;
}

std::vector<std::uint32_t> sorted(const Points& points) {
    std::vector<std::uint32_t> rank{7, 7, 7};
    non_dominated_sort(points, rank);
    return rank;
}

}  // namespace

TEST_CASE("ranks of a hand-drawn plane") {
    // Fronts by hand: {(1,5) (2,3) (4,1)}, {(2,5) (3,4) (4,3)}, {(5,5)}; (2,3) stands twice.
    const PointSet set{{5, 5, 2, 3, 4, 3, 1, 5, 2, 5, 4, 1, 3, 4, 2, 3}, 2};
    CHECK(sorted(set.view()) == std::vector<std::uint32_t>{2, 0, 1, 0, 1, 0, 1, 0});
    CHECK(non_dominated_front(set.view()) == std::vector<std::size_t>{1, 3, 5});
}

TEST_CASE("sorting nothing, one point and equal points") {
    CHECK(sorted(Points{{}, 2}).empty());
    CHECK(sorted(Points{{}, 0}).empty());
    CHECK(non_dominated_front(Points{{}, 3}).empty());
    for (std::size_t objectives = 1; objectives <= 5; ++objectives) {
        const PointSet one{std::vector<double>(objectives, 3), objectives};
        CHECK(sorted(one.view()) == std::vector<std::uint32_t>{0});
        const PointSet equal{std::vector<double>(objectives * 4, 3), objectives};
        CHECK(sorted(equal.view()) == std::vector<std::uint32_t>(4, 0));
        CHECK(non_dominated_front(equal.view()) == std::vector<std::size_t>{0});
    }
}

TEST_CASE("a chain has as many ranks as points, an antichain one") {
    PointSet chain{{}, 4};
    PointSet antichain{{}, 3};
    for (int i = 0; i < 200; ++i) {
        const double value = (i * 77) % 200;
        chain.values.insert(chain.values.end(), {value, value, 1, value});
        antichain.values.insert(antichain.values.end(), {value, -value, 5});
    }
    const std::vector<std::uint32_t> rank = sorted(chain.view());
    for (std::size_t i = 0; i < 200; ++i) {
        CHECK(rank[i] == (i * 77) % 200);
    }
    CHECK(sorted(antichain.view()) == std::vector<std::uint32_t>(200, 0));
}

TEST_CASE("ranks and fronts equal those found by comparing all pairs") {
    for (std::uint32_t round = 0; round < 400; ++round) {
        random::Stream stream(11, 0, round, random::Purpose::test);
        const std::size_t objectives = 1 + round % 5;
        const std::size_t count = stream.below(70);
        const std::uint64_t levels = std::vector<std::uint64_t>{2, 4, 9, 1000}[stream.below(4)];
        const PointSet set = test::grid_points(stream, count, objectives, levels);
        INFO("round " << round << ", " << count << " points, " << objectives << " objectives, " << levels << " levels");
        REQUIRE(sorted(set.view()) == peel(set.view()));
        REQUIRE(non_dominated_front(set.view()) == naive_front(set.view()));
    }
}

TEST_CASE("a permutation of the points permutes their ranks") {
    for (std::uint32_t round = 0; round < 60; ++round) {
        random::Stream stream(12, 0, round, random::Purpose::test);
        const PointSet set = test::grid_points(stream, 300, 2 + round % 3, 12);
        const std::vector<std::size_t> order = test::random_permutation(stream, 300);
        const std::vector<std::uint32_t> rank = sorted(set.view());
        const std::vector<std::uint32_t> moved = sorted(test::permuted(set, order).view());
        for (std::size_t k = 0; k < order.size(); ++k) {
            REQUIRE(moved[k] == rank[order[k]]);
        }
    }
}

TEST_CASE("the lexicographic order is sorted, complete and breaks ties by index") {
    for (std::uint32_t round = 0; round < 60; ++round) {
        random::Stream stream(13, 0, round, random::Purpose::test);
        const PointSet set = test::grid_points(stream, 100, 1 + round % 4, 3);
        std::vector<std::uint32_t> order;
        lexicographic_order(set.view(), order);
        std::vector<bool> seen(100, false);
        for (std::size_t k = 0; k < order.size(); ++k) {
            REQUIRE_FALSE(seen[order[k]]);
            seen[order[k]] = true;
            if (k > 0) {
                const auto before = set.view()[order[k - 1]];
                const auto point = set.view()[order[k]];
                const bool less =
                    std::lexicographical_compare(before.begin(), before.end(), point.begin(), point.end());
                const bool equal = std::ranges::equal(before, point);
                REQUIRE((less || (equal && order[k - 1] < order[k])));
            }
        }
        REQUIRE(order.size() == 100);
    }
}
