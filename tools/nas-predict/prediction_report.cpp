// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-predict/prediction_report.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <optional>

#include <nlohmann/json.hpp>

#include "cost_models/training/training_set.hpp"
#include "engine/input/csv.hpp"
#include "engine/run/front_files.hpp"

namespace sotto::tools {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t most_shown = 5;
// How far values that add up to a metric may be off it (sotto_per_operation), relative.
constexpr double rounding = 1e-9;

std::string line_of(const char* form, const auto&... values) {
    char text[512];
    std::snprintf(text, sizeof text, form, values...);
    return text;
}

// The name with its unit, where the name does not end in it.
std::string title(const plugin::Metric& metric) {
    const bool says_unit =
        metric.unit == "1" || metric.name.ends_with('_' + metric.unit) || metric.name.ends_with('.' + metric.unit);
    return says_unit ? metric.name : metric.name + " [" + metric.unit + ']';
}

// NaN where a metric has no values of single operations.
double value_of(const PredictionReport& report, std::size_t network, std::uint32_t operation, std::size_t metric) {
    return report.predictions[network].operation_values[operation * report.model.metrics.size() + metric];
}

struct LayerTypeShare {
    std::string layer;
    std::size_t operations = 0;
    double value = 0;
};

// What one network's metric is made of.
class Composition {
  public:
    Composition(const Subject& subject, const Prediction& prediction, std::size_t metric, std::size_t metric_count)
        : program_(*subject.view.view().program), total_(prediction.metrics[metric]) {
        double sum = 0;
        for (std::uint32_t i = 0; i < program_.operation_count; ++i) {
            const double value = prediction.operation_values[i * metric_count + metric];
            values_.push_back(value);
            sum += value;
            const std::string layer(training::layer_type(*sotto_operation_at(&program_, i)));
            auto found =
                std::find_if(types_.begin(), types_.end(), [&](const auto& type) { return type.layer == layer; });
            if (found == types_.end()) {
                found = types_.insert(types_.end(), {layer, 0, 0});
            }
            ++found->operations;
            found->value += value;
        }
        std::stable_sort(types_.begin(), types_.end(), [](const auto& a, const auto& b) { return a.value > b.value; });
        if (std::abs(total_ - sum) > rounding * std::max(std::abs(total_), std::abs(sum))) {
            whole_network_ = total_ - sum;
        }
    }

    const std::vector<LayerTypeShare>& types() const { return types_; }
    double value(std::size_t operation) const { return values_[operation]; }
    /// In percent of the metric.
    double share(double value) const { return total_ > 0 ? 100 * value / total_ : 0; }
    /// What the metric is beside the sum of its operations: below 0 where it is less. Nothing where they add up.
    const std::optional<double>& whole_network() const { return whole_network_; }

    std::vector<std::uint32_t> largest() const {
        std::vector<std::uint32_t> order(values_.size());
        std::iota(order.begin(), order.end(), 0U);
        std::stable_sort(order.begin(), order.end(),
                         [&](std::uint32_t a, std::uint32_t b) { return values_[a] > values_[b]; });
        order.resize(std::min(order.size(), most_shown));
        return order;
    }

