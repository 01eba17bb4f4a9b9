// SPDX-License-Identifier: Apache-2.0
#include "engine/evaluate/limits.hpp"

#include "tests/support/catch.hpp"

namespace sotto::evaluate {
namespace {

const std::vector<plugin::Metric> metrics = {{"params", "1", "", plugin::Direction::minimize, true},
                                             {"latency.total_ms", "ms", "", plugin::Direction::minimize, true},
                                             {"score", "1", "", plugin::Direction::maximize, false}};

Evaluation with(std::vector<double> values) {
    Evaluation evaluation;
    evaluation.status = Evaluation::Status::complete;
    evaluation.metrics = std::move(values);
    return evaluation;
}

}  // namespace

TEST_CASE("A number in a reason is readable") {
    CHECK(readable_number(0) == "0");
    CHECK(readable_number(999) == "999");
    CHECK(readable_number(1000) == "1,000");
    CHECK(readable_number(-1234567) == "-1,234,567");
    CHECK(readable_number(12.5) == "12.5");
    CHECK(readable_number(1e300) == "1e+300");
}

TEST_CASE("A broken limit gives status, reason and relative excess") {
    const std::vector<MetricLimit> limits = {{0, std::nullopt, 1e6}, {1, 10.0, 50.0}, {2, 0.0, std::nullopt}};

    Evaluation over = with({5e6, 20, 1});
    REQUIRE(breaks_limits(limits, metrics, 0, 3, over));
    CHECK(over.status == Evaluation::Status::constrained);
    CHECK(over.reason == "params 5,000,000 is over the limit 1,000,000");
    CHECK(over.constraint_violation == Approx(4.0));

    Evaluation several = with({1.5e6, 5, -0.25});
    REQUIRE(breaks_limits(limits, metrics, 0, 3, several));
    CHECK(
        several.reason ==
        "params 1,500,000 is over the limit 1,000,000; latency.total_ms 5 is under the limit 10; score -0.25 is under "
        "the limit 0");
    CHECK(several.constraint_violation == Approx(0.5 + 0.5 + 0.25));
}

TEST_CASE("A value on its limit keeps it, and metrics that are not known yet are not looked at") {
    const std::vector<MetricLimit> limits = {{0, std::nullopt, 1e6}, {1, 10.0, 50.0}};
    Evaluation evaluation = with({1e6, 60, 0});
    REQUIRE_FALSE(breaks_limits(limits, metrics, 0, 1, evaluation));
    CHECK(evaluation.status == Evaluation::Status::complete);
    CHECK(evaluation.reason.empty());
    REQUIRE(breaks_limits(limits, metrics, 1, 3, evaluation));
}

}  // namespace sotto::evaluate
