// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <string>
#include <vector>

#include "cost_models/learned/observations.hpp"
#include "cost_models/training/non_negative_least_squares.hpp"

namespace sotto::learned {
namespace {

struct Row {
    std::vector<double> terms;
    double time_ms = 0;
    double weight = 0;
};

// What is thought of a coefficient before there are rows: `coefficient`, so well that `size` of its term is off by
// `deviation_ms`. Keeps a coefficient that few rows decide from being anything at all.
struct Prior {
    std::size_t term = 0;
    double size = 0;
    double deviation_ms = 0;
    double coefficient = 0;
};

constexpr double normal_median_deviation = 1.4826;  // standard deviations for each median absolute deviation

double median(std::vector<double> values) {
    const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
    std::nth_element(values.begin(), middle, values.end());
    return *middle;
}

std::vector<double> solve(const std::vector<Row>& rows, const std::vector<double>& importance,
                          const std::vector<Prior>& priors) {
    const std::size_t count = rows.front().terms.size();
    std::vector<long double> scale(count, 0);
    for (std::size_t r = 0; r < rows.size(); ++r) {
        for (std::size_t i = 0; i < count; ++i) {
            const long double term = rows[r].terms[i];
            scale[i] += importance[r] * term * term;
        }
    }
    for (long double& value : scale) {
        value = value > 0 ? std::sqrt(value) : 1;
    }
    std::vector<long double> gram(count * count, 0);
    std::vector<long double> moment(count, 0);
    for (std::size_t r = 0; r < rows.size(); ++r) {
        for (std::size_t i = 0; i < count; ++i) {
            const long double left = importance[r] * rows[r].terms[i] / scale[i];
            if (left == 0) {
                continue;
            }
            moment[i] += left * rows[r].time_ms;
            for (std::size_t k = 0; k < count; ++k) {
                gram[i * count + k] += left * rows[r].terms[k] / scale[k];
            }
        }
    }
    for (const Prior& prior : priors) {
        const long double term = prior.size / prior.deviation_ms / scale[prior.term];
        gram[prior.term * count + prior.term] += term * term;
        moment[prior.term] += term * prior.size / prior.deviation_ms * prior.coefficient;
    }
    const std::vector<long double> solution = training::non_negative_least_squares(gram, moment);
    std::vector<double> coefficients(count);
    for (std::size_t i = 0; i < count; ++i) {
        coefficients[i] = static_cast<double>(solution[i] / scale[i]);
    }
    return coefficients;
}

double predicted(const Row& row, const std::vector<double>& coefficients) {
    double sum = 0;
    for (std::size_t i = 0; i < coefficients.size(); ++i) {
        sum += coefficients[i] * row.terms[i];
    }
    return sum;
}

// The times are known to some milliseconds and some percent; the first rounds are more lenient, so that the large
// waits of a few rows find their coefficient before those rows can look like outliers.
std::vector<double> fit_robustly(const std::vector<Row>& rows, const std::vector<Prior>& priors) {
    constexpr int lenient_rounds = 5;
    constexpr int rounds = 16;
    constexpr double tuning = 2;
    std::vector<double> importance(rows.size());
    std::vector<double> coefficients;
    for (int round = 0; round < rounds; ++round) {
        const bool is_lenient = round < lenient_rounds;
        std::vector<double> residuals(rows.size(), 0);
        std::vector<double> deviations(rows.size());
        for (std::size_t r = 0; r < rows.size(); ++r) {
            deviations[r] = (is_lenient ? 50 : 4) + (is_lenient ? 0.1 : 0.03) * rows[r].time_ms;
            residuals[r] =
                round == 0 ? 0 : std::abs(rows[r].time_ms - predicted(rows[r], coefficients)) / deviations[r];
        }
        const double limit = std::max(tuning * normal_median_deviation * median(residuals), 1e-3);
        for (std::size_t r = 0; r < rows.size(); ++r) {
            const double share = residuals[r] <= limit ? 1 : std::pow(limit / residuals[r], 1.5);
            importance[r] = rows[r].weight * share / (deviations[r] * deviations[r]);
        }
        coefficients = solve(rows, importance, priors);
    }
    return coefficients;
}

template <typename Use>
void for_each_known(const Observations& observations, Use&& use) {
    for (const std::vector<Observation>& network : observations) {
        for (std::size_t i = 0; i < network.size(); ++i) {
            if (network[i].weight > 0) {
                use(network, i);
            }
        }
    }
}

// A homomorphic normalisation is a convolution with one scalar for each channel: where few of them were measured, the
// convolutions tell what its ciphertexts cost.
std::vector<Prior> priors_of(LayerType type, const PhysicalTimes::Role& fitted) {
    constexpr double usual_elements = 3072;  // of a ciphertext, three quarters full
    constexpr double usual_ciphertexts = 100;
    constexpr double relative_deviation = 0.2;
    const OwnTerms& conv = fitted.own[static_cast<std::size_t>(LayerType::conv)];
    const double ciphertext_ms = conv[1] + conv[2] + conv[3] + usual_elements * (conv[5] + conv[9]);
    if (type != LayerType::bn || ciphertext_ms == 0) {
        return {};
    }
    return {{1, usual_ciphertexts, relative_deviation * usual_ciphertexts * ciphertext_ms, ciphertext_ms}};
}

void fit_linear_type(const Observations& observations, LayerType type, training::Role role, PhysicalTimes& times) {
    std::vector<Row> rows;
    for_each_known(observations, [&](const std::vector<Observation>& network, std::size_t i) {
        const Observation& one = network[i];
        if (one.work.type == type) {
            const OwnTerms terms = own_terms(one.work);
            rows.push_back({{terms.begin(), terms.end()}, one.time_ms[static_cast<std::size_t>(role)], one.weight});
        }
    });
    if (rows.empty()) {
        return;
    }
    const std::vector<double> coefficients = fit_robustly(rows, priors_of(type, times.of(role)));
    std::copy(coefficients.begin(), coefficients.end(), times.of(role).own[static_cast<std::size_t>(type)].begin());
    times.set_known(type);
}

constexpr std::array nonlinear_types = {LayerType::relu, LayerType::trunc, LayerType::maxpool, LayerType::avgpool};

// All non-linear types at once: their waits have coefficients in common.
void fit_nonlinear_types(const Observations& observations, training::Role role, PhysicalTimes& times) {
    constexpr std::size_t own_count = nonlinear_types.size() * most_own_terms;
    std::vector<Row> rows;
    for_each_known(observations, [&](const std::vector<Observation>& network, std::size_t i) {
        const Observation& one = network[i];
        const auto type = std::find(nonlinear_types.begin(), nonlinear_types.end(), one.work.type);
        if (type == nonlinear_types.end()) {
            return;
        }
        Row row{std::vector<double>(own_count + wait_term_count, 0), one.time_ms[static_cast<std::size_t>(role)],
                one.weight};
        const OwnTerms own = own_terms(one.work);
        std::copy(own.begin(), own.end(),
                  row.terms.begin() + (type - nonlinear_types.begin()) * static_cast<std::ptrdiff_t>(most_own_terms));
        const BothRoles previous = i > 0 ? times.own_ms(network[i - 1].work) : BothRoles{};
        const auto wait = wait_terms(role, one.work, one.work.refills, previous);
        std::copy(wait.begin(), wait.end(), row.terms.begin() + own_count);
        rows.push_back(std::move(row));
        times.set_known(one.work.type);
    });
    if (rows.empty()) {
        return;
    }
    // A layer of 30 million weights, of 10 million that collide: known to make the server wait for seconds at most.
    constexpr double deviation_ms = 300;
    const std::vector<double> coefficients = fit_robustly(
        rows,
        {{own_count + 3, 3e7, deviation_ms}, {own_count + 4, 1e7, deviation_ms}, {own_count + 5, 1e7, deviation_ms}});
    PhysicalTimes::Role& fitted = times.of(role);
    for (std::size_t t = 0; t < nonlinear_types.size(); ++t) {
        const auto begin = coefficients.begin() + static_cast<std::ptrdiff_t>(t * most_own_terms);
        std::copy_n(begin, most_own_terms, fitted.own[static_cast<std::size_t>(nonlinear_types[t])].begin());
    }
    std::copy_n(coefficients.begin() + own_count, wait_term_count, fitted.wait.begin());
}

}  // namespace

PhysicalTimes fit_physical_times(const Observations& observations) {
    PhysicalTimes times;
    for (const training::Role role : {training::Role::client, training::Role::server}) {
        for (const LayerType type : {LayerType::conv, LayerType::bn, LayerType::fc}) {
            fit_linear_type(observations, type, role, times);
        }
    }
    for (const training::Role role : {training::Role::client, training::Role::server}) {
        fit_nonlinear_types(observations, role, times);
    }
    return times;
}

}  // namespace sotto::learned