  private:
    const sotto_program& program_;
    std::vector<double> values_;
    std::vector<LayerTypeShare> types_;
    std::optional<double> whole_network_;
    double total_;
};

// The metric whose composition is shown: the total latency where it is asked for, else the first that is a sum; none
// where no metric is.
const std::size_t* composed_metric(const PredictionReport& report) {
    const std::size_t* first = nullptr;
    for (const std::size_t& metric : report.metrics) {
        if (report.model.metrics[metric].name == "latency.total_ms") {
            return &metric;
        }
        if (first == nullptr && report.model.metrics[metric].is_sum) {
            first = &metric;
        }
    }
    return first;
}

std::string dominating_text(const PredictionReport& report, std::size_t i, std::size_t metric) {
    const Subject& subject = *report.subjects[i];
    const Composition composition(subject, report.predictions[i], metric, report.model.metrics.size());
    std::string text = "  what dominates " + title(report.model.metrics[metric]) + '\n';
    for (const LayerTypeShare& type : composition.types()) {
        text += line_of("    %-8s %4zu operation%s %14.2f %6.1f %%\n", type.layer.c_str(), type.operations,
                        type.operations == 1 ? " " : "s", type.value, composition.share(type.value));
    }
    if (const std::optional<double> rest = composition.whole_network()) {
        text += line_of("    %-24s %14.2f %6.1f %%\n", "of the whole network", *rest, composition.share(*rest));
    }
    for (const std::uint32_t operation : composition.largest()) {
        const sotto_operation& of = *sotto_operation_at(subject.view.view().program, operation);
        const std::string layer = subject.layer_of(of);
        text +=
            line_of("    #%-4u %s%s%14.2f %6.1f %%\n", operation, line_of("%-46s", operation_text(of).c_str()).c_str(),
                    layer.empty() ? "" : line_of(" %-28s", layer.c_str()).c_str(), composition.value(operation),
                    composition.share(composition.value(operation)));
    }
    return text;
}

std::string operations_text(const PredictionReport& report, std::size_t i) {
    const Subject& subject = *report.subjects[i];
    const sotto_program& program = *subject.view.view().program;
    std::string text = line_of("  %-5s %-46s %-28s", "#", "operation", "layer");
    for (const std::size_t metric : report.metrics) {
        text += line_of(" %20s", title(report.model.metrics[metric]).c_str());
    }
    text += '\n';
    for (std::uint32_t operation = 0; operation < program.operation_count; ++operation) {
        const sotto_operation& of = *sotto_operation_at(&program, operation);
        text += line_of("  %-5u %-46s %-28s", operation, operation_text(of).c_str(), subject.layer_of(of).c_str());
        for (const std::size_t metric : report.metrics) {
            const double value = value_of(report, i, operation, metric);
            text += std::isnan(value) ? line_of(" %20s", "-") : line_of(" %20.3f", value);
        }
        text += '\n';
    }
    return text;
}

ordered_json operation_json(const PredictionReport& report, std::size_t i, std::uint32_t operation) {
    const Subject& subject = *report.subjects[i];
    const sotto_operation& of = *sotto_operation_at(subject.view.view().program, operation);
    ordered_json document = {{"position", operation},
                             {"op", training::layer_type(of)},
                             {"layer", subject.layer_of(of)},
                             {"operation", operation_text(of)},
                             {"metrics", ordered_json::object()}};
    for (const std::size_t metric : report.metrics) {
        document["metrics"][report.model.metrics[metric].name] = value_of(report, i, operation, metric);
    }
    return document;
}

ordered_json dominating_json(const PredictionReport& report, std::size_t i, std::size_t metric) {
    const Composition composition(*report.subjects[i], report.predictions[i], metric, report.model.metrics.size());
    ordered_json document = {{"metric", report.model.metrics[metric].name},
                             {"layer_types", ordered_json::array()},
                             {"whole_network", nullptr},
                             {"operations", ordered_json::array()}};
    for (const LayerTypeShare& type : composition.types()) {
        document["layer_types"].push_back({{"layer", type.layer},
                                           {"operations", type.operations},
                                           {"value", type.value},
                                           {"percent", composition.share(type.value)}});
    }
    if (const std::optional<double> rest = composition.whole_network()) {
        document["whole_network"] = {{"value", *rest}, {"percent", composition.share(*rest)}};
    }
    for (const std::uint32_t operation : composition.largest()) {
        document["operations"].push_back(operation_json(report, i, operation));
    }
    return document;
}

}  // namespace

