// SPDX-License-Identifier: Apache-2.0
#include "search/pareto/measured_archive.hpp"

#include <random>

#include "search/pareto/pareto.hpp"
#include "tests/support/catch.hpp"

using sotto::pareto::MeasuredArchive;

TEST_CASE("the hypervolume of an archive is that of all points offered to it") {
    const std::size_t objectives = GENERATE(1U, 2U, 3U, 4U);
    INFO(objectives << " objectives");
    std::mt19937_64 draws(6);
    std::uniform_real_distribution<double> unit(0, 1);
    std::vector<double> reference = {0.9, 1, 1.1, 0.8};
    reference.resize(objectives);
    MeasuredArchive archive(objectives, reference);
    std::vector<double> points;
    for (std::uint64_t id = 1; id <= 800; ++id) {
        std::vector<double> point(objectives);
        for (double& value : point) {
            value = unit(draws);
        }
        // Some come twice.
        for (const std::uint64_t of : {id, id + 1000}) {
            archive.add(of, point);
        }
        points.insert(points.end(), point.begin(), point.end());
        if (id % 100 == 0) {
            const double expected = sotto::pareto::hypervolume({points, objectives}, reference);
            REQUIRE(archive.hypervolume() == Approx(expected).epsilon(1e-12));
            // Known, since nothing entered.
            REQUIRE(archive.hypervolume() == Approx(expected).epsilon(1e-12));
        }
    }
    CHECK(archive.members().size() < 800);
}

TEST_CASE("without a reference the hypervolume of an archive is 0") {
    MeasuredArchive archive(4);
    CHECK(archive.add(1, std::vector<double>{1, 2, 3, 4}));
    CHECK_FALSE(archive.add(2, std::vector<double>{1, 2, 3, 4}));
    CHECK(archive.hypervolume() == 0);
    CHECK(archive.members().size() == 1);
}
