// SPDX-License-Identifier: Apache-2.0
#include "cost_models/protocol/price_fit.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <map>
#include <numeric>
#include <utility>

#include "cost_models/protocol/group_factors.hpp"
#include "cost_models/training/non_negative_least_squares.hpp"

namespace sotto::protocol {
namespace {

constexpr int iterations_of_first_fit = 10;
constexpr int iterations_of_refit = 4;
constexpr double deviation_of_median = 1.4826;  // standard deviation of a normal distribution over its median error

// Normal equations over all columns.
struct Equations {
    std::vector<double> gram = std::vector<double>(column_count * column_count);
    std::array<double, column_count> moment{};

    void add(const FeatureRow& row, double time, double weight) {
        for (std::size_t i = 0; i < row.size; ++i) {
            const auto column = static_cast<std::size_t>(row.columns[i]);
            const double weighted = weight * row.values[i];
            moment[column] += weighted * time;
            for (std::size_t j = 0; j <= i; ++j) {
                gram[column * column_count + static_cast<std::size_t>(row.columns[j])] += weighted * row.values[j];
            }
        }
    }

    double at(std::size_t i, std::size_t j) const {
        // Rows name their columns in one order, whichever that is.
        return gram[i * column_count + j] + (i == j ? 0 : gram[j * column_count + i]);
    }
};

// Columns that share rows, directly or through others.
std::vector<std::vector<std::size_t>> components(const Equations& equations) {
    std::vector<std::vector<std::size_t>> result;
    std::array<bool, column_count> is_known{};
    for (std::size_t first = 0; first < column_count; ++first) {
        if (is_known[first] || !(equations.at(first, first) > 0)) {
            continue;
        }
        std::vector<std::size_t> component = {first};
        is_known[first] = true;
        for (std::size_t next = 0; next < component.size(); ++next) {
            for (std::size_t other = 0; other < column_count; ++other) {
                if (!is_known[other] && equations.at(component[next], other) != 0) {
                    is_known[other] = true;
                    component.push_back(other);
                }
            }
        }
        std::sort(component.begin(), component.end());
        result.push_back(std::move(component));
    }
    return result;
}

ColumnValues solve(const Equations& equations) {
    ColumnValues prices{};
    for (const std::vector<std::size_t>& columns : components(equations)) {
        const std::size_t count = columns.size();
        std::vector<long double> norms(count);
        for (std::size_t i = 0; i < count; ++i) {
            norms[i] = std::sqrt(static_cast<long double>(equations.at(columns[i], columns[i])));
        }
        std::vector<long double> gram(count * count);
        std::vector<long double> moment(count);
        for (std::size_t i = 0; i < count; ++i) {
            moment[i] = equations.moment[columns[i]] / norms[i];
            for (std::size_t j = 0; j < count; ++j) {
                gram[i * count + j] = equations.at(columns[i], columns[j]) / (norms[i] * norms[j]);
            }
        }
        const std::vector<long double> solution = training::non_negative_least_squares(gram, moment);
        for (std::size_t i = 0; i < count; ++i) {
            prices[columns[i]] = static_cast<double>(solution[i] / norms[i]);
        }
    }
    return prices;
}

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

}  // namespace

PriceFit::PriceFit(std::vector<FitRow> rows, const Prior& prior, const Recipe& recipe)
    : rows_(std::move(rows)), prior_(prior), recipe_(recipe) {
    // Columns without a price are no part of any row.
    for (FitRow& row : rows_) {
        FeatureRow priced;
        for (std::size_t i = 0; i < row.row.size; ++i) {
            if (prior_.price[static_cast<std::size_t>(row.row.columns[i])] > 0) {
                priced.add(row.row.columns[i], row.row.values[i]);
            }
        }
        row.row = priced;
    }
    for (const FitRow& row : rows_) {
        fitted_.push_back(row.time_ms);
    }
    if (recipe_.adapts_beliefs) {
        std::vector<GroupedTime> grouped;
        for (const FitRow& row : rows_) {
            GroupedTime time;
            time.measured_ms = row.time_ms;
            for (std::size_t i = 0; i < row.row.size; ++i) {
                const auto column = static_cast<std::size_t>(row.row.columns[i]);
                time.predicted_ms[static_cast<std::size_t>(column_info(row.row.columns[i]).group)] +=
                    row.row.values[i] * prior_.price[column];
            }
            if (time.measured_ms > 0) {
                grouped.push_back(time);
            }
        }
        auto factors = group_factors(grouped);
        factors[static_cast<std::size_t>(CostGroup::link)] = 1;  // a byte is a byte
        for (std::size_t column = 0; column < column_count; ++column) {
            prior_.price[column] *= factors[static_cast<std::size_t>(column_info(static_cast<Column>(column)).group)];
        }
    }
    all_ = iterate(std::nullopt, fitted_, iterations_of_first_fit);
    all_ = leveled(all_, std::nullopt, fitted_);
}

ColumnValues PriceFit::without(std::uint32_t network) const {
    std::vector<double> fitted = fitted_;
    const ColumnValues prices = iterate(network, fitted, iterations_of_refit);
    return leveled(prices, network, fitted);
}

std::vector<double> PriceFit::weights(std::optional<std::uint32_t> left_out, const std::vector<double>& fitted) const {
    std::vector<double> deviations(rows_.size());
    std::array<std::vector<double>, cost_kind_count> errors;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        deviations[i] = std::sqrt(variance(fitted[i]));
        if (rows_[i].network != left_out) {
            errors[static_cast<std::size_t>(rows_[i].kind)].push_back(std::fabs(rows_[i].time_ms - fitted[i]) /
                                                                      deviations[i]);
        }
    }
    std::array<double, cost_kind_count> limits{};
    for (std::size_t kind = 0; kind < cost_kind_count; ++kind) {
        if (!errors[kind].empty()) {
            limits[kind] = recipe_.huber_deviations * deviation_of_median * median(std::move(errors[kind])) + 1e-12;
        }
    }
    std::vector<double> result(rows_.size(), 0);
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        if (rows_[i].network == left_out) {
            continue;
        }
        const double error = std::fabs(rows_[i].time_ms - fitted[i]) / deviations[i];
        const double limit = limits[static_cast<std::size_t>(rows_[i].kind)];
        result[i] = std::min(1.0, limit / std::max(error, 1e-12)) / variance(fitted[i]);
    }
    return result;
}

