// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>
#include <vector>

#include "tests/search/pareto/random_points.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::pareto;
using sotto::pareto::test::PointSet;

namespace {

/// Counts the unit cells of the grid below `side` that some point dominates.
double count_cells(const Points& points, std::size_t side) {
    std::size_t cells = 0;
    std::vector<double> corner(points.objectives, 0);
    for (std::size_t k = 0; k < corner.size();) {
        for (std::size_t i = 0; i < points.count(); ++i) {
            if (std::ranges::equal(points[i], corner, [](double a, double b) { return a <= b; })) {
                ++cells;
                break;
            }
        }
        for (k = 0; k < corner.size() && ++corner[k] == static_cast<double>(side); ++k) {
            corner[k] = 0;
        }
    }
    return static_cast<double>(cells);
}

/// The volume of a union of boxes, by inclusion and exclusion over all subsets.
double inclusion_exclusion(const Points& points, const std::vector<double>& reference) {
    double volume = 0;
    for (std::size_t subset = 1; subset < (std::size_t{1} << points.count()); ++subset) {
        double box = -1;
        for (std::size_t i = 0; i < points.count(); ++i) {
            box = (subset >> i & 1U) != 0 ? -box : box;
        }
        for (std::size_t k = 0; k < points.objectives; ++k) {
            double worst = -std::numeric_limits<double>::infinity();
            for (std::size_t i = 0; i < points.count(); ++i) {
                if ((subset >> i & 1U) != 0) {
                    worst = std::max(worst, points[i][k]);
                }
            }
            box *= std::max(0.0, reference[k] - worst);
        }
        volume += box;
    }
    return volume;
}

}  // namespace

TEST_CASE("hypervolume of hand-drawn sets") {
    // Steps of width 1: 1x1 + 1x3 + 1x4 below the corner (5, 5).
    const PointSet plane{{2, 4, 3, 2, 4, 1, 4, 4}, 2};
    CHECK(hypervolume(plane.view(), std::vector<double>{5, 5}) == 8);
    // Two boxes of 2x2x1 and 1x1x3 that share 1x1x1.
    const PointSet space{{0, 0, 2, 1, 1, 0}, 3};
    CHECK(hypervolume(space.view(), std::vector<double>{2, 2, 3}) == 4 + 3 - 1);
}

TEST_CASE("hypervolume of three points on a line by hand") {
    // Front (1,0), (0.5,0.5), (0,1) under (1.2, 1.2): 0.2*1.2 + 0.5*0.7 + 0.5*0.2.
    const PointSet plane{{1, 0, 0.5, 0.5, 0, 1}, 2};
    CHECK(hypervolume(plane.view(), std::vector<double>{1.2, 1.2}) == Approx(0.24 + 0.35 + 0.1));
}

TEST_CASE("hypervolume of the maximised set that BoTorch tests with") {
    // botorch/test/utils/multi_objective/test_hypervolume.py: 37.75 above the reference (0, 0).
    const PointSet plane{{-8.5, -3, -8.5, -3.5, -5, -5, -9, -1, -4, -5}, 2};
    CHECK(hypervolume(plane.view(), std::vector<double>{0, 0}) == Approx(37.75));
}

TEST_CASE("hypervolume of a dense linear front approaches the triangle") {
    const int steps = 1000;
    PointSet plane{{}, 2};
    PointSet space{{}, 3};
    for (int i = 0; i <= steps; ++i) {
        const double x = static_cast<double>(i) / steps;
        plane.values.insert(plane.values.end(), {x, 1 - x});
        space.values.insert(space.values.end(), {0.25, 1 - x, x});
    }
    // The staircase misses half a step of each of the 1000 steps.
    CHECK(hypervolume(plane.view(), std::vector<double>{1, 1}) == Approx(0.5 - 0.5 / steps));
    CHECK(hypervolume(space.view(), std::vector<double>{1, 1, 1}) == Approx(0.75 * (0.5 - 0.5 / steps)));
}

TEST_CASE("points that do not lie below the reference in every objective add nothing") {
    const std::vector<double> reference{2, 3};
    CHECK(hypervolume(Points{{}, 2}, reference) == 0);
    CHECK(hypervolume(PointSet{{2, 0}, 2}.view(), reference) == 0);
    CHECK(hypervolume(PointSet{{0, 3}, 2}.view(), reference) == 0);
    CHECK(hypervolume(PointSet{{2, 3}, 2}.view(), reference) == 0);
    CHECK(hypervolume(PointSet{{-9, 4, 5, -9, 1, 1}, 2}.view(), reference) == 2);
    CHECK(hypervolume(PointSet{{-5, -5, 1}, 3}.view(), std::vector<double>{0, 0, 1}) == 0);
    CHECK(hypervolume(PointSet{{-5, -5, 0.5}, 3}.view(), std::vector<double>{0, 0, 1}) == 12.5);
}

