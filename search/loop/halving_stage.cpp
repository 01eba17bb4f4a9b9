// SPDX-License-Identifier: Apache-2.0
#include "search/loop/halving_stage.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "engine/run/front_files.hpp"
#include "search/loop/plugin_section.hpp"

namespace sotto::search {
namespace {

using input::YamlValue;

constexpr std::array<std::string_view, 3> own_keys = {"candidates", "by", "limits"};
constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr std::int64_t most_candidates = 100'000;

std::optional<Bound> read_bound(const YamlValue& limit, const std::string& what, const std::string& key) {
    const auto value = limit.find(key);
    const auto share = limit.find(key + "_of_baseline");
    if (value && share) {
        share->fail(what + " has two bounds of one side", '\'' + key + "' or '" + key + "_of_baseline'");
    }
    if (value) {
        return Bound{value->as_number(key, -infinity, infinity), false};
    }
    if (share) {
        return Bound{share->as_number(key + "_of_baseline", 0, infinity), true};
    }
    return std::nullopt;
}

std::vector<FinalistLimit> read_limits(const YamlValue& section, const MetricNames& metrics) {
    std::vector<FinalistLimit> limits;
    for (const YamlValue::Entry& entry : section.entries("limits")) {
        metrics.direction(entry.key, entry.key_location);
        constexpr std::array<std::string_view, 4> keys = {"min", "max", "min_of_baseline", "max_of_baseline"};
        const std::string what = "limit on " + entry.key;
        entry.value.only_keys(what, keys);
        FinalistLimit limit{entry.key, read_bound(entry.value, what, "min"), read_bound(entry.value, what, "max"),
                            entry.key_location};
        if (!limit.least && !limit.most) {
            entry.value.fail(what + " limits nothing", input::list_names(keys));
        }
        if (limit.least && limit.most && limit.least->of_baseline == limit.most->of_baseline &&
            limit.least->value > limit.most->value) {
            entry.value.fail(what + " is upside down", "a least that is no greater than the most");
        }
        limits.push_back(std::move(limit));
    }
    return limits;
}

void read_by(const YamlValue& section, const plugin::Description& description, HalvingStage& stage) {
    const YamlValue by = section.require("a stage", "by");
    std::vector<std::string_view> names;
    for (const plugin::Metric& metric : description.metrics) {
        names.push_back(metric.name);
    }
    const plugin::Metric& metric = description.metrics[by.as_one_of("by", names)];
    if (metric.direction == plugin::Direction::neutral) {
        by.fail("which way is better is not declared for the metric", "a metric with a direction");
    }
    stage.by = metric.name;
    stage.goal = metric.direction == plugin::Direction::minimize ? Goal::minimize : Goal::maximize;
}

void check_parameters(const PluginSection& read) {
    for (const plugin::Parameter& parameter : read.description->parameters) {
        if (std::find(own_keys.begin(), own_keys.end(), parameter.name) != own_keys.end()) {
            throw input::InputError({read.stage.location,
                                     "the plug-in cannot be a stage",
                                     "its parameter '" + parameter.name + '\'',
                                     "no parameter with the name of a stage's own key",
                                     {}});
        }
    }
}

// Where the configuration leaves the directory of its state to the run.
bool takes_state_directory(const YamlValue& section, const plugin::Description& description) {
    return !section.find(state_directory_parameter) &&
           std::any_of(description.parameters.begin(), description.parameters.end(), [](const auto& parameter) {
               return parameter.name == state_directory_parameter && parameter.type == plugin::ParameterType::text;
           });
}

HalvingStage read_stage(const YamlValue& section, std::span<const plugin::Description> known,
                        const MetricNames& metrics) {
    PluginSection read = read_plugin_section(section, plugin::Kind::accuracy_proxy, known, own_keys);
    check_parameters(read);
    const plugin::Description& description = *read.description;
    HalvingStage stage;
    stage.plugin = std::move(read.stage);
    stage.version = description.version;
    stage.metrics = description.metrics;
    stage.typical_cost_us = description.typical_cost_us;
    stage.candidates =
        static_cast<std::size_t>(section.require("a stage", "candidates").as_integer("candidates", 1, most_candidates));
    read_by(section, description, stage);
    if (const auto limits = section.find("limits")) {
        stage.limits = read_limits(*limits, metrics);
    }
    if (takes_state_directory(section, description)) {
        stage.keeps_state = true;
        stage.plugin.parameters.erase(std::string(state_directory_parameter));
    }
    return stage;
}

void write_bound(std::string& text, const std::string& key, const std::optional<Bound>& bound) {
    if (bound) {
        text +=
            "        " + key + (bound->of_baseline ? "_of_baseline: " : ": ") + run::number_text(bound->value) + '\n';
    }
}

}  // namespace

std::string identity_text(const HalvingStage& stage) {
    std::string text = stage.plugin.id + ' ' + stage.version;
    for (const auto& [name, value] : stage.plugin.parameters) {
        if (name != state_directory_parameter) {
            text.append(1, ' ').append(name).append(1, '=').append(value);
        }
    }
    return text;
}

std::vector<HalvingStage> read_halving_stages(const YamlValue& section, std::span<const plugin::Description> known,
                                              const MetricNames& metrics) {
    std::vector<HalvingStage> stages;
    for (const YamlValue& item : section.items("stages")) {
        HalvingStage stage = read_stage(item, known, metrics);
        if (!stages.empty()) {
            if (stage.candidates > stages.back().candidates) {
                item.require("a stage", "candidates")
                    .fail("a stage has more candidates than the one before",
                          "at most " + std::to_string(stages.back().candidates));
            }
            if (const auto limits = item.find("limits")) {
                limits->fail("limits of a later stage", "limits in the first stage, which the others choose from");
            }
        }
        stages.push_back(std::move(stage));
    }
    return stages;
}

void refuse_baseline_limits(const HalvingStage& first) {
    for (const FinalistLimit& limit : first.limits) {
        if (limit.is_relative()) {
            throw input::InputError({limit.location,
                                     "a limit relative to the baseline",
                                     "a space without one",
                                     "'baseline' in the space, or 'min' and 'max' alone",
                                     {}});
        }
    }
}

std::string to_yaml(std::span<const HalvingStage> stages) {
    std::string text = stages.empty() ? "" : "stages:\n";
    for (const HalvingStage& stage : stages) {
        text += "  - id: " + input::to_yaml_scalar(stage.plugin.id) + '\n';
        text += "    candidates: " + std::to_string(stage.candidates) + '\n';
        text += "    by: " + input::to_yaml_scalar(stage.by) + '\n';
        if (!stage.limits.empty()) {
            text += "    limits:\n";
        }
        for (const FinalistLimit& limit : stage.limits) {
            text += "      " + input::to_yaml_scalar(limit.metric) + ":\n";
            write_bound(text, "min", limit.least);
            write_bound(text, "max", limit.most);
        }
        write_arguments(text, stage.plugin, "    ");
        write_isolation(text, stage.plugin, "    ");
    }
    return text;
}

}  // namespace sotto::search
