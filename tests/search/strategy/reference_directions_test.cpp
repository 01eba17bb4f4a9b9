// SPDX-License-Identifier: Apache-2.0
#include "search/strategy/reference_directions.hpp"

#include <algorithm>
#include <numeric>
#include <set>
#include <vector>

#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::search;

TEST_CASE("directions are as many as Deb and Jain state") {
    // Table I of the paper: 3 objectives with 12 divisions 91, 5 with 6: 210.
    CHECK(even_directions(3, 12).size() == 91 * 3);
    CHECK(even_directions(5, 6).size() == 210 * 5);
    CHECK(ReferenceDirections(3, 91).count() == 91);
    CHECK(ReferenceDirections(3, 104).count() == 91);
    CHECK(ReferenceDirections(3, 105).count() == 105);
    CHECK(ReferenceDirections(4, 100).count() == 84);  // 6 divisions; 7 make 120
    CHECK(ReferenceDirections(4, 1).count() == 4);
}

TEST_CASE("directions are distinct points of the simplex") {
    const std::vector<double> points = even_directions(4, 5);
    std::set<std::vector<double>> seen;
    for (std::size_t i = 0; i < points.size(); i += 4) {
        const std::vector<double> point(points.begin() + static_cast<long>(i),
                                        points.begin() + static_cast<long>(i + 4));
        CHECK(std::accumulate(point.begin(), point.end(), 0.0) == Approx(1));
        CHECK(*std::min_element(point.begin(), point.end()) >= 0);
        seen.insert(point);
    }
    CHECK(seen.size() == 56);
}

TEST_CASE("the emptiest niches are filled first, each with its nearest") {
    // Two objectives, population 3: directions (0, 1), (1, 1) and (1, 0) before they are scaled to length 1.
    const std::vector<double> values{
        0.0, 1.0,   // 0: on the first direction
        0.1, 0.9,   // 1: near it
        0.5, 0.6,   // 2: near the middle
        0.5, 0.5,   // 3: on it
        1.0, 0.0,   // 4: on the last
        0.9, 0.05,  // 5: near it
    };
    ReferenceDirections directions(2, 3);
    REQUIRE(directions.count() == 3);
    std::vector<std::uint32_t> chosen;
    const std::vector<std::uint32_t> all{0, 1, 2, 3, 4, 5};
    directions.choose({values, 2}, chosen, all, 3);
    CHECK(std::set<std::uint32_t>(chosen.begin(), chosen.end()) == std::set<std::uint32_t>{0, 3, 4});

    // Where 0 and 3 are chosen already, the last direction's niche is the empty one.
    chosen = {0, 3};
    directions.choose({values, 2}, chosen, std::vector<std::uint32_t>{1, 2, 4, 5}, 2);
    REQUIRE(chosen.size() == 4);
    CHECK(chosen[2] == 4);
    chosen = {};
    directions.choose({values, 2}, chosen, all, 6);
    CHECK(std::set<std::uint32_t>(chosen.begin(), chosen.end()).size() == 6);
}
