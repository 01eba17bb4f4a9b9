// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <numeric>
#include <vector>

#include "tests/search/pareto/random_points.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::pareto;
using sotto::pareto::test::PointSet;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

std::vector<double> crowding(const Points& points, const std::vector<std::size_t>& members) {
    std::vector<double> distance{-1, -1};
    crowding_distance(points, members, distance);
    return distance;
}

std::vector<std::size_t> all_of(const PointSet& set) {
    std::vector<std::size_t> members(set.view().count());
    std::iota(members.begin(), members.end(), std::size_t{0});
    return members;
}

/// For points without ties: the neighbours of each point are searched among all others.
std::vector<double> naive_crowding(const Points& points) {
    std::vector<double> distance(points.count(), 0);
    for (std::size_t i = 0; i < points.count(); ++i) {
        for (std::size_t k = 0; k < points.objectives; ++k) {
            double below = -infinity;
            double above = infinity;
            double least = infinity;
            double most = -infinity;
            for (std::size_t j = 0; j < points.count(); ++j) {
                const double value = points[j][k];
                least = std::min(least, value);
                most = std::max(most, value);
                if (value < points[i][k]) {
                    below = std::max(below, value);
                }
                if (value > points[i][k]) {
                    above = std::min(above, value);
                }
            }
            distance[i] += (above - below) / (most - least);
        }
    }
    return distance;
}

}  // namespace

TEST_CASE("crowding of five points by hand") {
    // f1 spans 10, f2 spans 20. (2,12): 4/10 + (20-6)/20; (4,6): (7-2)/10 + (12-2)/20; (7,2): (10-4)/10 + (6-0)/20.
    const PointSet set{{7, 2, 0, 20, 10, 0, 2, 12, 4, 6}, 2};
    const std::vector<double> distance = crowding(set.view(), {0, 1, 2, 3, 4});
    CHECK(distance[0] == Approx(0.6 + 0.3));
    CHECK(distance[1] == infinity);
    CHECK(distance[2] == infinity);
    CHECK(distance[3] == Approx(0.4 + 0.7));
    CHECK(distance[4] == Approx(0.5 + 0.5));
}

TEST_CASE("crowding looks at the members alone") {
    const PointSet set{{0, 4, 100, 100, 1, 3, 0.5, 0.5, 4, 0, 2, 1}, 2};
    const std::vector<double> distance = crowding(set.view(), {4, 2, 0, 5});
    CHECK(distance[0] == infinity);
    CHECK(distance[1] == Approx(2.0 / 4 + 3.0 / 4));
    CHECK(distance[2] == infinity);
    CHECK(distance[3] == Approx(3.0 / 4 + 3.0 / 4));
}

TEST_CASE("crowding of none, one, two and equal points") {
    const PointSet set{{1, 1, 1, 1, 1, 1, 1, 1}, 2};
    CHECK(crowding(set.view(), {}).empty());
    CHECK(crowding(set.view(), {2}) == std::vector<double>{infinity});
    CHECK(crowding(set.view(), {2, 0}) == std::vector<double>{infinity, infinity});
    // Ties by index: points 0 and 3 are the boundary of every objective.
    CHECK(crowding(set.view(), {2, 0, 3, 1}) == std::vector<double>{0, infinity, infinity, 0});
}

TEST_CASE("crowding equals a search for the neighbours of each point") {
    for (std::uint32_t round = 0; round < 100; ++round) {
        random::Stream stream(21, 0, round, random::Purpose::test);
        const std::size_t objectives = 2 + round % 3;
        const std::size_t count = 2 + stream.below(50);
        PointSet set{std::vector<double>(count * objectives), objectives};
        for (double& value : set.values) {
            value = stream.unit();
        }
        const std::vector<double> expected = naive_crowding(set.view());
        const std::vector<double> distance = crowding(set.view(), all_of(set));
        for (std::size_t i = 0; i < count; ++i) {
            REQUIRE((distance[i] == expected[i] || distance[i] == Approx(expected[i]).epsilon(1e-12)));
        }
    }
}

TEST_CASE("crowding does not depend on the order of the members") {
    for (std::uint32_t round = 0; round < 60; ++round) {
        random::Stream stream(22, 0, round, random::Purpose::test);
        const PointSet set = test::grid_points(stream, 40, 2 + round % 3, 5);
        const std::vector<double> distance = crowding(set.view(), all_of(set));
        const std::vector<std::size_t> order = test::random_permutation(stream, 40);
        const std::vector<double> moved = crowding(set.view(), order);
        for (std::size_t k = 0; k < order.size(); ++k) {
            REQUIRE(moved[k] == distance[order[k]]);
        }
    }
}
