// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-predict/parameter_notes.hpp"

#include <algorithm>
#include <optional>

#include "search/loop/plugin_arguments.hpp"

namespace sotto::tools {
namespace {

using plugin::Description;
using plugin::Parameter;

const Parameter* find_parameter(const Description& description, const std::string& name) {
    const auto found = std::find_if(description.parameters.begin(), description.parameters.end(),
                                    [&](const Parameter& parameter) { return parameter.name == name; });
    return found == description.parameters.end() ? nullptr : &*found;
}

bool are_equal(const Parameter& parameter, const std::string& left, const std::string& right) {
    return search::canonical_argument(parameter, left) == search::canonical_argument(parameter, right);
}

/// Sections of a configuration that choose plug-ins.
std::vector<input::YamlValue> plug_in_sections(const input::YamlValue& document) {
    std::vector<input::YamlValue> sections;
    for (const char* const key : {"cost_model", "accuracy", "stages"}) {
        const std::optional<input::YamlValue> found = document.find(key);
        if (found && found->kind() == input::YamlValue::Kind::sequence) {
            const std::vector<input::YamlValue> items = found->items(key);
            sections.insert(sections.end(), items.begin(), items.end());
        } else if (found) {
            sections.push_back(*found);
        }
    }
    std::erase_if(sections, [](const input::YamlValue& section) {
        return section.kind() != input::YamlValue::Kind::mapping || !section.find("id");
    });
    return sections;
}

std::optional<std::string> given_value(const ParametersOfPlugIns& given, const std::string& id,
                                       const std::string& name) {
    const auto of_plug_in = given.find(id);
    if (of_plug_in == given.end()) {
        return std::nullopt;
    }
    const auto found = of_plug_in->second.find(name);
    return found == of_plug_in->second.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

std::vector<std::string> notes_on_sharing(const MetricChoice& choice, std::span<const Description> known,
                                          const ParametersOfPlugIns& given) {
    std::vector<std::string> notes;
    for (const ChosenMetric& chosen : choice.metrics) {
        if (chosen.giver == choice.plug_ins.size()) {
            continue;
        }
        const Description& giver = choice.plug_ins[chosen.giver];
        const Description alone = choose_metrics({chosen.metric.name}, {}, known).plug_ins.front();
        if (alone.id == giver.id) {
            continue;
        }
        std::string differences;
        for (const Parameter& parameter : giver.parameters) {
            const Parameter* const other = find_parameter(alone, parameter.name);
            const std::string value = given_value(given, giver.id, parameter.name).value_or(parameter.default_value);
            if (other != nullptr && !are_equal(*other, other->default_value, value)) {
                differences += (differences.empty() ? "" : ", ") + parameter.name + ' ' + value + " instead of " +
                               other->default_value;
            }
        }
        if (!differences.empty()) {
            notes.push_back(chosen.metric.name + " is given by '" + giver.id +
                            "' here, along with others, and not by '" + alone.id +
                            "' as when it is asked for alone; the numbers differ: " + differences);
        }
    }
    return notes;
}

std::vector<std::string> notes_on_fitting(const ParametersOfPlugIns& given) {
    std::vector<std::string> notes;
    for (const auto& [id, parameters] : given) {
        const auto sample = parameters.find("fit_sample");
        if (sample != parameters.end() && sample->second != "0" && !given_value(given, id, "fitted")) {
            std::string& text = notes.emplace_back(1, '\'');
            text.append(id).append(
                "' is not fitted to the space here: nas-run does that, and writes 'fitted' into the ");
            text.append("run's config.yaml; --parameter ").append(id).append(".fitted=... takes it");
        }
    }
    return notes;
}

std::vector<std::string> notes_on_configuration(const input::YamlValue& document, const MetricChoice& choice,
                                                const ParametersOfPlugIns& given) {
    std::vector<std::string> notes;
    if (document.kind() != input::YamlValue::Kind::mapping) {
        return notes;
    }
    for (const input::YamlValue& section : plug_in_sections(document)) {
        const std::string id = section.find("id")->as_text("id");
        const auto used = std::find_if(choice.plug_ins.begin(), choice.plug_ins.end(),
                                       [&](const Description& description) { return description.id == id; });
        if (used == choice.plug_ins.end()) {
            continue;
        }
        std::string differences;
        for (const input::YamlValue::Entry& entry : section.entries("a plug-in")) {
            const Parameter* const parameter = find_parameter(*used, entry.key);
            if (parameter == nullptr || entry.value.kind() != input::YamlValue::Kind::scalar) {
                continue;
            }
            const std::string value = given_value(given, id, entry.key).value_or(parameter->default_value);
            if (!are_equal(*parameter, value, entry.value.as_text(entry.key))) {
                differences += (differences.empty() ? "" : ", ") + entry.key + " ('" + value + "', not '" +
                               entry.value.as_text(entry.key) + "')";
            }
        }
        if (!differences.empty()) {
            std::string& text = notes.emplace_back("parameters of '");
            text.append(id).append("' are not taken from ").append(document.location().file).append(": ");
            text.append(differences).append("; --parameter ").append(id).append(".NAME=VALUE gives them");
        }
    }
    return notes;
}

}  // namespace sotto::tools
