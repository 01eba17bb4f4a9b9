// SPDX-License-Identifier: Apache-2.0
#include "cost_models/training/network_deviation.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "cost_models/training/cross_validation.hpp"
#include "cost_models/training/repeated_times.hpp"

namespace sotto::training {
namespace {

constexpr std::uint32_t most_folds = 4;
constexpr std::uint32_t fewest_networks = 3;
constexpr std::uint64_t deal_seed = 1;

// Of one network by role.
struct Totals {
    std::array<double, role_count> measured{};
    std::array<double, role_count> predicted{};
};

std::vector<Totals> totals_of(const TrainingSet& set, const std::vector<HeldOut>& held_out) {
    std::vector<Totals> totals(set.size());
    for (const HeldOut& row : held_out) {
        if (row.run > 0) {
            continue;  // every run has the same prediction
        }
        const RepeatedTimes measured = repeated_times(set[row.network], row.position);
        if (measured.runs == 0 || std::isnan(row.predicted.client_ms)) {
            continue;
        }
        for (const Role role : {Role::client, Role::server}) {
            const auto index = static_cast<std::size_t>(role);
            totals[row.network].measured[index] += measured.times.of(role);
            totals[row.network].predicted[index] += row.predicted.of(role);
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

bool has_times(const MeasuredNetwork& network) {
    for (std::size_t position = 0; position < network.operations.size(); ++position) {
        if (repeated_times(network, position).runs > 0) {
            return true;
        }
    }
    return false;
}

}  // namespace

double network_deviation(const TrainingSet& set, const LatencyTrainer& trainer, const TrainingOptions& options) {
    constexpr double tenth = 1.6449;  // standard deviations beyond which a tenth of a normal distribution lies
    const auto networks = static_cast<std::uint32_t>(std::count_if(set.begin(), set.end(), has_times));
    if (networks < fewest_networks) {
        return std::numeric_limits<double>::quiet_NaN();
    }
    const Folds folds = deal(set, Split::networks, std::min(most_folds, networks), deal_seed);
    TrainingOptions silent = options;  // these folds are not the caller's
    silent.on_fold = {};
    std::vector<double> errors;
    for (const Totals& total : totals_of(set, cross_validate(set, trainer, folds, silent, 1))) {
        const std::size_t slower = total.measured[0] >= total.measured[1] ? 0 : 1;
        if (total.measured[slower] > 0) {
            errors.push_back(std::abs(total.measured[slower] / total.predicted[slower] - 1));
        }
    }
    return errors.empty() ? std::numeric_limits<double>::quiet_NaN() : quantile(std::move(errors), 0.9) / tenth;
}

}  // namespace sotto::training
