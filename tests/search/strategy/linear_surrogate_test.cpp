// SPDX-License-Identifier: Apache-2.0
#include "search/strategy/linear_surrogate.hpp"

#include <cmath>
#include <span>
#include <utility>
#include <vector>

#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::search;

namespace {

double predicted(const LinearSurrogate& model, std::vector<double> features) {
    double value = 0;
    model.predict(features, {&value, 1});
    return value;
}

}  // namespace

TEST_CASE("one feature gives the closed form of ridge regression") {
    // Standardised by the rows given to scale, x = -1, 0, 1 times sqrt(3/2), and y = (0, 3, 9) less its mean. The prior
    // is one observation: w = sum(x y) / (sum(x x) + 1) = sum(x y) / 4, and the constant stays (sum(y) = 0).
    LinearSurrogate model(1, 1);
    const std::vector<double> rows{10, 20, 30};
    const std::vector<double> values{0, 3, 9};
    model.scale(rows);
    for (std::size_t i = 0; i < 3; ++i) {
        model.learn({&rows[i], 1}, {&values[i], 1});
    }
    CHECK(model.observations() == 3);
    random::Stream stream(1, 0, 0, random::Purpose::test);
    model.fit(stream);
    const double x = std::sqrt(1.5);
    const double weight = x * (4 + 5) / 4;
    CHECK(predicted(model, {10}) == Approx(4 - weight * x));
    CHECK(predicted(model, {20}) == Approx(4));
    CHECK(predicted(model, {50}) == Approx(4 + 3 * weight * x));

    // One more observation, on the old scales: x = 2 sqrt(3/2), y = 14, so that the mean is 6.5. Normal equations of
    // slope and constant, each with the prior's one observation.
    model.learn(std::vector<double>{40}, std::vector<double>{14});
    model.fit(stream);
    const double xx = 1.5 + 1.5 + 6 + 1;
    const double x1 = 2 * x;
    const double n = 4 + 1;
    const double xy = x * (6.5 + 2.5) + 2 * x * 7.5;
    const double slope = (xy * n - x1 * 0) / (xx * n - x1 * x1);
    const double constant = (0 - slope * x1) / n;
    CHECK(predicted(model, {25}) == Approx(6.5 + constant + slope * 0.5 * x));
}

TEST_CASE("a linear function is learned from enough rows whatever its scales") {
    LinearSurrogate model(4, 2);
    random::Stream stream(2, 0, 0, random::Purpose::test);
    const auto row = [&] {
        return std::vector<double>{stream.unit(), 1e6 * stream.unit(), 7.0, 1e-3 * stream.unit() - 50};
    };
    const auto truth = [](const std::vector<double>& x) {
        return std::vector<double>{1e9 + 3e8 * x[0] - 200 * x[1], 1e-6 * (x[3] - x[0])};
    };
    std::vector<double> features;
    for (int i = 0; i < 50; ++i) {
        const std::vector<double> x = row();
        features.insert(features.end(), x.begin(), x.end());
    }
    model.scale(features);
    for (int i = 0; i < 5'000; ++i) {
        const std::vector<double> x = row();
        model.learn(x, truth(x));
    }
    model.fit(stream);
    for (int i = 0; i < 20; ++i) {
        const std::vector<double> x = row();
        std::vector<double> y(2);
        model.predict(x, y);
        CHECK(y[0] == Approx(truth(x)[0]).epsilon(1e-3));
        CHECK(y[1] == Approx(truth(x)[1]).epsilon(1e-3));
        std::vector<double> drawn(2);
        model.predict(x, y, drawn);
        CHECK(drawn[0] == Approx(truth(x)[0]).epsilon(1e-2));
    }
}

TEST_CASE("draws have the mean and the deviation of the posterior") {
    // Noise of deviation 1 on a constant: with features that are all 0 but the constant, the posterior's variance of a
    // prediction is the noise's over n + 1.
    LinearSurrogate model(1, 1);
    random::Stream stream(3, 0, 0, random::Purpose::test);
    model.scale(std::vector<double>{1, -1});
    constexpr int n = 400;
    for (int i = 0; i < n; ++i) {
        const double feature = i % 2 == 0 ? 1 : -1;
        const double target = i % 4 < 2 ? 5 : 7;  // independent of the feature
        model.learn({&feature, 1}, {&target, 1});
    }
    double sum = 0;
    double squares = 0;
    constexpr int draws = 2'000;
    for (int i = 0; i < draws; ++i) {
        model.fit(stream);
        double mean = 0;
        double value = 0;
        model.predict(std::vector<double>{0}, {&mean, 1}, {&value, 1});
        sum += value - 6;
        squares += (value - 6) * (value - 6);
    }
    const double expected = 1 / std::sqrt(n + 1.0);
    CHECK(sum / draws == Approx(0).margin(4 * expected / std::sqrt(draws)));
    CHECK(std::sqrt(squares / draws) == Approx(expected).epsilon(0.08));
    CHECK(model.deviation(0) == Approx(1).epsilon(0.01));
}

TEST_CASE("the same calls give the same bits") {
    const auto run = [] {
        LinearSurrogate model(2, 1);
        random::Stream stream(4, 0, 0, random::Purpose::test);
        model.scale(std::vector<double>{1, 2, 3, 5, 8, 13});
        model.learn(std::vector<double>{1, 2}, std::vector<double>{1});
        model.learn(std::vector<double>{3, 5}, std::vector<double>{0});
        model.fit(stream);
        double mean = 0;
        double drawn = 0;
        model.predict(std::vector<double>{4, 4}, {&mean, 1}, {&drawn, 1});
        return std::pair(mean, drawn);
    };
    CHECK(run() == run());
}

TEST_CASE("observations given together are learned as one after the other") {
    LinearSurrogate together(3, 2);
    LinearSurrogate apart(3, 2);
    random::Stream stream(5, 0, 0, random::Purpose::test);
    std::vector<double> rows;
    std::vector<double> targets;
    for (int i = 0; i < 40; ++i) {
        rows.insert(rows.end(), {stream.unit(), 100 * stream.unit(), stream.unit() - 3});
        targets.insert(targets.end(), {stream.unit(), 5 + 1e3 * stream.unit()});
    }
    together.scale(rows);
    apart.scale(rows);
    together.learn(rows, targets);
    together.learn({}, {});
    for (std::size_t i = 0; i < 40; ++i) {
        apart.learn(std::span(rows).subspan(3 * i, 3), std::span(targets).subspan(2 * i, 2));
    }
    CHECK(together.observations() == 40);
    random::Stream one(6, 0, 0, random::Purpose::test);
    random::Stream other = one;
    together.fit(one);
    apart.fit(other);
    for (const std::vector<double>& x : {std::vector<double>{0.2, 70, -2.5}, std::vector<double>{3, -10, 0}}) {
        std::vector<double> a(4);
        std::vector<double> b(4);
        together.predict(x, std::span(a).first(2), std::span(a).last(2));
        apart.predict(x, std::span(b).first(2), std::span(b).last(2));
        for (std::size_t k = 0; k < 4; ++k) {
            CHECK(a[k] == Approx(b[k]).epsilon(1e-9));
        }
    }
    for (std::size_t k = 0; k < 2; ++k) {
        CHECK(together.deviation(k) == Approx(apart.deviation(k)));
    }
}
