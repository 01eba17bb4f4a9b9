// SPDX-License-Identifier: Apache-2.0
#include "bench/cost_models_report/text_report.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "bench/cost_models_report/bars.hpp"
#include "bench/cost_models_report/text_table.hpp"
#include "cost_models/training/latency_trainer.hpp"
#include "cost_models/training/operation_columns.hpp"

namespace sotto::report {
namespace {

using training::role_name;
using Row = std::vector<std::string>;

constexpr double not_known = std::numeric_limits<double>::quiet_NaN();

std::string title(const std::string& text) {
    return '\n' + text + '\n' + std::string(text.size(), '-') + '\n';
}

std::string list(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) {
        text += (text.empty() ? "" : ", ") + name;
    }
    return text;
}

// Settings and layer types in the order of the tables.
std::size_t setting_place(const std::string& setting) {
    const auto all = training::settings();
    return static_cast<std::size_t>(
        std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.name == setting; }) - all.begin());
}

template <typename Key>
struct ByPlace {
    bool operator()(const Key& first, const Key& second) const { return place(first) < place(second); }

    static auto place(const LayerKey& key) {
        return std::tuple(setting_place(key.setting), training::operation_kind(key.layer), key.role);
    }
    static auto place(const NetworkKey& key) { return std::tuple(setting_place(key.setting), key.network, key.role); }
};

using LayerResults = std::map<LayerKey, std::map<std::string, const LayerResult*>, ByPlace<LayerKey>>;

LayerResults by_key(const std::vector<LayerResult>& results) {
    LayerResults by;
    for (const LayerResult& result : results) {
        by[result.key][result.model] = &result;
    }
    return by;
}

template <typename Map, typename Key>
auto find(const Map& map, const Key& key) -> const typename Map::mapped_type* {
    const auto found = map.find(key);
    return found == map.end() ? nullptr : &found->second;
}

void add_figure(Row& row, const LayerFigure* figure) {
    row.push_back(figure == nullptr ? "-" : fixed(figure->r2, 3));
    row.push_back(figure == nullptr ? "-" : fixed(figure->mae_ms, 0));
}

std::string count_text(std::size_t good, std::size_t all) {
    return std::to_string(good) + " of " + std::to_string(all);
}

std::string shuffled_section(const Report& report) {
    Row header = {"setting", "layer", "role", "limit R2", "ms", "paper analytical", "ms", "paper mlp", "ms"};
    for (const std::string& model : report.models) {
        header.insert(header.end(), {model, "ms", ""});
    }
    TextTable table(header, 3);
    std::map<std::string, std::pair<std::size_t, std::size_t>> good;
    for (const auto& [key, models] : by_key(report.shuffled)) {
        const auto* const published = find(report.published.layers, key);
        Row row = {key.setting, key.layer, std::string(role_name(key.role))};
        add_figure(row, find(report.published.limits, key));
        for (const char* const method : {"analytical", "mlp"}) {
            add_figure(row, published == nullptr ? nullptr : find(*published, std::string(method)));
        }
        for (const std::string& model : report.models) {
            const auto* const result = find(models, model);
            if (result == nullptr) {
                row.insert(row.end(), {"-", "-", ""});
                continue;
            }
            std::string mark;
            if (published != nullptr) {
                const LayerFigure* const analytical = find(*published, std::string("analytical"));
                const bool is_good = model == "analytical" && analytical != nullptr
                                         ? is_reproduced(*analytical, **result)
                                         : matches_or_beats(*published, **result);
                mark = is_good ? "ok" : "no";
                good[model].first += is_good ? 1 : 0;
                ++good[model].second;
            }
            row.insert(row.end(), {fixed((*result)->r2.mean, 3), fixed((*result)->mae_ms.mean, 0), mark});
        }
        table.add(row);
    }
    std::string text =
        title("1. Shuffled rows, as published: R2 and mean absolute error of an operation, means of folds");
    text +=
        "Every layer of a held-out row was trained on. ok: analytical within .01 of the published R2 (of what the "
        "seeds "
        "span) and 3 ms;\nothers at least as good as both published methods. Rows of 0 ms are left out, as "
        "published.\n\n";
    text += table.text();
    for (const std::string& model : report.models) {
        if (good.contains(model)) {
            text += model +
                    (model == "analytical" ? ": reproduces " : ": matches or beats both published methods in ") +
                    count_text(good[model].first, good[model].second) + " published cells\n";
        }
    }
    return text;
}

