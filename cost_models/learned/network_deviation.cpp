// SPDX-License-Identifier: Apache-2.0
#include "cost_models/learned/network_deviation.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <vector>

#include "cost_models/training/cross_validation.hpp"

namespace sotto::learned {
namespace {

constexpr std::uint32_t most_folds = 4;
constexpr std::uint64_t deal_seed = 1;

// Of one network by role.
struct Totals {
    BothRoles measured{};
    BothRoles predicted{};
};

std::vector<Totals> totals_of(const Observations& observations, const std::vector<training::HeldOut>& held_out) {
    std::vector<Totals> totals(observations.size());
    for (const training::HeldOut& row : held_out) {
        const Observation& one = observations[row.network][row.position];
        if (row.run > 0 || one.weight == 0 || std::isnan(row.predicted.client_ms)) {
            continue;  // every run has the same prediction
        }
        Totals& total = totals[row.network];
        const BothRoles predicted = {row.predicted.client_ms, row.predicted.server_ms};
        for (std::size_t role = 0; role < predicted.size(); ++role) {
            total.measured[role] += one.time_ms[role];
            total.predicted[role] += predicted[role];
        }
    }
    return totals;
}

double quantile(std::vector<double> values, double share) {
    std::sort(values.begin(), values.end());
    const double rank = share * static_cast<double>(values.size() - 1);
    const auto below = static_cast<std::size_t>(rank);
    const double above = values[std::min(below + 1, values.size() - 1)];
    return values[below] + (above - values[below]) * (rank - static_cast<double>(below));
}

}  // namespace

double network_deviation(const training::TrainingSet& set, const Observations& observations,
                         const training::LatencyTrainer& trainer, const training::TrainingOptions& options) {
    constexpr double tenth = 1.6449;  // standard deviations beyond which a tenth of a normal distribution lies
    const auto networks = std::count_if(observations.begin(), observations.end(), [](const auto& network) {
        return std::any_of(network.begin(), network.end(), [](const Observation& one) { return one.weight > 0; });
    });
    if (networks < 3) {
        throw std::invalid_argument("found " + std::to_string(networks) +
                                    " networks, expected 3 or more to tell how far off a network can be");
    }
    const auto folds = std::min(most_folds, static_cast<std::uint32_t>(networks));
    const std::vector<training::HeldOut> held_out = training::cross_validate(
        set, trainer, training::deal(set, training::Split::networks, folds, deal_seed), options, 1);
    std::vector<double> errors;
    for (const Totals& total : totals_of(observations, held_out)) {
        const std::size_t slower = total.measured[0] >= total.measured[1] ? 0 : 1;
        if (total.measured[slower] > 0) {
            errors.push_back(std::abs(total.measured[slower] / total.predicted[slower] - 1));
        }
    }
    return quantile(std::move(errors), 0.9) / tenth;
}

}  // namespace sotto::learned
