// SPDX-License-Identifier: Apache-2.0
#include "search/loop/plugin_arguments.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <system_error>
#include <vector>

#include "engine/run/front_files.hpp"

namespace sotto::search {
namespace {

// A declared bound as an integer bound, kept within what a double can name exactly.
std::int64_t integer_bound(double bound) {
    constexpr double largest = 0x1.0p53;
    return static_cast<std::int64_t>(std::clamp(bound, -largest, largest));
}

std::string read_argument(const input::YamlValue& value, const plugin::Parameter& parameter, const std::string& what) {
    switch (parameter.type) {
        case plugin::ParameterType::integer:
            return std::to_string(
                value.as_integer(what, integer_bound(parameter.least), integer_bound(parameter.most)));
        case plugin::ParameterType::number:
            return run::number_text(value.as_number(what, parameter.least, parameter.most));
        case plugin::ParameterType::boolean:
            return value.as_boolean(what) ? "true" : "false";
        case plugin::ParameterType::text:
            break;
    }
    if (parameter.choices.empty()) {
        return value.as_text(what);
    }
    const std::vector<std::string_view> choices(parameter.choices.begin(), parameter.choices.end());
    return parameter.choices[value.as_one_of(what, choices)];
}

template <typename Number>
bool parse(const std::string& text, Number& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

std::string canonical_argument(const plugin::Parameter& parameter, const std::string& text) {
    double number = 0;
    if (parameter.type == plugin::ParameterType::number && parse(text, number)) {
        return run::number_text(number);
    }
    std::int64_t integer = 0;
    if (parameter.type == plugin::ParameterType::integer && parse(text, integer)) {
        return std::to_string(integer);
    }
    return text;
}

std::map<std::string, std::string> read_arguments(const input::YamlValue& mapping,
                                                  const plugin::Description& description,
                                                  std::span<const std::string_view> own_keys) {
    const std::string owner = to_text(description.kind) + " '" + description.id + '\'';
    std::vector<std::string_view> known = {"id", "isolation"};
    known.insert(known.end(), own_keys.begin(), own_keys.end());
    for (const plugin::Parameter& parameter : description.parameters) {
        known.push_back(parameter.name);
    }
    mapping.only_keys(owner, known);

    std::map<std::string, std::string> arguments;
    for (const plugin::Parameter& parameter : description.parameters) {
        if (const auto value = mapping.find(parameter.name)) {
            arguments[parameter.name] = read_argument(*value, parameter, parameter.name + " of " + owner);
        } else if (parameter.required) {
            mapping.require(owner, parameter.name);
        } else {
            arguments[parameter.name] = canonical_argument(parameter, parameter.default_value);
        }
    }
    return arguments;
}

}  // namespace sotto::search