std::string grouped_section(const Report& report) {
    Row header = {"setting", "layer", "role", "limit R2", "asked"};
    for (const std::string& model : report.models) {
        header.insert(header.end(), {model, "least", "most", "ms", "bias %", ""});
    }
    TextTable table(header, 3);
    std::map<std::string, std::pair<std::size_t, std::size_t>> good;
    for (const auto& [key, models] : by_key(report.grouped)) {
        const LayerFigure* const limit = find(report.published.limits, key);
        const double bar = least_grouped_r2(key.setting, key.layer);
        Row row = {key.setting, key.layer, std::string(role_name(key.role)),
                   limit == nullptr ? "-" : fixed(limit->r2, 4), fixed(bar, 2)};
        for (const std::string& model : report.models) {
            const auto* const found = find(models, model);
            if (found == nullptr) {
                row.insert(row.end(), {"-", "-", "-", "-", "-", ""});
                continue;
            }
            const LayerResult& result = **found;
            const bool is_good = result.r2.mean >= bar;
            good[model].first += is_good ? 1 : 0;
            ++good[model].second;
            row.insert(row.end(),
                       {fixed(result.r2.mean, 4), fixed(result.r2.least, 3), fixed(result.r2.most, 3),
                        fixed(result.mae_ms.mean, 0), with_sign(result.bias_percent, 1), is_good ? "ok" : "no"});
        }
        table.add(row);
    }
    std::string text = title("2. Unseen configurations: R2 over all held-out rows, 5 folds, mean and range over seeds");
    text += "All rows of a layer configuration are held out together; each is scored at its own position.\n\n" +
            table.text();
    for (const std::string& model : report.models) {
        if (good.contains(model)) {
            text += model + ": " + count_text(good[model].first, good[model].second) + " cells reach what is asked\n";
        }
    }
    return text;
}

