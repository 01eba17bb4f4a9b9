// SPDX-License-Identifier: Apache-2.0
#include "search/pareto/archive.hpp"

#include <cmath>
#include <map>
#include <stdexcept>
#include <vector>

#include "tests/search/pareto/random_points.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::pareto;
using sotto::pareto::test::PointSet;

namespace {

using Front = std::vector<std::pair<std::vector<double>, std::uint64_t>>;

Front front_of(const Archive& archive) {
    Front front;
    for (const Archive::Member& member : archive.front()) {
        front.emplace_back(std::vector<double>(member.objectives.begin(), member.objectives.end()), member.id);
    }
    return front;
}

/// Compares every pair; the map sorts by the objectives in turn and keeps the smallest id of equal points.
Front naive_front(const Points& points) {
    std::map<std::vector<double>, std::uint64_t> kept;
    for (std::size_t i = 0; i < points.count(); ++i) {
        bool dominated = false;
        for (std::size_t j = 0; j < points.count(); ++j) {
            dominated = dominated || test::naive_dominates(points[j], points[i]);
        }
        if (!dominated) {
            kept.emplace(std::vector<double>(points[i].begin(), points[i].end()), i);
        }
    }
    return {kept.begin(), kept.end()};
}

}  // namespace

TEST_CASE("the archive holds the non-dominated points after every insertion") {
    for (std::uint32_t round = 0; round < 120; ++round) {
        random::Stream stream(41, 0, round, random::Purpose::test);
        const std::size_t objectives = 1 + round % 4;
        const std::uint64_t levels = std::vector<std::uint64_t>{3, 8, 500}[stream.below(3)];
        const PointSet set = test::grid_points(stream, 60, objectives, levels);
        Archive archive(objectives);
        for (std::size_t i = 0; i < 60; ++i) {
            const Front before = front_of(archive);
            const bool admitted = archive.admits(i, set.view()[i]);
            REQUIRE(front_of(archive) == before);
            const bool entered = archive.add(i, set.view()[i]);
            REQUIRE(admitted == entered);
            const Points seen{std::span<const double>(set.values).first((i + 1) * objectives), objectives};
            REQUIRE(front_of(archive) == naive_front(seen));
            REQUIRE(entered == (front_of(archive) != before));
        }
        REQUIRE(archive.size() == archive.front().size());
        REQUIRE(archive.objectives() == objectives);
    }
}

TEST_CASE("the archive does not depend on the order of insertion") {
    for (std::uint32_t round = 0; round < 60; ++round) {
        random::Stream stream(42, 0, round, random::Purpose::test);
        const std::size_t objectives = 2 + round % 2;
        const PointSet set = test::grid_points(stream, 200, objectives, 30);
        Archive forward(objectives);
        Archive shuffled(objectives);
        for (std::size_t i = 0; i < 200; ++i) {
            forward.add(i, set.view()[i]);
        }
        for (const std::size_t i : test::random_permutation(stream, 200)) {
            shuffled.add(i, set.view()[i]);
        }
        REQUIRE(front_of(forward) == front_of(shuffled));
        const std::vector<double> reference(objectives, 31);
        REQUIRE(forward.hypervolume(reference) == shuffled.hypervolume(reference));
        REQUIRE(forward.hypervolume(reference) == hypervolume(set.view(), reference));
    }
}

TEST_CASE("of equal points the archive keeps the smallest id") {
    Archive archive(2);
    CHECK(archive.add(5, std::vector<double>{1, 2}));
    CHECK_FALSE(archive.add(9, std::vector<double>{1, 2}));
    CHECK_FALSE(archive.add(5, std::vector<double>{1, 2}));
    CHECK(archive[0].id == 5);
    CHECK(archive.add(3, std::vector<double>{1, 2}));
    CHECK(archive[0].id == 3);
    CHECK(archive.size() == 1);
}

TEST_CASE("an empty archive has no hypervolume and an empty front") {
    const Archive archive(3);
    CHECK(archive.front().empty());
    CHECK(archive.hypervolume(std::vector<double>{1, 1, 1}) == 0);
}

TEST_CASE("the archive refuses what is no point of its space") {
    CHECK_THROWS_AS(Archive(0), std::invalid_argument);
    Archive archive(2);
    archive.add(0, std::vector<double>{1, 1});
    CHECK_THROWS_AS(archive.add(1, std::vector<double>{0}), std::invalid_argument);
    CHECK_THROWS_AS(archive.add(1, std::vector<double>{0, 0, 0}), std::invalid_argument);
    CHECK_THROWS_AS(archive.add(1, std::vector<double>{0, NAN}), std::invalid_argument);
    CHECK_THROWS_AS(archive.add(1, std::vector<double>{-INFINITY, 0}), std::invalid_argument);
    CHECK_THROWS_AS(archive.hypervolume(std::vector<double>{2, 2, 2}), std::invalid_argument);
    CHECK(archive.size() == 1);
}
