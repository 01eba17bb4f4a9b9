// SPDX-License-Identifier: Apache-2.0
#include "cost_models/analytical/fit/linear_fit.hpp"

#include <algorithm>
#include <cassert>
#include <cstdio>
#include <cstdlib>

#include "cost_models/training/non_negative_least_squares.hpp"

namespace sotto::analytical {
namespace {

double rounded(double value) {
    char text[32];
    std::snprintf(text, sizeof text, "%.9e", value);
    return std::strtod(text, nullptr);
}

}  // namespace

Fit fit_rows(LayerType type, const MeasuredRows& rows) {
    assert(!rows.times_ms.empty() && rows.features.size() == rows.times_ms.size());
    const std::size_t features = info(type).features.size();
    Fit fit;
    fit.rows = static_cast<std::int64_t>(rows.times_ms.size());
    fit.rows_left_out = rows.left_out;
    fit.terms.resize(features);
    for (std::size_t f = 0; f < features; ++f) {
        fit.terms[f].least = fit.terms[f].most = rows.features.front()[f];
        for (const FeatureValues& values : rows.features) {
            fit.terms[f].least = std::min(fit.terms[f].least, values[f]);
            fit.terms[f].most = std::max(fit.terms[f].most, values[f]);
        }
    }
    const std::size_t columns = features + (info(type).has_intercept ? 1 : 0);
    std::vector<long double> gram(columns * columns, 0);
    std::vector<long double> moment(columns, 0);
    std::vector<long double> scaled(columns, 1);
    for (std::size_t row = 0; row < rows.times_ms.size(); ++row) {
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
    const std::vector<long double> weights = training::non_negative_least_squares(gram, moment);
    for (std::size_t f = 0; f < features; ++f) {
        Fit::Term& term = fit.terms[f];
        const long double range = static_cast<long double>(term.most) - term.least;
        term.ms_per_unit = range > 0 ? rounded(static_cast<double>(weights[f] / range)) : 0;
    }
    fit.intercept_ms = info(type).has_intercept ? rounded(static_cast<double>(weights.back())) : 0;
    return fit;
}

}  // namespace sotto::analytical