// The section of networks that were left out; `errors` and `layers` are its two tables.
std::string left_out_section(const Report& report) {
    std::map<NetworkKey, std::map<std::string, const NetworkResult*>, ByPlace<NetworkKey>> by;
    for (const NetworkResult& result : report.left_out) {
        by[result.key][result.model] = &result;
    }
    Row header = {"setting", "network", "role", "measured s", "run to run %", "paper analytical", "mlp", "rnn"};
    Row layer_header = {"setting", "network", "role", "layer", "measured ms", "share %"};
    for (const std::string& model : report.models) {
        header.push_back(model + " %");
        layer_header.push_back(model + " %");
    }
    TextTable table(header, 3);
    TextTable layers(layer_header, 4);
    std::map<std::string, std::vector<double>> errors;
    for (const auto& [key, models] : by) {
        const training::NetworkFigures& any = models.begin()->second->figures;
        const auto* const published = find(report.published.networks, key);
        const std::string role(role_name(key.role));
        Row row = {key.setting, key.network, role, fixed(any.measured_ms / 1000, 1),
                   fixed(any.run_deviation_percent, 2)};
        for (const char* const method : {"analytical", "mlp", "rnn"}) {
            const NetworkFigure* const figure = published == nullptr ? nullptr : find(*published, std::string(method));
            row.push_back(figure == nullptr ? "-" : fixed(figure->error_percent, 1));
        }
        for (const std::string& model : report.models) {
            const auto* const result = find(models, model);
            row.push_back(result == nullptr ? "-" : with_sign((*result)->figures.error_percent, 2));
            if (result != nullptr) {
                errors[model].push_back((*result)->figures.error_percent);
            }
        }
        table.add(row);
        for (std::size_t i = 0; i < any.layers.size(); ++i) {
            Row layer = {key.setting,
                         key.network,
                         role,
                         any.layers[i].layer,
                         fixed(any.layers[i].measured_ms, 0),
                         fixed(100 * any.layers[i].measured_ms / any.measured_ms, 1)};
            for (const std::string& model : report.models) {
                const auto* const result = find(models, model);
                const training::LayerSums* const sums = result == nullptr ? nullptr : &(*result)->figures.layers.at(i);
                layer.push_back(sums == nullptr ? "-"
                                                : with_sign(sums->measured_ms > 0
                                                                ? 100 * (sums->predicted_ms / sums->measured_ms - 1)
                                                                : not_known,
                                                            1));
            }
            layers.add(layer);
        }
    }
    std::string text = title("3. One network left out: error of its total, (predicted - measured) / measured");
    text +=
        "No run of the network was trained on. The paper's errors are of networks that were trained on, without sign.\n"
        "Limit: the deviation from run to run.\n\n" +
        table.text();
    for (const std::string& model : report.models) {
        const std::vector<double>& all = errors[model];
        if (all.empty()) {
            continue;
        }
        double sum = 0;
        double worst = 0;
        for (const double error : all) {
            sum += std::fabs(error);
            worst = std::max(worst, std::fabs(error));
        }
        const double mean = sum / static_cast<double>(all.size());
        text += model + ": mean " + fixed(mean, 2) + " %, worst " + fixed(worst, 2) + " %";
        const auto within = [&](double bar) {
            return count_text(static_cast<std::size_t>(std::count_if(
                                  all.begin(), all.end(), [&](double error) { return std::fabs(error) <= bar; })),
                              all.size());
        };
        text += "; " + within(most_left_out_error) + " within 3 %, " + within(most_learned_left_out_error) +
                " within 6 %\n";
    }
    text += "Asked: the best model each within 3 % and 1.5 % in the mean; lstm and mlp each within 6 %.\n";
    text += "\nThe same by layer type, signed: totals hide cancellation.\n\n" + layers.text();
    return text;
}

std::string speed_section(const Report& report) {
    TextTable table({"model", "space", "batch", "first batch us", "further us", "asked us", "paper ms", ""}, 2);
    for (const SpeedResult& result : report.speed) {
        const double bar = most_microseconds(result.model);
        const std::string method = result.model == "lstm" ? "rnn" : result.model;
        double least = std::numeric_limits<double>::infinity();
        double most = 0;
        for (const auto& [key, methods] : report.published.networks) {
            if (const NetworkFigure* const figure = find(methods, method)) {
                least = std::min(least, figure->prediction_ms);
                most = std::max(most, figure->prediction_ms);
            }
        }
        table.add({result.model, result.space, std::to_string(result.batch), fixed(result.first_us, 1),
                   fixed(result.median_us, 1), fixed(bar, 0),
                   most > 0 ? fixed(least, 0) + " to " + fixed(most, 0) : "-",
                   bar == 0                                             ? ""
                   : std::max(result.first_us, result.median_us) <= bar ? "ok"
                                                                        : "no"});
    }
    return title("4. Time for one network on one core, in batches of 128 members of a space") +
           "squeezenet: configs/squeezenet_space.yaml; densenet121: variants of DenseNet-121. The first batch finds "
           "nothing remembered; further ones, of other members, are what a search sees (median).\n\n" +
           table.text();
}

