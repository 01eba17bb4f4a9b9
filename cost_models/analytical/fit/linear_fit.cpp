// SPDX-License-Identifier: Apache-2.0
#include "cost_models/analytical/fit/linear_fit.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <set>
#include <string>

#include "cost_models/analytical/fit/non_negative_least_squares.hpp"
#include "engine/input/input_error.hpp"
#include "engine/random/random.hpp"

namespace sotto::analytical {
namespace {

constexpr std::uint64_t shuffle_seed = 1;
constexpr std::uint32_t published_folds_local = 10;
constexpr std::uint32_t published_folds_elsewhere = 5;
constexpr std::uint32_t configuration_folds = 5;
constexpr std::size_t published_networks = 46;

double rounded(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.9e", value);
    return std::strtod(text, nullptr);
}

// Errors are for people: R2 to 4 decimals, milliseconds to 2.
Errors rounded_errors(const Errors& errors) {
    return {std::round(errors.r2 * 1e4) / 1e4, std::round(errors.mae_ms * 1e2) / 1e2};
}

std::vector<std::size_t> shuffled(std::size_t count, random::Stream stream) {
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = count; i > 1; --i) {
        std::swap(order[i - 1], order[stream.below(i)]);
    }
    return order;
}

std::vector<std::uint32_t> fold_of_rows(const MeasuredRows& rows, Split split, std::uint32_t folds,
                                        std::uint32_t stream_index) {
    const bool by_row = split == Split::rows;
    const std::size_t count = by_row ? rows.times_ms.size() : rows.configuration_count;
    const random::Stream stream(shuffle_seed, stream_index, by_row ? 0 : 1, random::Purpose::data_split);
    std::vector<std::uint32_t> fold_of_unit(count);
    std::size_t place = 0;
    for (const std::size_t unit : shuffled(count, stream)) {
        fold_of_unit[unit] = static_cast<std::uint32_t>(place++ % folds);
    }
    if (by_row) {
        return fold_of_unit;
    }
    std::vector<std::uint32_t> fold_of_row;
    fold_of_row.reserve(rows.configurations.size());
    for (const std::uint32_t configuration : rows.configurations) {
        fold_of_row.push_back(fold_of_unit[configuration]);
    }
    return fold_of_row;
}

}  // namespace

Fit fit_rows(LayerType type, const MeasuredRows& rows, std::span<const std::size_t> chosen) {
    assert(!chosen.empty());
    const std::size_t features = info(type).features.size();
    Fit fit;
    fit.rows = static_cast<std::int64_t>(chosen.size());
    fit.terms.resize(features);
    for (std::size_t f = 0; f < features; ++f) {
        fit.terms[f].least = fit.terms[f].most = rows.features[chosen.front()][f];
        for (const std::size_t row : chosen) {
            fit.terms[f].least = std::min(fit.terms[f].least, rows.features[row][f]);
            fit.terms[f].most = std::max(fit.terms[f].most, rows.features[row][f]);
        }
    }
    const std::size_t columns = features + (info(type).has_intercept ? 1 : 0);
    std::vector<long double> gram(columns * columns, 0);
    std::vector<long double> moment(columns, 0);
    std::vector<long double> scaled(columns, 1);
    for (const std::size_t row : chosen) {
        for (std::size_t f = 0; f < features; ++f) {
            const Fit::Term& term = fit.terms[f];
            const long double range = static_cast<long double>(term.most) - term.least;
            scaled[f] = range > 0 ? (static_cast<long double>(rows.features[row][f]) - term.least) / range : 0;
        }
        for (std::size_t i = 0; i < columns; ++i) {
            moment[i] += scaled[i] * rows.times_ms[row];
            for (std::size_t j = 0; j < columns; ++j) {
                gram[i * columns + j] += scaled[i] * scaled[j];
            }
        }
    }
    const std::vector<long double> weights = non_negative_least_squares(gram, moment);
    for (std::size_t f = 0; f < features; ++f) {
        Fit::Term& term = fit.terms[f];
        const long double range = static_cast<long double>(term.most) - term.least;
        term.ms_per_unit = range > 0 ? static_cast<double>(weights[f] / range) : 0;
    }
    fit.intercept_ms = info(type).has_intercept ? static_cast<double>(weights.back()) : 0;
    return fit;
}

