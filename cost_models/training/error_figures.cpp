// SPDX-License-Identifier: Apache-2.0
#include "cost_models/training/error_figures.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <stdexcept>

#include "cost_models/training/operation_columns.hpp"

namespace sotto::training {
namespace {

constexpr double not_known = std::numeric_limits<double>::quiet_NaN();

struct Pairs {
    std::vector<double> measured;
    std::vector<double> predicted;
};

double percent(double predicted, double measured) {
    return measured > 0 ? 100 * (predicted - measured) / measured : not_known;
}

double mean(std::span<const double> values) {
    return values.empty() ? not_known
                          : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Standard deviation over the mean, in percent.
double relative_deviation(const std::vector<double>& values) {
    if (values.size() < 2) {
        return not_known;
    }
    const double middle = mean(values);
    double sum = 0;
    for (const double value : values) {
        sum += (value - middle) * (value - middle);
    }
    return 100 * std::sqrt(sum / static_cast<double>(values.size() - 1)) / middle;
}

ErrorFigures pooled(const std::map<std::uint32_t, Pairs>& folds, Pooling pooling) {
    Pairs all;
    std::vector<double> r2;
    std::vector<double> mae;
    for (const auto& [fold, pairs] : folds) {
        all.measured.insert(all.measured.end(), pairs.measured.begin(), pairs.measured.end());
        all.predicted.insert(all.predicted.end(), pairs.predicted.begin(), pairs.predicted.end());
        const ErrorFigures figures = error_figures(pairs.measured, pairs.predicted);
        mae.push_back(figures.mae_ms);
        if (!std::isnan(figures.r2)) {
            r2.push_back(figures.r2);
        }
    }
    ErrorFigures figures = error_figures(all.measured, all.predicted);
    if (pooling == Pooling::mean_of_folds) {
        figures.r2 = mean(r2);
        figures.mae_ms = mean(mae);
    }
    return figures;
}

}  // namespace

ErrorFigures error_figures(std::span<const double> measured, std::span<const double> predicted) {
    assert(measured.size() == predicted.size() && !measured.empty());
    ErrorFigures figures;
    figures.rows = measured.size();
    figures.mean_measured_ms = mean(measured);
    double squared_errors = 0;
    double squared_deviations = 0;
    double absolute_errors = 0;
    bool is_constant = true;
    for (std::size_t i = 0; i < measured.size(); ++i) {
        const double error = predicted[i] - measured[i];
        const double deviation = measured[i] - figures.mean_measured_ms;
        squared_errors += error * error;
        squared_deviations += deviation * deviation;
        absolute_errors += std::fabs(error);
        is_constant = is_constant && measured[i] == measured.front();
    }
    figures.r2 = is_constant ? not_known : 1 - squared_errors / squared_deviations;
    figures.mae_ms = absolute_errors / static_cast<double>(measured.size());
    figures.bias_percent = percent(mean(predicted), figures.mean_measured_ms);
    return figures;
}

std::vector<LayerFigures> figures_by_layer(const TrainingSet& set, std::span<const HeldOut> held_out, Pooling pooling) {
    std::map<std::pair<std::int32_t, Role>, std::map<std::uint32_t, Pairs>> groups;
    for (const HeldOut& row : held_out) {
        const std::int32_t kind = set[row.network].operations[row.position].kind;
        for (const Role role : roles) {
            if (!std::isnan(row.measured.of(role))) {
                Pairs& pairs = groups[{kind, role}][row.fold];
                pairs.measured.push_back(row.measured.of(role));
                pairs.predicted.push_back(row.predicted.of(role));
            }
        }
    }
    std::vector<LayerFigures> all;
    all.reserve(groups.size());
    for (const auto& [key, folds] : groups) {
        all.push_back({std::string(operation_name(key.first)), key.second, pooled(folds, pooling)});
    }
    return all;
}

std::vector<NetworkFigures> figures_by_network(const TrainingSet& set, std::span<const HeldOut> held_out) {
    struct Sums {
        std::map<std::uint32_t, std::pair<double, double>> runs;   // measured and predicted
        std::map<std::int32_t, std::pair<double, double>> layers;  // over all runs
        double deviation = 0;
    };
    std::map<std::pair<std::uint32_t, Role>, Sums> groups;
    for (const HeldOut& row : held_out) {
        for (const Role role : roles) {
            Sums& sums = groups[{row.network, role}];
            sums.deviation = row.total_deviation_ms;
            std::pair<double, double>& run = sums.runs[row.run];
            std::pair<double, double>& layer = sums.layers[set[row.network].operations[row.position].kind];
            if (!std::isnan(row.measured.of(role))) {
                run.first += row.measured.of(role);
                run.second += row.predicted.of(role);
                layer.first += row.measured.of(role);
                layer.second += row.predicted.of(role);
            }
        }
    }
    std::vector<NetworkFigures> all;
    for (const auto& [key, sums] : groups) {
        NetworkFigures& network = all.emplace_back();
        network.network = set[key.first].name;
        network.role = key.second;
        std::vector<double> measured;
        std::vector<double> predicted;
        for (const auto& [run, times] : sums.runs) {
            measured.push_back(times.first);
            predicted.push_back(times.second);
        }
        network.measured_ms = mean(measured);
        network.predicted_ms = mean(predicted);
        network.run_deviation_percent = relative_deviation(measured);
        network.error_percent = percent(network.predicted_ms, network.measured_ms);
        network.total_deviation_ms = sums.deviation;
        const auto runs = static_cast<double>(sums.runs.size());
        for (const auto& [kind, times] : sums.layers) {
            network.layers.push_back({std::string(operation_name(kind)), times.first / runs, times.second / runs});
        }
    }
    return all;
}

std::vector<SlowerPartyTotal> totals_of_slower_party(const TrainingSet& set, std::span<const HeldOut> held_out) {
    struct Slower {
        double measured = std::numeric_limits<double>::infinity();
        RoleTimes predicted;
        std::size_t runs = 0;
    };
    std::map<std::uint32_t, std::vector<Slower>> networks;
    std::map<std::uint32_t, double> deviations;
    for (const HeldOut& row : held_out) {
        std::vector<Slower>& operations =
            networks.try_emplace(row.network, set[row.network].operations.size()).first->second;
        Slower& slower = operations[row.position];
        const auto fail = [&](const char* reason) {
            throw std::invalid_argument("operation " + std::to_string(row.position) + " of network '" +
                                        set[row.network].name + "' " + reason);
        };
        if (std::isnan(row.measured.client_ms) || std::isnan(row.measured.server_ms)) {
            fail("has no measured time");
        }
        if (slower.runs++ > 0 && !(slower.predicted == row.predicted)) {
            fail("was not held out in all runs at once");
        }
        slower.predicted = row.predicted;
        deviations[row.network] = row.total_deviation_ms;
        slower.measured = std::min(slower.measured, std::max(row.measured.client_ms, row.measured.server_ms));
    }
    std::vector<SlowerPartyTotal> totals;
    for (const auto& [network, operations] : networks) {
        SlowerPartyTotal& total = totals.emplace_back();
        total.network = set[network].name;
        std::map<std::int32_t, std::pair<double, double>> layers;
        for (std::size_t p = 0; p < operations.size(); ++p) {
            if (operations[p].runs == 0) {
                throw std::invalid_argument("operation " + std::to_string(p) + " of network '" + total.network +
                                            "' was not held out");
            }
            const double predicted = std::max(operations[p].predicted.client_ms, operations[p].predicted.server_ms);
            std::pair<double, double>& layer = layers[set[network].operations[p].kind];
            layer.first += operations[p].measured;
            layer.second += predicted;
            total.measured_ms += operations[p].measured;
            total.predicted_ms += predicted;
        }
        for (const auto& [kind, times] : layers) {
            total.layers.push_back({std::string(operation_name(kind)), times.first, times.second});
        }
        total.error_percent = percent(total.predicted_ms, total.measured_ms);
        total.total_deviation_ms = deviations.at(network);
    }
    return totals;
}

}  // namespace sotto::training