std::string measured_section(const Report& report) {
    struct Sums {
        std::vector<double> errors;
        std::string worst;
        double worst_error = 0;
        std::map<std::string, std::pair<double, double>> layers;
    };
    std::map<std::pair<std::size_t, std::string>, Sums> by;
    for (const TotalResult& result : report.measured) {
        Sums& sums = by[{setting_place(result.setting), result.model}];
        sums.errors.push_back(result.total.error_percent);
        if (std::fabs(result.total.error_percent) > std::fabs(sums.worst_error)) {
            sums.worst_error = result.total.error_percent;
            sums.worst = result.total.network;
        }
        for (const training::LayerSums& layer : result.total.layers) {
            sums.layers[layer.layer].first += layer.measured_ms;
            sums.layers[layer.layer].second += layer.predicted_ms;
        }
    }
    Row header = {"setting", "model", "networks", "mean %", "asked", "worst %", "asked", "of", "bias %", ""};
    std::vector<std::string> types;
    for (const std::string_view name : training::operation_names()) {
        if (std::any_of(by.begin(), by.end(),
                        [&](const auto& one) { return one.second.layers.contains(std::string(name)); })) {
            types.emplace_back(name);
            header.push_back(types.back() + " %");
        }
    }
    TextTable table(header, 2);
    for (const auto& [key, sums] : by) {
        const std::string setting(training::settings()[key.first].name);
        const MeasuredBar bar = measured_bar(setting);
        double mean = 0;
        for (const double error : sums.errors) {
            mean += std::fabs(error) / static_cast<double>(sums.errors.size());
        }
        double measured = 0;
        double predicted = 0;
        for (const auto& [layer, times] : sums.layers) {
            measured += times.first;
            predicted += times.second;
        }
        const bool is_good = mean <= bar.mean && std::fabs(sums.worst_error) <= bar.worst;
        Row row = {setting,
                   key.second,
                   std::to_string(sums.errors.size()),
                   fixed(mean, 2),
                   fixed(bar.mean, 1),
                   with_sign(sums.worst_error, 1),
                   fixed(bar.worst, 0),
                   sums.worst,
                   with_sign(100 * (predicted / measured - 1), 1),
                   is_good ? "ok" : "no"};
        for (const std::string& type : types) {
            const auto* const times = find(sums.layers, type);
            row.push_back(
                times == nullptr || times->first == 0 ? "-" : with_sign(100 * (times->second / times->first - 1), 1));
        }
        table.add(row);
    }
    return title("5. Our own measurements, networks left out: error of the slower party's total") +
           "Measured: for each operation the least over the runs of the slower party's time, summed. Bias and layer "
           "types "
           "are sums\nover all networks, signed. Asked is what the best model has to reach on networks that were kept "
           "apart.\n\n" +
           table.text();
}

std::string coverage_section(const Report& report) {
    TextTable table({"data", "setting", "model", "networks", "covered %", "half width %", ""}, 3);
    for (const CoverageResult& result : report.coverage) {
        const bool is_good = result.coverage.covered >= least_coverage && result.coverage.covered <= most_coverage;
        table.add({result.data, result.setting, result.model, std::to_string(result.networks),
                   fixed(100 * result.coverage.covered, 1), fixed(result.coverage.half_width_percent, 1),
                   is_good ? "ok" : "no"});
    }
    return title("6. Intervals of 90 % that a model states for a network's total, on networks left out") +
           "The model that states one was not trained on the network; 85 to 95 % of the measured totals are to lie "
           "inside.\nHalf width: mean over the networks, of the predicted total.\n\n" +
           table.text();
}

}  // namespace

std::string to_text(const Report& report) {
    std::string text = "Cost models: held-out errors of " + list(report.models) + '\n';
    for (const std::string& split : report.splits) {
        text += "  " + split + '\n';
    }
    text += "  " + std::to_string(report.models_trained) + " models trained, " + std::to_string(report.models_reused) +
            " taken from the cache" +
            (report.cache.empty() ? std::string(" (none is used)")
                                  : " in " + report.cache + " (same code, data and options)") +
            ", " + fixed(report.seconds, 0) + " s\n";
    for (const std::string& note : report.notes) {
        text += "note: " + note + '\n';
    }
    for (const std::string& failure : report.failures) {
        text += "FAILED: " + failure + '\n';
    }
    if (!report.shuffled.empty()) {
        text += shuffled_section(report);
    }
    if (!report.grouped.empty()) {
        text += grouped_section(report);
    }
    if (!report.left_out.empty()) {
        text += left_out_section(report);
    }
    if (!report.speed.empty()) {
        text += speed_section(report);
    }
    if (!report.measured.empty()) {
        text += measured_section(report);
    }
    if (!report.coverage.empty()) {
        text += coverage_section(report);
    }
    return text;
}

}  // namespace sotto::report
