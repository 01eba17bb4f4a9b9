// SPDX-License-Identifier: Apache-2.0
#include "search/strategy/operator_selection.hpp"

#include <array>
#include <cmath>
#include <numeric>

#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::search;

TEST_CASE("operators begin equal and are drawn as often as their probability says") {
    OperatorSelection operators({"a", "b", "c", "d"});
    for (const OperatorCredit& credit : operators.credits()) {
        CHECK(credit.probability == Approx(0.25));
        CHECK(credit.children == 0);
    }
    for (int i = 0; i < 40; ++i) {
        operators.reward("b", true);
        operators.reward("c", false);
    }
    std::array<double, 4> drawn{};
    random::Stream stream(1, 0, 0, random::Purpose::test);
    constexpr int draws = 100'000;
    for (int i = 0; i < draws; ++i) {
        drawn[operators.draw(stream)] += 1.0 / draws;
    }
    for (std::size_t k = 0; k < 4; ++k) {
        const double expected = operators.credits()[k].probability;
        CHECK(drawn[k] == Approx(expected).margin(4 * std::sqrt(expected / draws)));
    }
}

TEST_CASE("probabilities follow the recency-weighted rewards and keep a least share") {
    // Quality after n equal rewards r: r + (1/2 - r) 0.95^n. A quarter is shared out evenly.
    OperatorSelection operators({"good", "bad"});
    for (int n = 1; n <= 200; ++n) {
        operators.reward("good", true);
        operators.reward("bad", false);
        const double forgotten = std::pow(0.95, n);
        const double good = 1 - 0.5 * forgotten;
        const double bad = 0.5 * forgotten;
        REQUIRE(operators.credits()[0].probability == Approx(0.125 + 0.75 * good / (good + bad)));
        REQUIRE(operators.credits()[1].probability == Approx(0.125 + 0.75 * bad / (good + bad)));
    }
    CHECK(operators.credits()[1].probability > 0.125);
    CHECK(operators.credits()[0].successes == 200);
    CHECK(operators.credits()[1].children == 200);
    CHECK(operators.credits()[1].successes == 0);

    operators.restart();
    CHECK(operators.credits()[0].probability == Approx(0.5));
    CHECK(operators.credits()[0].children == 200);
}

TEST_CASE("under pursuit the best takes all but the least shares") {
    // p <- p + 0.05 (target - p): from 1/3, the difference to the target shrinks by 0.95 with each reward.
    OperatorSelection operators({"a", "b", "c"}, OperatorSelection::Rule::pursuit);
    for (int n = 1; n <= 100; ++n) {
        operators.reward("b", true);
        const double left = std::pow(0.95, n);
        REQUIRE(operators.credits()[1].probability == Approx(5.0 / 6 + (1.0 / 3 - 5.0 / 6) * left));
        REQUIRE(operators.credits()[0].probability == Approx(1.0 / 12 + (1.0 / 3 - 1.0 / 12) * left));
    }
    for (int n = 0; n < 200; ++n) {
        operators.reward("b", false);
    }
    CHECK(operators.credits()[1].probability < 0.1);
}

TEST_CASE("names that are no operator's are not rewarded") {
    OperatorSelection operators({"a", "b"});
    operators.reward("sample", true);
    CHECK(operators.credits()[0].children + operators.credits()[1].children == 0);
    CHECK(operators.credits()[0].probability == Approx(0.5));
}
