// SPDX-License-Identifier: Apache-2.0
#include "search/loop/front.hpp"

#include <map>
#include <random>

#include "search/pareto/pareto.hpp"
#include "tests/support/catch.hpp"

using namespace sotto::search;

// Enough points that dominated members are forgotten many times over.
TEST_CASE("a front keeps the genomes and metrics of the points that no other dominates") {
    std::mt19937_64 draws(5);
    std::uniform_real_distribution<double> unit(0, 1);
    const std::vector<double> reference = {20, 20};
    Front front(2, reference);
    std::vector<double> points;
    constexpr std::uint64_t count = 6000;
    for (std::uint64_t id = 1; id <= count; ++id) {
        // The front moves on, so that nearly every point enters it at first.
        const double along = unit(draws);
        const double back = 10.0 - 0.001 * static_cast<double>(id);
        const std::vector<double> point = {back + along, back + 1 - along};
        points.insert(points.end(), point.begin(), point.end());
        Genome genome;
        genome.genes = {static_cast<Gene>(id)};
        front.offer(id, point, genome, std::vector<double>{static_cast<double>(id), 0.5});
    }
    const std::vector<std::size_t> expected = sotto::pareto::non_dominated_front({points, 2});
    const std::vector<Member> members = front.members();
    REQUIRE(members.size() == expected.size());
    CHECK(front.size() == expected.size());
    std::map<std::uint64_t, const Member*> by_id;
    for (const Member& member : members) {
        by_id[member.id] = &member;
    }
    for (const std::size_t index : expected) {
        REQUIRE(by_id.count(index + 1) == 1);
        CHECK(by_id[index + 1]->genome.genes.front() == static_cast<Gene>(index + 1));
        CHECK(by_id[index + 1]->metrics == std::vector<double>{static_cast<double>(index + 1), 0.5});
    }
    CHECK(front.hypervolume() == sotto::pareto::hypervolume({points, 2}, reference));
    CHECK(Front(2).hypervolume() == 0);
}