ColumnValues PriceFit::iterate(std::optional<std::uint32_t> left_out, std::vector<double>& fitted,
                               int iterations) const {
    ColumnValues prices{};
    for (int iteration = 0; iteration < iterations; ++iteration) {
        const std::vector<double> weight = weights(left_out, fitted);
        Equations equations;
        double square = 0;
        double count = 0;
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            if (weight[i] > 0) {
                equations.add(rows_[i].row, rows_[i].time_ms, weight[i]);
                square += rows_[i].time_ms * rows_[i].time_ms / variance(fitted[i]);
                ++count;
            }
        }
        const double unit = count > 0 ? recipe_.strength * square / count : 0;
        for (std::size_t column = 0; column < column_count; ++column) {
            const double belief = unit * prior_.trust[column];
            if (prior_.price[column] > 0 && belief > 0) {
                equations.gram[column * column_count + column] +=
                    belief / (prior_.price[column] * prior_.price[column]);
                equations.moment[column] += belief / prior_.price[column];
            }
        }
        prices = solve(equations);
        for (std::size_t i = 0; i < rows_.size(); ++i) {
            fitted[i] = dot(rows_[i].row, prices);
        }
    }
    return prices;
}

ColumnValues PriceFit::leveled(const ColumnValues& prices, std::optional<std::uint32_t> left_out,
                               const std::vector<double>& fitted) const {
    if (!recipe_.sets_level) {
        return prices;
    }
    std::map<std::uint32_t, std::pair<double, double>> sums;
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        if (rows_[i].network != left_out) {
            sums[rows_[i].network].first += rows_[i].time_ms;
            sums[rows_[i].network].second += fitted[i];
        }
    }
    double logarithm = 0;
    double count = 0;
    for (const auto& [network, sum] : sums) {
        if (sum.first > 0 && sum.second > 0) {
            logarithm += std::log(sum.first / sum.second);
            ++count;
        }
    }
    const double level = count > 0 ? std::exp(logarithm / count) : 1;
    ColumnValues result = prices;
    for (double& price : result) {
        price *= level;
    }
    return result;
}

}  // namespace sotto::protocol
