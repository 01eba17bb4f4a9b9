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
    std::string text(static_cast<std::size_t>(std::snprintf(nullptr, 0, form, values...)), ' ');
    std::snprintf(text.data(), text.size() + 1, form, values...);
    return text;
}

std::string number(const char* form, double value) {
    return std::isnan(value) ? "-" : line_of(form, value);
}

ordered_json json_number(double value) {
    return std::isnan(value) ? ordered_json() : ordered_json(value);
}

// Over whole networks on one role, those without a total left out.
struct Totals {
    std::vector<double> measured;
    std::vector<double> predicted;
    double mean_percent = 0;  // of the absolute errors
    double worst_percent = 0;
    std::size_t without = 0;
    std::size_t incomplete_runs = 0;

    Totals(const std::vector<NetworkFigures>& networks, Role role) {
        for (const NetworkFigures& network : networks) {
            if (network.role != role) {
                continue;
            }
            incomplete_runs += network.incomplete_runs;
            if (network.runs == 0) {
                ++without;
            } else {
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
    if (!is_complete) {
        return {};
    }
    std::vector<training::SlowerPartyTotal> totals = training::totals_of_slower_party(set, held_out);
    // A network of unknown operations alone.
    std::erase_if(totals, [](const training::SlowerPartyTotal& total) { return !(total.measured_ms > 0); });
    return totals;
}

}  // namespace

HeldOutFigures cross_validated(const training::TrainingSet& set, const training::LatencyTrainer& trainer,
                               const CrossValidation& how, const training::TrainingOptions& options) {
    const bool by_network = how.split == training::Split::networks;
    HeldOutFigures figures;
    figures.split = training::split_name(how.split);
    figures.fold_count = by_network ? 0 : how.fold_count;
    figures.seeds = how.seeds;
    if (by_network) {
        figures.seeds.resize(1);
    }
    Pooled pooled;
    for (const std::uint64_t seed : figures.seeds) {
        const training::Folds folds = training::deal(set, how.split, figures.fold_count, seed);
        training::TrainingOptions seeded = options;
        seeded.seed = seed;
        seeded.estimates_deviation = false;  // no figure is of it
        pooled.add(set, training::cross_validate(set, trainer, folds, seeded, how.threads));
    }
    figures.layers = training::figures_by_layer(pooled.set, pooled.rows);
    figures.unknown = training::unknown_operations(pooled.set, pooled.rows);
    if (by_network) {
        figures.networks = training::figures_by_network(pooled.set, pooled.rows);
        figures.totals = slower_party_totals(pooled.set, pooled.rows);
    }
    return figures;
}

HeldOutFigures errors_of(const training::TrainingSet& set, const training::LatencyModel& model) {
    std::vector<HeldOut> rows;
    for (std::uint32_t n = 0; n < set.size(); ++n) {
        std::vector<training::RoleTimes> predicted(set[n].operations.size());
        training::predict_known(model, set[n].operations, predicted);
        for (std::uint32_t r = 0; r < set[n].runs.size(); ++r) {
            for (std::uint32_t p = 0; p < predicted.size(); ++p) {
                rows.push_back({n, r, p, 0, set[n].runs[r][p], predicted[p]});
            }
        }
    }
    HeldOutFigures figures;
    figures.split = no_split;
    figures.layers = training::figures_by_layer(set, rows);
    figures.networks = training::figures_by_network(set, rows);
    figures.unknown = training::unknown_operations(set, rows);
    figures.totals = slower_party_totals(set, rows);
    return figures;
}

void require_known(const training::TrainingSet& set, const training::LatencyModel& model) {
    for (const training::MeasuredNetwork& network : set) {
        std::vector<training::RoleTimes> predicted(network.operations.size());
        model.predict(network.operations, predicted);
    }
}

std::string to_text(const HeldOutFigures& figures) {
    std::string text;
    if (figures.split == no_split) {
        text = "the model as it is, nothing held out\n";
    } else if (figures.split == network_split) {
        text = "held out: one network at a time, seed " + std::to_string(figures.seeds.front()) + '\n';
    } else {
        text = "held out: " + figures.split + ", " + std::to_string(figures.fold_count) + " folds, seed" +
               (figures.seeds.size() > 1 ? "s" : "");
        for (const std::uint64_t seed : figures.seeds) {
            text += (seed == figures.seeds.front() ? " " : ", ") + std::to_string(seed);
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
    for (const auto& [layer, rows] : figures.unknown) {
        text += line_of("  left out: %zu rows of %s, which the model was not trained on\n", rows, layer.c_str());
    }
    if (figures.networks.empty()) {
        return text;
    }
    text += line_of("  %-20s %-6s %13s %13s %9s %7s\n", "network", "role", "measured ms", "predicted ms", "error %",
                    "runs %");
    for (const NetworkFigures& network : figures.networks) {
        text +=
            line_of("  %-20s %-6s %13s %13s %9s %7s\n", network.network.c_str(),
                    std::string(training::role_name(network.role)).c_str(), number("%.1f", network.measured_ms).c_str(),
                    number("%.1f", network.predicted_ms).c_str(), number("%+.2f", network.error_percent).c_str(),
                    number("%.2f", network.run_deviation_percent).c_str());
    }
    for (const Role role : training::roles) {
        const Totals totals(figures.networks, role);
        const std::string name(training::role_name(role));
        if (!totals.measured.empty()) {
            text += line_of("  all networks, %s: mean error %.2f %%, worst %.2f %%\n", name.c_str(),
                            totals.mean_percent, totals.worst_percent);
        }
        if (totals.incomplete_runs > 0) {
            text += line_of("  left out, %s: %zu runs without a time above 0 ms, %zu networks without a run left\n",
                            name.c_str(), totals.incomplete_runs, totals.without);
        }
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
                             {"slower_party_totals", ordered_json::array()},
                             {"unknown", ordered_json(figures.unknown)}};
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
                                        {"runs", network.runs},
                                        {"incomplete_runs", network.incomplete_runs},
                                        {"measured_ms", json_number(network.measured_ms)},
                                        {"predicted_ms", json_number(network.predicted_ms)},
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
