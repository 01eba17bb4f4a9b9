// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-run/run_page/shortfall_groups.hpp"

#include "tests/support/catch.hpp"

using sotto::tools::ShortfallGroups;

TEST_CASE("reasons that differ in numbers alone are one group with its first example") {
    ShortfallGroups groups;
    groups.add({"constrained", "params 1,812.5 is over the limit 700", "aa"});
    groups.add({"failed", "proxy 'p': layer 'fire[2].expand': out of memory", "bb"});
    groups.add({"constrained", "params 95 is over the limit 700", "cc"});
    groups.add({"failed", "proxy 'p': layer 'fire[11].expand': out of memory", "dd"});
    groups.add({"constrained", "relus 95 is over the limit 700", "ee"});
    groups.add({"constrained", "params 3 is over the limit 700.", "ff"});
    groups.add({"constrained", "params 4 is over the limit 700", "gg"});

    const auto largest = groups.largest(10);
    REQUIRE(largest.size() == 4);
    CHECK(largest[0].count == 3);
    CHECK(largest[0].reason == "params 1,812.5 is over the limit 700");
    CHECK(largest[0].key == "aa");
    CHECK(largest[1].count == 2);
    CHECK(largest[1].status == "failed");
    CHECK(largest[1].key == "bb");
    CHECK(largest[2].reason == "params 3 is over the limit 700.");
    CHECK(largest[3].reason == "relus 95 is over the limit 700");
    CHECK(groups.largest(2).size() == 2);
    CHECK(groups.totals() == std::map<std::string, std::uint64_t>{{"constrained", 5}, {"failed", 2}});
}

TEST_CASE("any number of different reasons is counted in bounded memory") {
    ShortfallGroups groups;
    const auto word = [](int number) {
        std::string text;
        for (int bit = 0; bit < 14; ++bit) {
            text += (number >> bit & 1) != 0 ? 'x' : 'y';
        }
        return text + std::string(100'000, '<');
    };
    for (int i = 0; i < 5000; ++i) {
        groups.add({"failed", word(i), "key"});
    }
    CHECK(groups.totals().at("failed") == 5000);
    const auto all = groups.largest(10'000);
    CHECK(all.size() == 1000);
    CHECK(all.front().reason.size() < 500);
}
