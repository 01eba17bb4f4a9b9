// SPDX-License-Identifier: Apache-2.0
#include "cost_models/protocol/predictor.hpp"

#include <algorithm>

namespace sotto::protocol {
namespace {

std::string in_words(const sotto_operation& operation, std::uint32_t index) {
    static constexpr std::array<const char*, 10> names = {"",           "convolution",           "relu",
                                                          "max pool",   "average pool",          "batch normalization",
                                                          "truncation", "fully connected layer", "elementwise product",
                                                          "argmax"};
    const auto kind = static_cast<std::uint32_t>(operation.kind);
    return "operation " + std::to_string(index) + " (" + (kind > 0 && kind < names.size() ? names[kind] : "unknown") +
           ", number " + std::to_string(operation.kind) + ')';
}

}  // namespace

FeatureRow LinkTimes::scaled(const FeatureRow& row) const noexcept {
    FeatureRow result;
    for (std::size_t i = 0; i < row.size; ++i) {
        result.add(row.columns[i], row.values[i] * unit(column_info(row.columns[i]).scale));
    }
    return result;
}

Predictor::Predictor(const Coefficients& coefficients, const EngineProfile& engine, LinkTimes link)
    : coefficients_(coefficients), engine_(engine) {
    for (std::size_t column = 0; column < column_count; ++column) {
        const double unit = link.unit(column_info(static_cast<Column>(column)).scale);
        for (std::size_t target = 0; target < target_count; ++target) {
            prices_[column][target] = coefficients.prices[target][column] * unit;
        }
    }
}

Cost Predictor::advance(Position& position, const sotto_operation& operation, const sotto_operation* next,
                        std::uint32_t index, Step* columns) const {
    if (!is_well_formed(operation)) {
        throw UnpricedOperation(in_words(operation, index) + " has sizes that make no sense", true);
    }
    Step step;
    if (!walk(engine_, coefficients_.coupling, operation, next == nullptr ? 0 : next->kind, position.state, step)) {
        throw UnpricedOperation(in_words(operation, index) + " was not measured", false);
    }
    if (!coefficients_.has(step.kind) &&
        !(step.kind == CostKind::normalization && coefficients_.coupling == Coupling::coupled &&
          coefficients_.has(CostKind::convolution))) {
        throw UnpricedOperation(
            in_words(operation, index) + ": a " + std::string(cost_kind_name(step.kind)) + " was not measured", false);
    }
    Prices times{};
    for (std::size_t i = 0; i < step.row.size; ++i) {
        const Prices& prices = prices_[static_cast<std::size_t>(step.row.columns[i])];
        for (std::size_t target = 0; target < times.size(); ++target) {
            times[target] += step.row.values[i] * prices[target];
        }
    }
    const Cost cost = {times[0], times[1] + position.wait_ms, step.client_sent_bytes, step.server_sent_bytes,
                       step.flows};
    position.wait_ms = is_linear(step.kind) ? times[2] : 0;
    position.sum.client_ms += cost.client_ms;
    position.sum.server_ms += cost.server_ms;
    position.sum.client_sent_bytes += cost.client_sent_bytes;
    position.sum.server_sent_bytes += cost.server_sent_bytes;
    position.sum.flows += cost.flows;
    position.slower_ms += std::max(cost.client_ms, cost.server_ms);
    if (columns != nullptr) {
        *columns = step;
    }
    return cost;
}

double Predictor::total_ms(const Position& end) const noexcept {
    return coefficients_.coupling == Coupling::coupled ? std::max(end.sum.client_ms, end.sum.server_ms) : end.slower_ms;
}

double Predictor::total_ms(const Cost& operation, const Position& end) const noexcept {
    if (coefficients_.coupling == Coupling::separated) {
        return std::max(operation.client_ms, operation.server_ms);
    }
    return end.sum.client_ms >= end.sum.server_ms ? operation.client_ms : operation.server_ms;
}

}  // namespace sotto::protocol