double predict(const Fit& fit, const FeatureValues& values) {
    double sum = fit.intercept_ms;
    for (std::size_t f = 0; f < fit.terms.size(); ++f) {
        sum += fit.terms[f].ms_per_unit * (values[f] - fit.terms[f].least);
    }
    return std::max(sum, 0.0);
}

Errors errors_of(std::span<const double> predicted_ms, std::span<const double> times_ms) {
    assert(predicted_ms.size() == times_ms.size() && !times_ms.empty());
    const auto count = static_cast<double>(times_ms.size());
    const double mean = std::accumulate(times_ms.begin(), times_ms.end(), 0.0) / count;
    double squared_errors = 0;
    double squared_deviations = 0;
    double absolute_errors = 0;
    for (std::size_t i = 0; i < times_ms.size(); ++i) {
        const double error = predicted_ms[i] - times_ms[i];
        squared_errors += error * error;
        squared_deviations += (times_ms[i] - mean) * (times_ms[i] - mean);
        absolute_errors += std::fabs(error);
    }
    return {1 - squared_errors / squared_deviations, absolute_errors / count};
}

Errors cross_validate(LayerType type, const MeasuredRows& rows, Split split, std::uint32_t folds,
                      std::uint32_t stream) {
    const std::vector<std::uint32_t> fold_of = fold_of_rows(rows, split, folds, stream);
    std::vector<double> predicted(fold_of.size());
    for (std::uint32_t fold = 0; fold < folds; ++fold) {
        std::vector<std::size_t> training;
        for (std::size_t i = 0; i < fold_of.size(); ++i) {
            if (fold_of[i] != fold) {
                training.push_back(i);
            }
        }
        const Fit fit = fit_rows(type, rows, training);
        for (std::size_t i = 0; i < fold_of.size(); ++i) {
            if (fold_of[i] == fold) {
                predicted[i] = predict(fit, rows.features[i]);
            }
        }
    }
    return errors_of(predicted, rows.times_ms);
}

Coefficients fit_directory(const std::string& directory) {
    Coefficients coefficients;
    std::uint32_t stream = 0;
    for (std::size_t s = 0; s < setting_count; ++s) {
        std::set<std::string> networks;
        for (std::size_t r = 0; r < role_count; ++r) {
            for (std::size_t t = 0; t < layer_type_count; ++t, ++stream) {
                const auto type = static_cast<LayerType>(t);
                const auto setting = static_cast<Setting>(s);
                const std::string path = directory + '/' + std::string(setting_names()[s]) + '/' +
                                         std::string(role_names()[r]) + '/' + std::string(info(type).name) + ".csv";
                const MeasuredRows rows = read_measured_rows(path, type, networks);
                std::vector<std::size_t> all(rows.times_ms.size());
                std::iota(all.begin(), all.end(), std::size_t{0});
                Fit fit = fit_rows(type, rows, all);
                fit.rows_left_out = rows.left_out;
                fit.intercept_ms = rounded(fit.intercept_ms);
                for (Fit::Term& term : fit.terms) {
                    term.ms_per_unit = rounded(term.ms_per_unit);
                }
                std::vector<double> predicted;
                predicted.reserve(all.size());
                for (const FeatureValues& values : rows.features) {
                    predicted.push_back(predict(fit, values));
                }
                const std::uint32_t folds =
                    setting == Setting::local ? published_folds_local : published_folds_elsewhere;
                fit.in_sample = rounded_errors(errors_of(predicted, rows.times_ms));
                fit.shuffled_rows = rounded_errors(cross_validate(type, rows, Split::rows, folds, stream));
                fit.unseen_configurations =
                    rounded_errors(cross_validate(type, rows, Split::configurations, configuration_folds, stream));
                coefficients.fit(setting, static_cast<Role>(r), type) = std::move(fit);
            }
        }
        if (networks.size() != published_networks) {
            throw input::InputError({{directory + '/' + std::string(setting_names()[s]), 0, 0},
                                     "the tables are not complete",
                                     std::to_string(networks.size()) + " networks",
                                     std::to_string(published_networks),
                                     {}});
        }
    }
    return coefficients;
}

}  // namespace sotto::analytical
