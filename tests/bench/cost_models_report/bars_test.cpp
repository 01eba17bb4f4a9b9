// SPDX-License-Identifier: Apache-2.0
#include "bench/cost_models_report/bars.hpp"

#include "tests/support/catch.hpp"

using namespace sotto::report;

namespace {

LayerResult result(const Spread& r2, const Spread& mae_ms) {
    LayerResult one;
    one.r2 = r2;
    one.mae_ms = mae_ms;
    return one;
}

}  // namespace

TEST_CASE("a published cell is reproduced within .01 and 3 ms of what the seeds span") {
    const LayerFigure published{0.932, 404};
    CHECK(is_reproduced(published, result({0.945, 0.940, 0.950}, {405, 404, 406})));
    CHECK_FALSE(is_reproduced(published, result({0.945, 0.9421, 0.950}, {405, 404, 406})));
    CHECK_FALSE(is_reproduced(published, result({0.900, 0.890, 0.9219}, {405, 404, 406})));
    CHECK(is_reproduced(published, result({0.93, 0.93, 0.93}, {407, 407, 407})));
    CHECK_FALSE(is_reproduced(published, result({0.93, 0.93, 0.93}, {407.1, 407.1, 408})));
    CHECK_FALSE(is_reproduced(published, result({0.93, 0.93, 0.93}, {400.9, 400, 400.9})));
}

TEST_CASE("every published method is matched or beaten at the digits it was published with") {
    const std::map<std::string, LayerFigure> published = {{"analytical", {0.958, 72}}, {"mlp", {0.952, 105}}};
    const auto of = [](double r2, double mae) { return result({r2, r2, r2}, {mae, mae, mae}); };
    CHECK(matches_or_beats(published, of(0.958, 72)));
    CHECK(matches_or_beats(published, of(0.9576, 72.4)));
    CHECK_FALSE(matches_or_beats(published, of(0.9574, 72)));
    CHECK_FALSE(matches_or_beats(published, of(0.999, 72.6)));
    CHECK_FALSE(matches_or_beats(published, of(0.955, 80)));
}
