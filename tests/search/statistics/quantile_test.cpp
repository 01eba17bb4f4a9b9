// SPDX-License-Identifier: Apache-2.0
#include "search/statistics/quantile.hpp"

#include <vector>

#include "tests/support/catch.hpp"

using namespace sotto::statistics;

// Values of numpy.quantile (2.3), whose default is definition 7.
TEST_CASE("quantiles are linear between order statistics") {
    const std::vector<double> values = {7, 1, 4, 10, 2.5};
    const Quartiles found = quartiles(values);
    CHECK(found.lower == 2.5);
    CHECK(found.median == 4);
    CHECK(found.upper == 7);
    CHECK(quantile(values, 0.1) == Approx(1.6));
    CHECK(quantile(values, 0) == 1);
    CHECK(quantile(values, 1) == 10);
    CHECK(quantile(std::vector<double>{1, 2, 3, 4}, 0.25) == 1.75);
}

TEST_CASE("one value is each of its quantiles") {
    const Quartiles found = quartiles(std::vector<double>{-3});
    CHECK(found.lower == -3);
    CHECK(found.median == -3);
    CHECK(found.upper == -3);
}
