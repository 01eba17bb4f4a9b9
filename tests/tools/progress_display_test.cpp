// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-run/progress_display.hpp"

#include "tests/support/catch.hpp"

using sotto::tools::clock_text;
using sotto::tools::progress_line;
using sotto::tools::ProgressState;

TEST_CASE("a progress line never exceeds the terminal") {
    const ProgressState state{1234, 6000, 351.2, 34, 2.3456, 1200};
    for (std::size_t width = 1; width <= 200; ++width) {
        CHECK(progress_line(state, width).size() <= width);
    }
}

TEST_CASE("a progress line tells count, rate, time left, front and hypervolume") {
    const std::string line = progress_line({1500, 6000, 100, 34, 2.3456, 1200}, 120);
    CHECK(line.find("1500/6000") != std::string::npos);
    CHECK(line.find("100/s") != std::string::npos);
    CHECK(line.find("ETA 0:45") != std::string::npos);  // 4500 left at 100 a second
    CHECK(line.find("front 34") != std::string::npos);
    CHECK(line.find("hypervolume 2.3456") != std::string::npos);
    CHECK(line.find("1200 distinct") != std::string::npos);
    CHECK(line.find("[##########..............................]") != std::string::npos);  // a quarter
}

TEST_CASE("what matters most stays on a narrow terminal") {
    CHECK(progress_line({1500, 6000, 100, 34, 2.3456, 1200}, 12) == "1500/6000");
}

TEST_CASE("times read like a clock") {
    CHECK(clock_text(0) == "0:00");
    CHECK(clock_text(59.6) == "1:00");
    CHECK(clock_text(754) == "12:34");
    CHECK(clock_text(3723) == "1:02:03");
}
