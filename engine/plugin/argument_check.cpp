// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/argument_check.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <system_error>

#include "engine/input/input_error.hpp"

namespace sotto::plugin {
namespace {

std::string number_text(double value) {
    char buffer[32];
    return {buffer, std::to_chars(buffer, buffer + sizeof buffer, value).ptr};
}

std::string quoted(std::string_view text) {
    return '\'' + std::string(text) + '\'';
}

std::string suggestion(std::string_view name, const std::vector<std::string_view>& known) {
    const std::string_view nearest = input::nearest_name(name, known);
    return nearest.empty() ? std::string() : "; did you mean " + quoted(nearest) + "?";
}

template <typename Number>
bool parse(std::string_view text, Number& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size();
}

void check_number(const Parameter& parameter, std::string_view value) {
    double number = 0;
    bool is_number = false;
    if (parameter.type == ParameterType::integer) {
        std::int64_t integer = 0;
        is_number = parse(value, integer);
        number = static_cast<double>(integer);
    } else {
        is_number = parse(value, number) && std::isfinite(number);
    }
    if (!is_number || number < parameter.least || number > parameter.most) {
        throw PluginError("parameter " + quoted(parameter.name) + ": found " + quoted(value) + ", expected a " +
                          (parameter.type == ParameterType::integer ? "whole number" : "number") + " from " +
                          number_text(parameter.least) + " to " + number_text(parameter.most));
    }
}

}  // namespace

void check_value(const Parameter& parameter, std::string_view value) {
    switch (parameter.type) {
        case ParameterType::integer:
        case ParameterType::number:
            check_number(parameter, value);
            return;
        case ParameterType::boolean:
            if (value != "true" && value != "false") {
                throw PluginError("parameter " + quoted(parameter.name) + ": found " + quoted(value) +
                                  ", expected 'true' or 'false'");
            }
            return;
        case ParameterType::text:
            if (value.find('\0') != std::string_view::npos) {
                throw PluginError("parameter " + quoted(parameter.name) + ": found a NUL within, expected plain text");
            }
            if (!parameter.choices.empty() &&
                std::find(parameter.choices.begin(), parameter.choices.end(), value) == parameter.choices.end()) {
                const std::vector<std::string_view> choices(parameter.choices.begin(), parameter.choices.end());
                throw PluginError("parameter " + quoted(parameter.name) + ": found " + quoted(value) + ", expected " +
                                  input::list_names(choices) + suggestion(value, choices));
            }
            return;
    }
}

std::vector<std::pair<std::string, std::string>> complete_arguments(
    const Description& description, const std::map<std::string, std::string>& arguments) {
    const std::string subject = to_text(description.kind) + ' ' + quoted(description.id) + ": ";
    std::vector<std::string_view> known;
    known.reserve(description.parameters.size());
    for (const Parameter& parameter : description.parameters) {
        known.emplace_back(parameter.name);
    }
    for (const auto& [name, value] : arguments) {
        if (std::find(known.begin(), known.end(), name) == known.end()) {
            throw PluginError(subject + "unknown parameter: found " + quoted(name) + ", expected " +
                              (known.empty() ? "none" : input::list_names(known)) + suggestion(name, known));
        }
    }
    std::vector<std::pair<std::string, std::string>> complete;
    complete.reserve(known.size());
    for (const Parameter& parameter : description.parameters) {
        const auto given = arguments.find(parameter.name);
        if (given == arguments.end() && parameter.required) {
            throw PluginError(subject + "parameter " + quoted(parameter.name) + " is required and missing: expected " +
                              parameter.help);
        }
        const std::string& value = given == arguments.end() ? parameter.default_value : given->second;
        try {
            check_value(parameter, value);
        } catch (const PluginError& error) {
            throw PluginError(subject + error.what());
        }
        complete.emplace_back(parameter.name, value);
    }
    return complete;
}

}  // namespace sotto::plugin
