// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-plugin/description_report.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "sotto/plugin.h"

#include "engine/arch/network.hpp"
#include "engine/secure/secure_program.hpp"

namespace sotto::tools {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 3> direction_names = {"neutral", "minimize", "maximize"};
constexpr std::array<std::string_view, 4> type_names = {"whole number", "number", "text", "true or false"};
constexpr std::array<std::string_view, 3> thread_names = {"one call in the library at a time",
                                                          "distinct instances at once", "shared: any calls at once"};
constexpr std::array<std::string_view, 3> thread_ids = {"none", "instance", "shared"};

template <typename Names, typename Value>
std::string name_in(const Names& names, Value value) {
    return std::string(names[static_cast<std::size_t>(value)]);
}

std::string number_text(double value) {
    char buffer[32];
    return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr};
}

bool has_range(const plugin::Parameter& parameter) {
    return parameter.type == plugin::ParameterType::integer || parameter.type == plugin::ParameterType::number;
}

std::vector<std::string> operation_names(const plugin::Description& description) {
    std::vector<std::string> names;
    for (const std::int32_t kind : description.operation_kinds) {
        names.push_back(kind >= 1 && kind <= SOTTO_OPERATION_ARGMAX
                            ? std::string(secure::to_text(static_cast<secure::OperationKind>(kind)))
                            : std::to_string(kind));
    }
    return names;
}

std::vector<std::string> layer_names(const plugin::Description& description) {
    std::vector<std::string> names;
    for (const std::int32_t kind : description.layer_kinds) {
        names.push_back(kind >= 1 && kind <= SOTTO_LAYER_PAD
                            ? std::string(arch::to_text(static_cast<arch::LayerKind>(kind)))
                            : std::to_string(kind));
    }
    return names;
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words) {
        text += (text.empty() ? "" : ", ") + word;
    }
    return text;
}

std::string needs_text(const plugin::Description& description) {
    std::vector<std::string> needs;
    if (description.needs_network) {
        needs.emplace_back("network");
    }
    if (description.needs_program) {
        needs.emplace_back("secure program");
    }
    return joined(needs);
}

std::string values_text(const plugin::Parameter& parameter) {
    if (has_range(parameter)) {
        return number_text(parameter.least) + " to " + number_text(parameter.most);
    }
    return joined(parameter.choices);
}

// JSON knows no infinity.
json bound(double value) {
    return std::isfinite(value) ? json(value) : json(nullptr);
}

}  // namespace

std::string place_of(const plugin::Description& description) {
    return description.library.empty() ? "built in" : description.library;
}

std::string description_text(const plugin::Description& description, const OfferedExtensions& extensions) {
    std::string text = to_text(description.kind) + ' ' + description.id + ' ' + description.version + '\n';
    const auto line = [&](std::string_view name, const std::string& value) {
        text += "  " + std::string(name) + std::string(name.size() < 14 ? 14 - name.size() : 1, ' ') + value + '\n';
    };
    line("what", description.description);
    line("library", place_of(description));
    line("needs", needs_text(description));
    line("threads", name_in(thread_names, description.thread_level) +
                        (description.own_threads ? "; starts threads of its own" : ""));
    line("deterministic", description.deterministic ? "yes" : "no");
    line("cost",
         "about " + number_text(description.typical_cost_us) + " us a candidate" +
             (description.preferred_batch > 0 ? ", best in batches of " + std::to_string(description.preferred_batch)
                                              : ""));
    if (!description.operation_kinds.empty()) {
        line("operations", joined(operation_names(description)));
    }
    if (!description.layer_kinds.empty()) {
        line("layers", joined(layer_names(description)));
    }
    line("extensions", !extensions.unknown.empty() ? "not known: " + extensions.unknown
                       : extensions.ids.empty()    ? "none"
                                                   : joined(extensions.ids));
    text += "  metrics\n";
    for (const plugin::Metric& metric : description.metrics) {
        text += "    " + metric.name + " [" + metric.unit + "]  " + name_in(direction_names, metric.direction) +
                (metric.non_negative ? ", not negative" : "") + (metric.is_sum ? ", sum over operations" : "") +
                "\n        " + metric.description + '\n';
    }
    text += description.parameters.empty() ? "  parameters    none\n" : "  parameters\n";
    for (const plugin::Parameter& parameter : description.parameters) {
        const std::string values = values_text(parameter);
        text += "    " + parameter.name + "  " + name_in(type_names, parameter.type) +
                (values.empty() ? "" : ", " + values) +
                (parameter.required ? ", required" : ", default '" + parameter.default_value + '\'') + "\n        " +
                parameter.help + '\n';
    }
    return text;
}

json description_json(const plugin::Description& description) {
    json object = {{"kind", description.kind == plugin::Kind::cost_model ? "cost-model" : "accuracy-proxy"},
                   {"id", description.id},
                   {"version", description.version},
                   {"description", description.description},
                   {"library", description.library.empty() ? json(nullptr) : json(description.library)},
                   {"needs_network", description.needs_network},
                   {"needs_program", description.needs_program},
                   {"thread_level", name_in(thread_ids, description.thread_level)},
                   {"own_threads", description.own_threads},
                   {"deterministic", description.deterministic},
                   {"typical_cost_us", description.typical_cost_us},
                   {"preferred_batch", description.preferred_batch},
                   {"operations", operation_names(description)},
                   {"layers", layer_names(description)},
                   {"metrics", json::array()},
                   {"parameters", json::array()}};
    for (const plugin::Metric& metric : description.metrics) {
        object["metrics"].push_back({{"name", metric.name},
                                     {"unit", metric.unit},
                                     {"description", metric.description},
                                     {"direction", name_in(direction_names, metric.direction)},
                                     {"non_negative", metric.non_negative},
                                     {"sum", metric.is_sum}});
    }
    constexpr std::array<std::string_view, 4> type_ids = {"integer", "number", "text", "boolean"};
    for (const plugin::Parameter& parameter : description.parameters) {
        json one = {{"name", parameter.name},
                    {"help", parameter.help},
                    {"type", name_in(type_ids, parameter.type)},
                    {"required", parameter.required},
                    {"default", parameter.required ? json(nullptr) : json(parameter.default_value)}};
        if (has_range(parameter)) {
            one["least"] = bound(parameter.least);
            one["most"] = bound(parameter.most);
        }
        if (!parameter.choices.empty()) {
            one["choices"] = parameter.choices;
        }
        object["parameters"].push_back(std::move(one));
    }
    return object;
}

}  // namespace sotto::tools
