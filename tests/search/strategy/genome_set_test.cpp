// SPDX-License-Identifier: Apache-2.0
#include "search/strategy/genome_set.hpp"

#include <limits>
#include <set>

#include "engine/random/random.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using sotto::search::GenomeSet;

TEST_CASE("a genome set answers as std::set does") {
    random::Stream stream(1, 0, 0, random::Purpose::test);
    GenomeSet set;
    std::set<std::uint64_t> expected;
    CHECK_FALSE(set.contains(5));
    for (int i = 0; i < 20'000; ++i) {
        // Few enough values that most come twice, spread over all 64 bits.
        const std::uint64_t hash = (2 + stream.below(9'000)) * 0x9e3779b97f4a7c15U;
        REQUIRE(set.contains(hash) == expected.contains(hash));
        REQUIRE(set.insert(hash) == expected.insert(hash).second);
        REQUIRE(set.contains(hash));
    }
    CHECK(set.size() == expected.size());
}

TEST_CASE("a genome set keeps hashes that crowd at both ends") {
    constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
    GenomeSet set;
    for (std::uint64_t i = 0; i < 500; ++i) {
        REQUIRE(set.insert(most - i));
        REQUIRE(set.insert(1 + i));
    }
    for (std::uint64_t i = 0; i < 500; ++i) {
        REQUIRE(set.contains(most - i));
        REQUIRE(set.contains(1 + i));
        REQUIRE_FALSE(set.contains(most - 500 - i));
        REQUIRE_FALSE(set.insert(1 + i));
    }
    CHECK(set.size() == 1000);
}

TEST_CASE("hash 0 is kept too, as one with hash 1") {
    GenomeSet set;
    CHECK_FALSE(set.contains(0));
    CHECK(set.insert(0));
    CHECK(set.contains(0));
    CHECK_FALSE(set.insert(1));
}

TEST_CASE("a genome set takes 8 to 16 bytes a genome") {
    random::Stream stream(2, 0, 0, random::Purpose::test);
    GenomeSet set;
    while (set.size() < 1'000'000) {
        set.insert(stream.bits());
        if (set.size() > 100) {
            const double bytes = static_cast<double>(set.memory_bytes()) / static_cast<double>(set.size());
            if (bytes < 8 || bytes > 16) {
                FAIL(bytes << " bytes a genome at " << set.size());
            }
        }
    }
    CHECK(set.size() == 1'000'000);
}
