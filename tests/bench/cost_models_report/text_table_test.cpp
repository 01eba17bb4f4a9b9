// SPDX-License-Identifier: Apache-2.0
#include "bench/cost_models_report/text_table.hpp"

#include <limits>

#include "tests/support/catch.hpp"

using namespace sotto::report;

TEST_CASE("columns are as wide as their widest cell") {
    TextTable table({"name", "value", ""}, 1);
    CHECK(table.empty());
    table.add({"a", "1.25", "ok"});
    table.add({"longer", "123456", ""});
    CHECK(table.text() ==
          "name     value\n"
          "a         1.25  ok\n"
          "longer  123456\n");
}

TEST_CASE("numbers have their decimals and sign or a dash") {
    CHECK(fixed(2.345, 1) == "2.3");
    CHECK(fixed(-0.5, 0) == "-0");
    CHECK(with_sign(2.345, 2) == "+2.35");
    CHECK(with_sign(-3, 1) == "-3.0");
    CHECK(fixed(std::numeric_limits<double>::quiet_NaN(), 3) == "-");
}
