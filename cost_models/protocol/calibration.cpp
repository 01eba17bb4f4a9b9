// SPDX-License-Identifier: Apache-2.0
#include "cost_models/protocol/calibration.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "cost_models/protocol/group_factors.hpp"
#include "cost_models/protocol/price_fit.hpp"

namespace sotto::protocol {
namespace {

using Factors = std::array<double, cost_group_count>;

// Of a server's time, the least part that must be left when its wait is taken away.
constexpr double least_own_part = 0.2;
constexpr std::size_t fewest_for_prices = 60;  // times of a role: fewer can lack a kind or a refill
constexpr double belief_strength = 1;          // in average rows
// What few operations leave open of a whole network's time, relative: on top of the model's own spread.
constexpr double calibration_deviation = 0.03;

std::size_t group_of(std::size_t column) {
    return static_cast<std::size_t>(column_info(static_cast<Column>(column)).group);
}

void multiply(ColumnValues& prices, const Factors& factors) {
    for (std::size_t column = 0; column < column_count; ++column) {
        prices[column] *= factors[group_of(column)];
    }
}

Factors factors_of(const std::vector<FitRow>& rows, const ColumnValues& prices) {
    std::vector<GroupedTime> times;
    for (const FitRow& row : rows) {
        GroupedTime time;
        time.measured_ms = row.time_ms;
        for (std::size_t i = 0; i < row.row.size; ++i) {
            const auto column = static_cast<std::size_t>(row.row.columns[i]);
            time.predicted_ms[group_of(column)] += row.row.values[i] * prices[column];
        }
        times.push_back(time);
    }
    return group_factors(times);
}

ColumnValues drawn_to(const ColumnValues& prices, std::vector<FitRow> rows) {
    if (rows.size() < fewest_for_prices) {
        return prices;
    }
    Prior prior;
    prior.price = prices;
    prior.trust.fill(1);
    Recipe recipe;
    recipe.strength = belief_strength;
    return PriceFit(std::move(rows), prior, recipe).all();
}

}  // namespace

std::vector<TimedStep> untimed_steps(const Predictor& predictor, std::span<const sotto_operation> program) {
    std::vector<TimedStep> steps(program.size());
    Predictor::Position position = predictor.start();
    for (std::size_t i = 0; i < program.size(); ++i) {
        const sotto_operation* const next = i + 1 < program.size() ? &program[i + 1] : nullptr;
        predictor.advance(position, program[i], next, static_cast<std::uint32_t>(i), &steps[i].step);
        if (i > 0 && is_linear(steps[i - 1].step.kind)) {
            steps[i].step_before = steps[i - 1].step.row;
        }
    }
    return steps;
}

Coefficients calibrated(const Coefficients& coefficients, const LinkTimes& link, std::span<const TimedStep> times) {
    Coefficients result = coefficients;
    std::vector<FitRow> client;
    for (const TimedStep& time : times) {
        if (time.is_client && time.measured_ms > 0) {
            client.push_back({link.scaled(time.step.row), time.measured_ms, 0, time.step.kind});
        }
    }
    Factors client_factors = factors_of(client, result.of(Target::client));
    multiply(result.of(Target::wait), client_factors);

    std::vector<FitRow> server;
    for (const TimedStep& time : times) {
        const double own = time.measured_ms - dot(link.scaled(time.step_before), result.of(Target::wait));
        if (!time.is_client && time.measured_ms > 0 && own >= least_own_part * time.measured_ms) {
            server.push_back({link.scaled(time.step.row), own, 0, time.step.kind});
        }
    }
    Factors server_factors = factors_of(server, result.of(Target::server));
    if (client.empty()) {
        result.of(Target::wait) = coefficients.of(Target::wait);
        multiply(result.of(Target::wait), server_factors);
        client_factors = server_factors;
    } else if (server.empty()) {
        server_factors = client_factors;
    }
    multiply(result.of(Target::client), client_factors);
    multiply(result.of(Target::server), server_factors);
    if (!client.empty()) {
        result.of(Target::client) = drawn_to(result.of(Target::client), std::move(client));
    }
    if (!server.empty()) {
        result.of(Target::server) = drawn_to(result.of(Target::server), std::move(server));
    }
    for (Spread* const spread : {&result.client, &result.server, &result.total}) {
        spread->relative = std::hypot(spread->relative, calibration_deviation);
    }
    result.calibration_rows += static_cast<std::int64_t>(times.size());
    return result;
}

double misfit(const Coefficients& coefficients, const LinkTimes& link, std::span<const TimedStep> times) {
    double sum = 0;
    double weights = 0;
    for (const TimedStep& time : times) {
        const FeatureRow row = link.scaled(time.step.row);
        const double predicted = time.is_client ? dot(row, coefficients.of(Target::client))
                                                : dot(row, coefficients.of(Target::server)) +
                                                      dot(link.scaled(time.step_before), coefficients.of(Target::wait));
        if (time.measured_ms > 0 && predicted > 0) {
            const double weight = std::sqrt(time.measured_ms);
            sum += weight * std::fabs(std::log(time.measured_ms / predicted));
            weights += weight;
        }
    }
    return weights > 0 ? sum / weights : 0;
}

}  // namespace sotto::protocol
