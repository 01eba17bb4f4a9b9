// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-train/held_out_figures.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace sotto::tools {
namespace {

using nlohmann::ordered_json;
using training::HeldOut;
using training::NetworkFigures;
using training::Role;

constexpr const char* no_split = "none";
constexpr const char* network_split = "network";

// The same rows under another seed are rows of their own: figures are over all of them.
struct Pooled {
    training::TrainingSet set;
    std::vector<HeldOut> rows;

    void add(const training::TrainingSet& other, std::vector<HeldOut> held_out) {
        for (HeldOut& row : held_out) {
            row.network += static_cast<std::uint32_t>(set.size());
        }
        set.insert(set.end(), other.begin(), other.end());
        rows.insert(rows.end(), held_out.begin(), held_out.end());
    }
};

std::string line_of(const char* form, const auto&... values) {
    char text[256];
    std::snprintf(text, sizeof text, form, values...);
    return text;
}

std::string number(const char* form, double value) {
    return std::isnan(value) ? "-" : line_of(form, value);
}

ordered_json json_number(double value) {
    return std::isnan(value) ? ordered_json() : ordered_json(value);
}

// Over whole networks on one role.
struct Totals {
    std::vector<double> measured;
    std::vector<double> predicted;
    double mean_percent = 0;  // of the absolute errors
    double worst_percent = 0;

    Totals(const std::vector<NetworkFigures>& networks, Role role) {
        for (const NetworkFigures& network : networks) {
            if (network.role == role) {
                measured.push_back(network.measured_ms);
                predicted.push_back(network.predicted_ms);
                const double error = std::fabs(network.error_percent);
                mean_percent += error;
                worst_percent = std::max(worst_percent, error);
            }
        }
        mean_percent /= static_cast<double>(std::max<std::size_t>(measured.size(), 1));
    }
};

// Empty where an operation has no time of its own (0 ms: below the resolution of the clock).
std::vector<training::SlowerPartyTotal> slower_party_totals(const training::TrainingSet& set,
                                                            const std::vector<HeldOut>& held_out) {
    const bool is_complete = std::all_of(held_out.begin(), held_out.end(), [](const HeldOut& row) {
        return !std::isnan(row.measured.client_ms) && !std::isnan(row.measured.server_ms);
    });
    return is_complete ? training::totals_of_slower_party(set, held_out) : std::vector<training::SlowerPartyTotal>();
}

}  // namespace

HeldOutFigures cross_validated(const training::TrainingSet& set, const training::LatencyTrainer& trainer,
                               const CrossValidation& how, const training::TrainingOptions& options) {
    const bool by_network = how.split == training::Split::networks;
    const training::TrainingSet timed = training::without_zero_times(set);
    HeldOutFigures figures;
    figures.split = training::split_name(how.split);
    figures.fold_count = by_network ? 0 : how.fold_count;
    figures.seeds = how.seeds;
    if (by_network) {
        figures.seeds.resize(1);
    }
    Pooled pooled;
    for (const std::uint64_t seed : figures.seeds) {
        const training::Folds folds = training::deal(timed, how.split, figures.fold_count, seed);
        training::TrainingOptions seeded = options;
        seeded.seed = seed;
        pooled.add(timed, training::cross_validate(timed, trainer, folds, seeded, how.threads));
    }
    figures.layers = training::figures_by_layer(pooled.set, pooled.rows);
    if (by_network) {
        figures.networks = training::figures_by_network(pooled.set, pooled.rows);
        figures.totals = slower_party_totals(pooled.set, pooled.rows);
    }
    return figures;
}

HeldOutFigures errors_of(const training::TrainingSet& set, const training::LatencyModel& model) {
    const training::TrainingSet timed = training::without_zero_times(set);
    std::vector<HeldOut> rows;
    for (std::uint32_t n = 0; n < timed.size(); ++n) {
        std::vector<training::RoleTimes> predicted(timed[n].operations.size());
        model.predict(timed[n].operations, predicted);
        for (std::uint32_t r = 0; r < timed[n].runs.size(); ++r) {
            for (std::uint32_t p = 0; p < predicted.size(); ++p) {
                rows.push_back({n, r, p, 0, timed[n].runs[r][p], predicted[p]});
            }
        }
    }
    HeldOutFigures figures;
    figures.split = no_split;
    figures.layers = training::figures_by_layer(timed, rows);
    figures.networks = training::figures_by_network(timed, rows);
    figures.totals = slower_party_totals(timed, rows);
    return figures;
}

