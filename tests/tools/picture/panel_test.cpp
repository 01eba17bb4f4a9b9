// SPDX-License-Identifier: Apache-2.0
#include "tools/picture/panel.hpp"

#include <regex>

#include "tests/support/catch.hpp"

using namespace sotto::picture;

TEST_CASE("coordinates have a tenth of a unit at most") {
    CHECK(coordinate(12) == "12");
    CHECK(coordinate(12.34) == "12.3");
    CHECK(coordinate(-0.5) == "-0.5");
    CHECK(coordinate(1040.96) == "1041");
}

TEST_CASE("labels of an axis stand where the values do and do not touch") {
    Panel panel;
    panel.left = 100;
    panel.top = 10;
    panel.width = 300;
    panel.height = 200;
    for (const double value : {12'000.0, 97'000.0}) {
        panel.across.include(value);
        panel.up.include(value / 1e6);
    }
    panel.across.widen();
    panel.up.widen();
    CHECK(panel.x(12'000) == Approx(100 + 300 * 0.04 / 1.08));
    CHECK(panel.y(0.012) == Approx(210 - 200 * 0.04 / 1.08));
    Markup svg;
    add_frame(svg, panel, "", "candidates", "params");
    const std::string text = svg.take();
    const std::regex label("<text class=\"label\" x=\"([0-9.]+)\" y=\"226\" text-anchor=\"middle\">([0-9]+)k</text>");
    double last = 0;
    int labels = 0;
    for (std::sregex_iterator found(text.begin(), text.end(), label), end; found != end; ++found, ++labels) {
        const double x = std::stod((*found)[1]);
        CHECK(x == Approx(panel.x(1000 * std::stod((*found)[2]))).margin(0.06));
        CHECK(x - last > 50);
        last = x;
    }
    CHECK(labels >= 3);
}
