// SPDX-License-Identifier: Apache-2.0
#include "bench/cost_models_report/predictions_file.hpp"

#include <cmath>
#include <limits>
#include <string>

#include "engine/input/input_error.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using report::parse_predictions;

TEST_CASE("predictions come back to the last bit") {
    const double not_known = std::numeric_limits<double>::quiet_NaN();
    const report::Predictions predictions = {{"ab", {{{1.0 / 3, 5e-324}, {1e300, 0}}, 1.0 / 7}},
                                             {"cd", {{}, not_known}}};
    const report::Predictions again = parse_predictions(report::to_text(predictions), "p.csv");
    REQUIRE(again.size() == 2);
    CHECK(again.at("ab").times == predictions.at("ab").times);
    CHECK(again.at("ab").total_deviation_ms == 1.0 / 7);
    CHECK(again.at("cd").times.empty());
    CHECK(std::isnan(again.at("cd").total_deviation_ms));
}

TEST_CASE("counts that are no whole numbers and times that are not finite are refused") {
    const auto with = [](const std::string& count, const std::string& times) {
        return "sotto-predictions,2\nprogram,ab," + count + ",0.5\n" + times + "end\n";
    };
    CHECK(parse_predictions(with("1", "2,3\n"), "p.csv").at("ab").times.size() == 1);
    for (const std::string count : {"nan", "1e300", "inf", "-1", "1.5", "", "1 ", "99999999999999999999"}) {
        INFO(count);
        CHECK_THROWS_AS(parse_predictions(with(count, "2,3\n"), "p.csv"), input::InputError);
    }
    for (const std::string times : {"nan,3\n", "2,nan\n", "inf,3\n", "2,-inf\n", "2\n", "2,3,4\n", "x,3\n"}) {
        INFO(times);
        CHECK_THROWS_AS(parse_predictions(with("1", times), "p.csv"), input::InputError);
    }
    CHECK_THROWS_AS(parse_predictions("sotto-predictions,2\nprogram,ab,0,0\nprogram,ab,0,0\nend\n", "p.csv"),
                    input::InputError);
    CHECK_THROWS_AS(parse_predictions("sotto-predictions,2\nprogram,ab,0,inf\nend\n", "p.csv"), input::InputError);
    CHECK_THROWS_AS(parse_predictions("sotto-predictions,2\nend,1\n", "p.csv"), input::InputError);
}
