// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-run/run_page/number_column.hpp"

#include <cmath>
#include <vector>

#include "tests/support/catch.hpp"

using sotto::tools::NumberColumn;

namespace {

std::vector<std::string> written(const std::vector<double>& values) {
    const NumberColumn column(values);
    std::vector<std::string> texts;
    for (const double value : values) {
        texts.push_back(column.text(value));
    }
    return texts;
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("numbers of a column have equally many decimals and four digits of the smallest") {
    CHECK(written({2.0834, 136.1161}) == Texts{"2.083", "136.116"});
    CHECK(written({44.7975, 68.3186}) == Texts{"44.80", "68.32"});
    CHECK(written({-0.5, 0, 12}) == Texts{"-0.5000", "0.0000", "12.0000"});
    CHECK(written({5185524.56, 13899168.94}) == Texts{"5,185,525", "13,899,169"});
}

TEST_CASE("whole numbers are written whole with commas") {
    CHECK(written({38120, 1235496, 7, 0, -1000}) == Texts{"38,120", "1,235,496", "7", "0", "-1,000"});
}

TEST_CASE("what no number of decimals suits has an exponent and what is not known is empty") {
    CHECK(written({1.5e-9, 0.5}) == Texts{"1.5e-09", "0.5"});
    CHECK(written({1e16, 3}) == Texts{"1e+16", "3"});
    CHECK(written({NAN, 2.5}) == Texts{"", "2.500"});
    CHECK(written({NAN}) == Texts{""});
    CHECK(written({0.0}) == Texts{"0"});
}

TEST_CASE("counts are written in groups of three") {
    CHECK(sotto::tools::grouped(0) == "0");
    CHECK(sotto::tools::grouped(999) == "999");
    CHECK(sotto::tools::grouped(1000) == "1,000");
    CHECK(sotto::tools::grouped(1234567890) == "1,234,567,890");
}