std::string to_table(const PredictionReport& report) {
    std::string text;
    const std::size_t* const composed = composed_metric(report);
    for (std::size_t i = 0; i < report.subjects.size(); ++i) {
        const Prediction& prediction = report.predictions[i];
        text += (i == 0 ? "" : "\n") + report.subjects[i]->title + " (" +
                std::to_string(report.subjects[i]->view.view().program->operation_count) + " operations)\n";
        for (const std::size_t metric : report.metrics) {
            text += line_of("  %-28s %16.2f", title(report.model.metrics[metric]).c_str(), prediction.metrics[metric]);
            if (!prediction.intervals.empty()) {
                text += line_of("   90 %% within %.2f and %.2f", prediction.intervals[metric].low,
                                prediction.intervals[metric].high);
            }
            text += '\n';
        }
        if (prediction.operation_values.empty()) {
            continue;
        }
        if (composed != nullptr) {
            text += dominating_text(report, i, *composed);
        }
        if (report.per_layer) {
            text += operations_text(report, i);
        }
    }
    return text;
}

std::string to_json(const PredictionReport& report) {
    ordered_json document = {{"model", report.model.id},
                             {"version", report.model.version},
                             {"parameters", report.arguments},
                             {"networks", ordered_json::array()}};
    const std::size_t* const composed = composed_metric(report);
    for (std::size_t i = 0; i < report.subjects.size(); ++i) {
        const Subject& subject = *report.subjects[i];
        const Prediction& prediction = report.predictions[i];
        const std::uint32_t count = subject.view.view().program->operation_count;
        ordered_json network = {{"network", subject.name},           {"file", subject.file}, {"operation_count", count},
                                {"metrics", ordered_json::object()}, {"intervals", nullptr}, {"dominates", nullptr}};
        for (const std::size_t metric : report.metrics) {
            const std::string& name = report.model.metrics[metric].name;
            network["metrics"][name] = prediction.metrics[metric];
            if (!prediction.intervals.empty()) {
                network["intervals"][name] = {prediction.intervals[metric].low, prediction.intervals[metric].high};
            }
        }
        if (!prediction.operation_values.empty() && composed != nullptr) {
            network["dominates"] = dominating_json(report, i, *composed);
        }
        if (report.per_layer) {
            network["operations"] = ordered_json::array();
            for (std::uint32_t operation = 0; operation < count; ++operation) {
                network["operations"].push_back(operation_json(report, i, operation));
            }
        }
        document["networks"].push_back(std::move(network));
    }
    return document.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

std::string to_csv(const PredictionReport& report) {
    const bool has_intervals =
        !report.per_layer && !report.predictions.empty() && !report.predictions.front().intervals.empty();
    std::string text = report.per_layer ? "network,position,op,layer" : "network";
    for (const std::size_t metric : report.metrics) {
        const std::string name = title(report.model.metrics[metric]);
        text += ',' + input::csv_field(name);
        if (has_intervals) {
            text += ',' + input::csv_field(name + " low") + ',' + input::csv_field(name + " high");
        }
    }
    text += '\n';
    for (std::size_t i = 0; i < report.subjects.size(); ++i) {
        const Subject& subject = *report.subjects[i];
        const Prediction& prediction = report.predictions[i];
        if (!report.per_layer) {
            text += input::csv_field(subject.title);
            for (const std::size_t metric : report.metrics) {
                text += ',' + run::number_text(prediction.metrics[metric]);
                if (has_intervals) {
                    text += ',' + run::number_text(prediction.intervals[metric].low) + ',' +
                            run::number_text(prediction.intervals[metric].high);
                }
            }
            text += '\n';
            continue;
        }
        const sotto_program& program = *subject.view.view().program;
        for (std::uint32_t operation = 0; operation < program.operation_count; ++operation) {
            const sotto_operation& of = *sotto_operation_at(&program, operation);
            text += input::csv_field(subject.title) + ',' + std::to_string(operation) + ',' +
                    std::string(training::layer_type(of)) + ',' + input::csv_field(subject.layer_of(of));
            for (const std::size_t metric : report.metrics) {
                const double value = value_of(report, i, operation, metric);
                text += ',' + (std::isnan(value) ? std::string() : run::number_text(value));
            }
            text += '\n';
        }
    }
    return text;
}

}  // namespace sotto::tools
