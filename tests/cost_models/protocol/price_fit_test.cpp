// SPDX-License-Identifier: Apache-2.0
#include "cost_models/protocol/price_fit.hpp"

#include <cmath>
#include <vector>

#include "cost_models/protocol/fit/spread_fit.hpp"
#include "cost_models/protocol/group_factors.hpp"
#include "tests/support/catch.hpp"

using namespace sotto::protocol;

namespace {

constexpr auto fixed = Column::conv_operations;
constexpr auto slope = Column::conv_results;
constexpr auto refills = Column::pool_refills;
constexpr auto transfers = Column::relu_transfers;

double at(const ColumnValues& values, Column column) {
    return values[static_cast<std::size_t>(column)];
}

Prior open_prior(const std::vector<Column>& columns) {
    Prior prior;
    for (const Column column : columns) {
        prior.price[static_cast<std::size_t>(column)] = 1;
    }
    return prior;
}

// Times 30 + 0.002 results and 0.0001 transfers + 300 refills, in four networks.
std::vector<FitRow> planted_rows() {
    std::vector<FitRow> rows;
    for (int i = 0; i < 80; ++i) {
        FitRow conv;
        const double results = 1000.0 * (i % 17 + 1);
        conv.row.add(fixed, 1);
        conv.row.add(slope, results);
        conv.time_ms = 30 + 0.002 * results;
        conv.network = static_cast<std::uint32_t>(i % 4);
        rows.push_back(conv);
        FitRow relu;
        const double drawn = 20000.0 * (i % 13 + 1);
        relu.row.add(transfers, drawn);
        relu.row.add(refills, i % 5 == 0 ? 1 : 0);
        relu.time_ms = 1e-4 * drawn + (i % 5 == 0 ? 300 : 0);
        relu.network = conv.network;
        relu.kind = CostKind::relu;
        rows.push_back(relu);
    }
    return rows;
}

}  // namespace

TEST_CASE("Prices that were planted come back") {
    const PriceFit fit(planted_rows(), open_prior({fixed, slope, transfers, refills}), {});
    const ColumnValues prices = fit.all();
    CHECK(at(prices, fixed) == Approx(30).epsilon(1e-6));
    CHECK(at(prices, slope) == Approx(0.002).epsilon(1e-6));
    CHECK(at(prices, transfers) == Approx(1e-4).epsilon(1e-6));
    CHECK(at(prices, refills) == Approx(300).epsilon(1e-6));
    CHECK(at(prices, Column::conv_weights) == 0);
}

TEST_CASE("A few rows that are far off move prices little") {
    std::vector<FitRow> rows = planted_rows();
    for (std::size_t i = 0; i < rows.size(); i += 12) {
        rows[i].time_ms *= 3;
    }
    const ColumnValues prices = PriceFit(rows, open_prior({fixed, slope, transfers, refills}), {}).all();
    CHECK(at(prices, slope) == Approx(0.002).epsilon(0.02));
    CHECK(at(prices, transfers) == Approx(1e-4).epsilon(0.02));
}

TEST_CASE("A price is never negative") {
    std::vector<FitRow> rows = planted_rows();
    for (FitRow& row : rows) {
        row.time_ms = row.kind == CostKind::relu ? row.time_ms : 100 - 0.002 * row.row.values[1];
    }
    const ColumnValues prices = PriceFit(rows, open_prior({fixed, slope, transfers, refills}), {}).all();
    CHECK(at(prices, slope) == 0);
    CHECK(at(prices, fixed) > 60);
}

TEST_CASE("A fit without a network does not see it") {
    std::vector<FitRow> rows = planted_rows();
    for (FitRow& row : rows) {
        row.time_ms *= row.network == 2 ? 1.5 : 1;
    }
    const PriceFit fit(rows, open_prior({fixed, slope, transfers, refills}), {});
    CHECK(at(fit.without(2), fixed) == Approx(30).epsilon(1e-3));
    CHECK(at(fit.without(2), slope) == Approx(0.002).epsilon(1e-3));
    CHECK(at(fit.without(1), slope) > 0.0021);
}

TEST_CASE("A price without data is what is believed, at the level of its group") {
    Prior prior = open_prior({});
    for (const Column column : {fixed, slope, Column::conv_weights}) {
        prior.trust[static_cast<std::size_t>(column)] = 1;
    }
    // Believed at half of what the data say.
    prior.price[static_cast<std::size_t>(fixed)] = 15;
    prior.price[static_cast<std::size_t>(slope)] = 0.001;
    prior.price[static_cast<std::size_t>(Column::conv_weights)] = 7;
    Recipe recipe;
    recipe.adapts_beliefs = true;
    const ColumnValues prices = PriceFit(planted_rows(), prior, recipe).all();
    CHECK(at(prices, slope) == Approx(0.002).epsilon(0.02));
    CHECK(at(prices, Column::conv_weights) == Approx(14).epsilon(0.02));
}

TEST_CASE("Group factors find what planted groups were multiplied by") {
    std::vector<GroupedTime> times;
    for (int i = 0; i < 100; ++i) {
        GroupedTime time;
        time.predicted_ms = {10.0 * (i % 7 + 1), 5.0 * (i % 3 + 1), i % 10 == 0 ? 300.0 : 0, 0};
        time.measured_ms = 2.5 * time.predicted_ms[0] + 1.5 * time.predicted_ms[1] + 2 * time.predicted_ms[2];
        times.push_back(time);
    }
    const auto factors = group_factors(times);
    CHECK(factors[0] == Approx(2.5).epsilon(0.02));
    CHECK(factors[1] == Approx(1.5).epsilon(0.05));
    CHECK(factors[2] == Approx(2).epsilon(0.02));
    CHECK(factors[3] == 1);
    CHECK(group_factors({}) == std::array<double, cost_group_count>{1, 1, 1, 1});
}

TEST_CASE("The spread covers nine of ten held-out totals and grows for short ones") {
    // Alike at every size: no extra for short ones. The quantile of nine of ten with one more counted as outside is the
    // largest of ten errors.
    std::vector<HeldOutTotal> totals;
    for (int i = 1; i <= 10; ++i) {
        totals.push_back({1000.0 * i * i * std::exp(0.01 * i * (i % 2 == 0 ? 1 : -1)), 1000.0 * i * i});
    }
    const Spread spread = fit_spread(totals);
    CHECK(spread.relative * std::sqrt(1 + spread.short_ms / 100000) * 1.6449 == Approx(0.10).epsilon(0.06));

    totals.clear();
    for (int i = 0; i < 40; ++i) {
        totals.push_back({1000 * std::exp(i % 2 == 0 ? 0.3 : -0.3), 1000});
        totals.push_back({1e6 * std::exp(i % 2 == 0 ? 0.01 : -0.01), 1e6});
    }
    const Spread growing = fit_spread(totals);
    CHECK(growing.short_ms > 0);
    CHECK(growing.deviation_ms(1000) / 1000 > 5 * growing.deviation_ms(1e6) / 1e6);
    CHECK(fit_spread({}) == Spread{});
}
