// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/arguments.hpp"

#include <cassert>
#include <charconv>
#include <cmath>
#include <cstring>
#include <functional>
#include <optional>
#include <span>
#include <system_error>

#include "plugins/accuracy/candidate_error.hpp"

namespace sotto::accuracy {
namespace {

template <typename Value>
std::optional<Value> parse(std::string_view text) {
    Value value{};
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    return problem == std::errc{} && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

std::string to_text(double value) {
    char buffer[32];
    const auto [end, problem] = std::to_chars(buffer, buffer + sizeof buffer, value);
    assert(problem == std::errc{});
    return {buffer, end};
}

std::string range(const sotto_parameter& parameter) {
    return " from " + to_text(parameter.least) + " to " + to_text(parameter.most);
}

bool within(const sotto_parameter& parameter, double value) {
    return std::isfinite(value) && value >= parameter.least && value <= parameter.most;
}

/// What the parameter takes, where `value` is not that; empty where it is.
std::string expected_instead_of(const sotto_parameter& parameter, const std::string& value) {
    switch (parameter.type) {
        case SOTTO_PARAMETER_INTEGER: {
            const auto integer = parse<std::int64_t>(value);
            return integer && within(parameter, static_cast<double>(*integer)) ? ""
                                                                               : "a whole number" + range(parameter);
        }
        case SOTTO_PARAMETER_NUMBER: {
            const auto number = parse<double>(value);
            return number && within(parameter, *number) ? "" : "a number" + range(parameter);
        }
        case SOTTO_PARAMETER_BOOLEAN:
            return value == "true" || value == "false" ? "" : "true or false";
        default: {
            std::string choices;
            for (const char* const* choice = parameter.choices; choice != nullptr && *choice != nullptr; ++choice) {
                if (value == *choice) {
                    return "";
                }
                choices += (choices.empty() ? "" : ", ") + std::string(*choice);
            }
            return choices.empty() ? "" : "one of " + choices;
        }
    }
}

}  // namespace

Arguments::Arguments(const sotto_descriptor& descriptor, const std::map<std::string, std::string>& given) {
    const std::span parameters(descriptor.parameters, descriptor.parameter_count);
    for (const sotto_parameter& parameter : parameters) {
        const auto found = given.find(parameter.name);
        if (found == given.end() && parameter.default_value == nullptr) {
            throw CandidateError(SOTTO_INVALID_ARGUMENT,
                                 "parameter '" + std::string(parameter.name) + "' has no default and is not given");
        }
        std::string value = found != given.end() ? found->second : parameter.default_value;
        if (const std::string expected = expected_instead_of(parameter, value); !expected.empty()) {
            throw CandidateError(SOTTO_INVALID_ARGUMENT, "parameter '" + std::string(parameter.name) + "': found '" +
                                                             value + "', expected " + expected);
        }
        values_.emplace(parameter.name, std::move(value));
    }
    for (const auto& [name, value] : given) {
        if (!values_.contains(name)) {
            throw CandidateError(SOTTO_INVALID_ARGUMENT, "parameter '" + name + "' is not known");
        }
    }
}

std::int64_t Arguments::integer(std::string_view name) const {
    return parse<std::int64_t>(text(name)).value();
}

double Arguments::number(std::string_view name) const {
    return parse<double>(text(name)).value();
}

bool Arguments::boolean(std::string_view name) const {
    return text(name) == "true";
}

const std::string& Arguments::text(std::string_view name) const {
    const auto found = values_.find(name);
    assert(found != values_.end());
    return found->second;
}

}  // namespace sotto::accuracy
