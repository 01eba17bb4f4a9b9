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

bool is_known(const HeldOut& row) {
    return !std::isnan(row.predicted.client_ms);
}

// Of one run, or of one layer type in it.
struct Sum {
    double measured = 0;
    double predicted = 0;

    Sum& operator+=(const Sum& other) {
        measured += other.measured;
        predicted += other.predicted;
        return *this;
    }
    bool is_complete() const { return measured > 0; }  // false for NaN as well
};

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
            if (!std::isnan(row.measured.of(role)) && is_known(row)) {
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
    using SumsByKind = std::map<std::int32_t, Sum>;
    std::map<std::pair<std::uint32_t, Role>, std::map<std::uint32_t, SumsByKind>> groups;  // [network, role][run]
    std::map<std::uint32_t, double> deviations;
    for (const HeldOut& row : held_out) {
        deviations[row.network] = row.total_deviation_ms;
        for (const Role role : roles) {
            SumsByKind& kinds = groups[{row.network, role}][row.run];
            if (is_known(row)) {
                const MeasuredNetwork& network = set[row.network];
                kinds[network.operations[row.position].kind] +=
                    {network.addend({row.run, row.position, role}), row.predicted.of(role)};
            }
        }
    }
    std::vector<NetworkFigures> all;
    for (const auto& [key, runs] : groups) {
        NetworkFigures& network = all.emplace_back();
        network.network = set[key.first].name;
        network.role = key.second;
        std::vector<double> measured;
        std::vector<double> predicted;
        SumsByKind layers;
        for (const auto& [run, kinds] : runs) {
            Sum total;
            for (const auto& [kind, sum] : kinds) {
                total += sum;
            }
            if (!total.is_complete()) {
                ++network.incomplete_runs;
                continue;
            }
            measured.push_back(total.measured);
            predicted.push_back(total.predicted);
            for (const auto& [kind, sum] : kinds) {
                layers[kind] += sum;
            }
        }
        network.runs = measured.size();
        network.measured_ms = mean(measured);
        network.predicted_ms = mean(predicted);
        network.run_deviation_percent = relative_deviation(measured);
        network.error_percent = percent(network.predicted_ms, network.measured_ms);
        network.total_deviation_ms = deviations.at(key.first);
        const auto count = static_cast<double>(network.runs);
        for (const auto& [kind, sum] : layers) {
            network.layers.push_back({std::string(operation_name(kind)), sum.measured / count, sum.predicted / count});
        }
    }
    return all;
}

std::map<std::string, std::size_t> unknown_operations(const TrainingSet& set, std::span<const HeldOut> held_out) {
    std::map<std::string, std::size_t> counts;
    for (const HeldOut& row : held_out) {
        if (!is_known(row)) {
            ++counts[std::string(layer_type(set[row.network].operations[row.position]))];
        }
    }
    return counts;
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
        const double client = set[row.network].addend({row.run, row.position, Role::client});
        const double server = set[row.network].addend({row.run, row.position, Role::server});
        if (std::isnan(client) || std::isnan(server)) {
            fail("has no measured time");
        }
        const RoleTimes predicted = is_known(row) ? row.predicted : RoleTimes{};
        if (slower.runs++ > 0 && !(slower.predicted == predicted)) {
            fail("was not held out in all runs at once");
        }
        slower.predicted = predicted;
        deviations[row.network] = row.total_deviation_ms;
        slower.measured = is_known(row) ? std::min(slower.measured, std::max(client, server)) : 0;
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
