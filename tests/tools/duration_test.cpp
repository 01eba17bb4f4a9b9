// SPDX-License-Identifier: Apache-2.0
#include "tests/support/catch.hpp"
#include "tools/nas-run/options.hpp"

using sotto::tools::parse_duration;
using std::chrono::milliseconds;

TEST_CASE("durations are read") {
    CHECK(parse_duration("90") == milliseconds(90'000));
    CHECK(parse_duration("90s") == milliseconds(90'000));
    CHECK(parse_duration("10m") == milliseconds(600'000));
    CHECK(parse_duration("1h30m") == milliseconds(5'400'000));
    CHECK(parse_duration("1h30m5s") == milliseconds(5'405'000));
    CHECK(parse_duration("2.5h") == milliseconds(9'000'000));
    CHECK(parse_duration("0.5s") == milliseconds(500));
}

TEST_CASE("what is no duration is refused") {
    for (const char* text : {"", "m", "0", "0s", "-5s", "10x", "10ms", "ten", "30m1h", "1h30", "1m1m", "inf", "nan",
                             "10 m", "1001h", "1e3s"}) {
        CAPTURE(text);
        CHECK_FALSE(parse_duration(text).has_value());
    }
}
