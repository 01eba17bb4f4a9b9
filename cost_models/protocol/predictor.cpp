// SPDX-License-Identifier: Apache-2.0
#include "cost_models/protocol/predictor.hpp"

#include <algorithm>
#include <string_view>

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

std::string with_article(std::string_view noun) {
    constexpr std::string_view vowels = "aeiou";
    return (vowels.find(noun.front()) == std::string_view::npos ? "a " : "an ") + std::string(noun);
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

void Predictor::add_prices(const FeatureRow& row, std::size_t first, Prices& times) const noexcept {
    for (std::size_t i = first; i < row.size; ++i) {
        const Prices& prices = prices_[static_cast<std::size_t>(row.columns[i])];
        for (std::size_t target = 0; target < times.size(); ++target) {
            times[target] += row.values[i] * prices[target];
        }
    }
}

void Predictor::own_cost(const sotto_operation& operation, std::int32_t next_kind, bool is_first_average_pool,
                         std::uint32_t index, OwnCost& own, FeatureRow& row) const {
    if (!is_well_formed(operation)) {
        throw UnpricedOperation(in_words(operation, index) + " has sizes that make no sense", true);
    }
    if (!own_work(engine_, coefficients_.coupling, operation, next_kind, is_first_average_pool, own.work, row)) {
        throw UnpricedOperation(in_words(operation, index) + " was not measured", false);
    }
    const CostKind kind = own.work.kind;
    if (!coefficients_.has(kind) && !(kind == CostKind::normalization && coefficients_.coupling == Coupling::coupled &&
                                      coefficients_.has(CostKind::convolution))) {
        throw UnpricedOperation(
            in_words(operation, index) + ": " + with_article(cost_kind_name(kind)) + " was not measured", false);
    }
    own.times = {};
    add_prices(row, 0, own.times);
}

// step.row ends with the columns of `own`, or is empty where nobody asks for them.
Cost Predictor::finish(Position& position, const OwnCost& own, Step& step) const {
    const std::size_t first = step.row.size;
    place(coefficients_.coupling, own.work, position.state, step);
    Prices times = own.times;
    add_prices(step.row, first, times);
    const Cost cost = {times[0], times[1] + position.wait_ms, step.client_sent_bytes, step.server_sent_bytes,
                       step.flows};
    position.wait_ms = is_linear(step.kind) ? times[2] : 0;
    position.sum.client_ms += cost.client_ms;
    position.sum.server_ms += cost.server_ms;
    position.sum.client_sent_bytes += cost.client_sent_bytes;
    position.sum.server_sent_bytes += cost.server_sent_bytes;
    position.sum.flows += cost.flows;
    position.slower_ms += std::max(cost.client_ms, cost.server_ms);
    return cost;
}

Cost Predictor::advance(Position& position, const sotto_operation& operation, const sotto_operation* next,
                        std::uint32_t index, Step* columns) const {
    Step step;
    OwnCost own;
    own_cost(operation, next == nullptr ? 0 : next->kind, !position.state.has_average_pooled, index, own, step.row);
    const Cost cost = finish(position, own, step);
    if (columns != nullptr) {
        *columns = step;
    }
    return cost;
}

Cost Predictor::advance(Position& position, const sotto_operation& operation, const sotto_operation* next,
                        std::uint32_t index, Memory& memory) const {
    const std::int32_t next_kind = next == nullptr ? 0 : next->kind;
    const bool is_first_average_pool = !position.state.has_average_pooled;
    // What own_work depends on besides the operation.
    const bool asks_next =
        operation.kind == SOTTO_OPERATION_CONVOLUTION || operation.kind == SOTTO_OPERATION_BATCH_NORMALIZATION;
    const bool is_average_pool = operation.kind == SOTTO_OPERATION_AVERAGE_POOL;
    const std::uint32_t variant =
        (asks_next && is_pool(next_kind)) || (is_average_pool && is_first_average_pool) ? 1 : 0;
    OperationTable<OwnCost>& table = memory.table_;
    std::uint32_t number = table.find_after(memory.last_, operation, variant);
    Step step;
    if (number == OperationTable<OwnCost>::none) {
        OwnCost own;
        own_cost(operation, next_kind, is_first_average_pool, index, own, step.row);
        step.row.clear();
        if (table.size() >= Memory::most_operations) {
            table.clear();
        }
        number = table.add(operation, own, variant);
    }
    memory.last_ = number;
    return finish(position, table[number], step);
}

Predictor::Position Predictor::end_of(std::span<const sotto_operation> program) const {
    Position position = start();
    for (std::size_t i = 0; i < program.size(); ++i) {
        const sotto_operation* const next = i + 1 < program.size() ? &program[i + 1] : nullptr;
        advance(position, program[i], next, static_cast<std::uint32_t>(i));
    }
    return position;
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
