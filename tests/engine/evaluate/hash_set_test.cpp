// SPDX-License-Identifier: Apache-2.0
#include "engine/evaluate/hash_set.hpp"

#include <set>

#include "engine/random/random.hpp"
#include "tests/support/catch.hpp"

namespace sotto::evaluate {

TEST_CASE("HashSet agrees with std::set") {
    random::Stream stream(7, 0, 0, random::Purpose::test);
    HashSet set;
    std::set<arch::CanonicalHash> expected;
    for (int i = 0; i < 20000; ++i) {
        // Few values of the half that places an entry: long runs of collisions, and the all-zero hash.
        const arch::CanonicalHash hash{stream.below(60), stream.below(200)};
        REQUIRE(set.insert(hash) == expected.insert(hash).second);
    }
    REQUIRE(set.size() == expected.size());
    REQUIRE_FALSE(set.insert({0, 0}));
}

}  // namespace sotto::evaluate
