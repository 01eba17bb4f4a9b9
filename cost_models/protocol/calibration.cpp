// SPDX-License-Identifier: Apache-2.0
#include "cost_models/protocol/calibration.hpp"

#include <numeric>

namespace sotto::protocol {
namespace {

using Groups = std::array<double, cost_group_count>;

// Of a server's time, the least part that must be left when its wait is taken away.
constexpr double least_own_part = 0.2;

void add(Groups& sums, const Groups& values) noexcept {
    for (std::size_t i = 0; i < cost_group_count; ++i) {
        sums[i] += values[i];
    }
}

Groups grouped(const FeatureRow& row, const ColumnValues& prices) {
    Groups sums{};
    for (std::size_t i = 0; i < row.size; ++i) {
        sums[static_cast<std::size_t>(column_info(row.columns[i]).group)] +=
            row.values[i] * prices[static_cast<std::size_t>(row.columns[i])];
    }
    return sums;
}

}  // namespace

GroupedCost& GroupedCost::operator+=(const GroupedCost& other) noexcept {
    add(client_ms, other.client_ms);
    add(server_ms, other.server_ms);
    add(wait_ms, other.wait_ms);
    return *this;
}

bool GroupedCost::is_client_slower() const noexcept {
    const auto sum = [](const Groups& groups) { return std::accumulate(groups.begin(), groups.end(), 0.0); };
    return sum(client_ms) >= sum(server_ms) + sum(wait_ms);
}

std::vector<GroupedCost> grouped_costs(const Predictor& predictor, std::span<const sotto_operation> program) {
    const std::array<ColumnValues, target_count> prices = {
        predictor.prices(Target::client), predictor.prices(Target::server), predictor.prices(Target::wait)};
    std::vector<GroupedCost> costs;
    Predictor::Position position = predictor.start();
    Groups wait{};
    for (std::size_t i = 0; i < program.size(); ++i) {
        const sotto_operation* const next = i + 1 < program.size() ? &program[i + 1] : nullptr;
        Step step;
        predictor.advance(position, program[i], next, static_cast<std::uint32_t>(i), &step);
        costs.push_back({grouped(step.row, prices[0]), grouped(step.row, prices[1]), wait});
        wait = is_linear(step.kind) ? grouped(step.row, prices[2]) : Groups{};
    }
    return costs;
}

Calibration fit_calibration(std::span<const TimedCost> times) {
    std::vector<GroupedTime> client;
    for (const TimedCost& time : times) {
        if (time.is_client && time.measured_ms > 0) {
            client.push_back({time.cost.client_ms, time.measured_ms});
        }
    }
    Calibration calibration;
    calibration.client = group_factors(client);
    std::vector<GroupedTime> server;
    for (const TimedCost& time : times) {
        const Groups& wait = time.cost.wait_ms;
        const double own =
            time.measured_ms - std::inner_product(wait.begin(), wait.end(), calibration.client.begin(), 0.0);
        if (!time.is_client && time.measured_ms > 0 && own >= least_own_part * time.measured_ms) {
            server.push_back({time.cost.server_ms, own});
        }
    }
    calibration.server = server.empty() ? calibration.client : group_factors(server);
    if (client.empty()) {
        calibration.client = calibration.server;
    }
    return calibration;
}

}  // namespace sotto::protocol