std::string to_text(const HeldOutFigures& figures) {
    std::string text;
    if (figures.split == no_split) {
        text = "the model as it is, nothing held out\n";
    } else if (figures.split == network_split) {
        text = "held out: one network at a time, seed " + std::to_string(figures.seeds.front()) + '\n';
    } else {
        text = "held out: " + figures.split + ", " + std::to_string(figures.fold_count) + " folds, seed";
        for (const std::uint64_t seed : figures.seeds) {
            text += ' ' + std::to_string(seed);
        }
        text += '\n';
    }
    text +=
        line_of("  %-8s %-6s %8s %9s %11s %11s %8s\n", "layer", "role", "rows", "R2", "MAE ms", "mean ms", "bias %");
    for (const training::LayerFigures& layer : figures.layers) {
        const training::ErrorFigures& of = layer.figures;
        text += line_of("  %-8s %-6s %8zu %9s %11.2f %11.2f %8s\n", layer.layer.c_str(),
                        std::string(training::role_name(layer.role)).c_str(), of.rows, number("%.4f", of.r2).c_str(),
                        of.mae_ms, of.mean_measured_ms, number("%+.2f", of.bias_percent).c_str());
    }
    if (figures.networks.empty()) {
        return text;
    }
    text += line_of("  %-20s %-6s %13s %13s %9s %7s\n", "network", "role", "measured ms", "predicted ms", "error %",
                    "runs %");
    for (const NetworkFigures& network : figures.networks) {
        text += line_of("  %-20s %-6s %13.1f %13.1f %9s %7s\n", network.network.c_str(),
                        std::string(training::role_name(network.role)).c_str(), network.measured_ms,
                        network.predicted_ms, number("%+.2f", network.error_percent).c_str(),
                        number("%.2f", network.run_deviation_percent).c_str());
    }
    for (const Role role : training::roles) {
        const Totals totals(figures.networks, role);
        text += line_of("  all networks, %s: mean error %.2f %%, worst %.2f %%\n",
                        std::string(training::role_name(role)).c_str(), totals.mean_percent, totals.worst_percent);
    }
    if (!figures.totals.empty()) {
        double mean = 0;
        double worst = 0;
        for (const training::SlowerPartyTotal& total : figures.totals) {
            mean += std::fabs(total.error_percent) / static_cast<double>(figures.totals.size());
            worst = std::max(worst, std::fabs(total.error_percent));
        }
        text += line_of(
            "  all networks, slower party in its fastest run of each operation: mean error %.2f %%, worst "
            "%.2f %%\n",
            mean, worst);
    }
    return text;
}

ordered_json to_json(const HeldOutFigures& figures) {
    ordered_json document = {{"split", figures.split},
                             {"folds", figures.fold_count},
                             {"seeds", figures.seeds},
                             {"layers", ordered_json::array()},
                             {"networks", ordered_json::array()},
                             {"slower_party_totals", ordered_json::array()}};
    for (const training::SlowerPartyTotal& total : figures.totals) {
        document["slower_party_totals"].push_back({{"network", total.network},
                                                   {"measured_ms", total.measured_ms},
                                                   {"predicted_ms", total.predicted_ms},
                                                   {"error_percent", total.error_percent}});
    }
    for (const training::LayerFigures& layer : figures.layers) {
        document["layers"].push_back({{"layer", layer.layer},
                                      {"role", training::role_name(layer.role)},
                                      {"rows", layer.figures.rows},
                                      {"r2", json_number(layer.figures.r2)},
                                      {"mae_ms", layer.figures.mae_ms},
                                      {"mean_measured_ms", layer.figures.mean_measured_ms},
                                      {"bias_percent", json_number(layer.figures.bias_percent)}});
    }
    for (const NetworkFigures& network : figures.networks) {
        ordered_json layers = ordered_json::array();
        for (const training::LayerSums& layer : network.layers) {
            layers.push_back(
                {{"layer", layer.layer}, {"measured_ms", layer.measured_ms}, {"predicted_ms", layer.predicted_ms}});
        }
        document["networks"].push_back({{"network", network.network},
                                        {"role", training::role_name(network.role)},
                                        {"measured_ms", network.measured_ms},
                                        {"predicted_ms", network.predicted_ms},
                                        {"error_percent", json_number(network.error_percent)},
                                        {"run_deviation_percent", json_number(network.run_deviation_percent)},
                                        {"layers", std::move(layers)}});
    }
    return document;
}

std::vector<model_file::HeldOutError> to_held_out_errors(const HeldOutFigures& figures) {
    std::vector<model_file::HeldOutError> errors;
    const auto add = [&](const std::string& of, Role role, const training::ErrorFigures& error) {
        errors.push_back({figures.split, of, std::string(training::role_name(role)),
                          static_cast<std::int64_t>(error.rows), error.r2, error.mae_ms, error.bias_percent});
    };
    for (const training::LayerFigures& layer : figures.layers) {
        add(layer.layer, layer.role, layer.figures);
    }
    for (const Role role : training::roles) {
        const Totals totals(figures.networks, role);
        if (!totals.measured.empty()) {
            add("network", role, training::error_figures(totals.measured, totals.predicted));
        }
    }
    return errors;
}

}  // namespace sotto::tools