TEST_CASE("hypervolume equals the count of dominated cells") {
    for (std::uint32_t round = 0; round < 300; ++round) {
        random::Stream stream(31, 0, round, random::Purpose::test);
        const std::size_t objectives = 1 + round % 4;
        const std::uint64_t levels = 3 + stream.below(objectives == 4 ? 5 : 10);
        const std::size_t side = 1 + stream.below(levels + 2);
        const PointSet set = test::grid_points(stream, stream.below(40), objectives, levels);
        const std::vector<double> reference(objectives, static_cast<double>(side));
        INFO("round " << round);
        // Whole numbers below 2^53: every sum is exact.
        REQUIRE(hypervolume(set.view(), reference) == count_cells(set.view(), side));
    }
}

TEST_CASE("hypervolume of many points in four objectives equals the count of dominated cells") {
    for (std::uint32_t round = 0; round < 20; ++round) {
        random::Stream stream(35, 0, round, random::Purpose::test);
        const std::uint64_t levels = 6 + stream.below(5);
        // Near the far corner, so that most of them are of use.
        PointSet set{{}, 4};
        while (set.values.size() < std::size_t{4} * 300) {
            const PointSet point = test::grid_points(stream, 1, 4, levels);
            double sum = 0;
            for (const double value : point.values) {
                sum += value;
            }
            if (sum >= 2 * static_cast<double>(levels - 1)) {
                set.values.insert(set.values.end(), point.values.begin(), point.values.end());
            }
        }
        const std::vector<double> reference(4, static_cast<double>(levels));
        REQUIRE(hypervolume(set.view(), reference) == count_cells(set.view(), levels));
        const PointSet moved = test::permuted(set, test::random_permutation(stream, 300));
        REQUIRE(hypervolume(moved.view(), reference) == hypervolume(set.view(), reference));
    }
}

TEST_CASE("hypervolume equals inclusion and exclusion over boxes") {
    for (std::uint32_t round = 0; round < 100; ++round) {
        random::Stream stream(32, 0, round, random::Purpose::test);
        const std::size_t objectives = 1 + round % 4;
        PointSet set{std::vector<double>((1 + stream.below(9)) * objectives), objectives};
        for (double& value : set.values) {
            value = 2 * stream.unit() - 1;
        }
        const std::vector<double> reference{0.8, 0.9, 0.7, 0.6};
        const std::vector<double> corner(reference.begin(), reference.begin() + static_cast<long>(objectives));
        REQUIRE(hypervolume(set.view(), corner) ==
                Approx(inclusion_exclusion(set.view(), corner)).epsilon(1e-10).margin(1e-12));
    }
}

TEST_CASE("the gain of a point is the count of cells that it alone dominates") {
    for (std::uint32_t round = 0; round < 300; ++round) {
        random::Stream stream(34, 0, round, random::Purpose::test);
        const std::size_t objectives = 1 + round % 4;
        const std::uint64_t levels = 3 + stream.below(objectives == 4 ? 5 : 10);
        const std::size_t side = 1 + stream.below(levels + 2);
        const std::size_t count = stream.below(40);
        const PointSet set = test::grid_points(stream, count + 1, objectives, levels);
        const std::vector<double> reference(objectives, static_cast<double>(side));
        const Points before{set.view().values.first(count * objectives), objectives};
        INFO("round " << round);
        REQUIRE(hypervolume_gain(before, set.view()[count], reference) ==
                count_cells(set.view(), side) - count_cells(before, side));
    }
}

TEST_CASE("the order of the points does not change a bit of the hypervolume") {
    for (std::uint32_t round = 0; round < 40; ++round) {
        random::Stream stream(33, 0, round, random::Purpose::test);
        const std::size_t objectives = 1 + round % 4;
        PointSet set{std::vector<double>(60 * objectives), objectives};
        for (double& value : set.values) {
            value = stream.unit();
        }
        const std::vector<double> reference(objectives, 0.9);
        const double volume = hypervolume(set.view(), reference);
        const PointSet moved = test::permuted(set, test::random_permutation(stream, 60));
        REQUIRE(hypervolume(moved.view(), reference) == volume);
    }
}

TEST_CASE("hypervolume refuses other dimensions and a reference that does not fit") {
    const std::vector<double> values(12, 0.5);
    CHECK_THROWS_AS(hypervolume(Points{values, 0}, std::vector<double>()), std::invalid_argument);
    CHECK_THROWS_AS(hypervolume(Points{values, 5}, std::vector<double>(5, 1)), std::invalid_argument);
    CHECK_THROWS_AS(hypervolume(Points{values, 2}, std::vector<double>(3, 1)), std::invalid_argument);
    CHECK_THROWS_AS(hypervolume(Points{values, 3}, std::vector<double>(2, 1)), std::invalid_argument);
    CHECK_THROWS_AS(hypervolume(Points{values, 2}, std::vector<double>{1, INFINITY}), std::invalid_argument);
    CHECK_THROWS_AS(hypervolume(Points{values, 2}, std::vector<double>{NAN, 1}), std::invalid_argument);
    CHECK_THROWS_AS(hypervolume_gain(Points{values, 2}, std::vector<double>(3, 0), std::vector<double>(2, 1)),
                    std::invalid_argument);
}
