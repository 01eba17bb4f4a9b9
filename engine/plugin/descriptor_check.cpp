// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/descriptor_check.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <utility>

#include "engine/input/plain_text.hpp"
#include "engine/plugin/abi_size.hpp"
#include "engine/plugin/argument_check.hpp"

namespace sotto::plugin {
namespace {

constexpr std::uint32_t most_entries = 1024;
constexpr std::size_t longest_name = 128;
constexpr std::size_t longest_text = std::size_t{64} << 10;

bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

// A name of lower case letters, digits and `extra`, beginning with a letter, ending with a letter or digit.
bool is_name(std::string_view name, std::string_view extra) {
    if (name.empty() || name.size() > longest_name || !is_lower(name.front())) {
        return false;
    }
    if (!is_lower(name.back()) && !is_digit(name.back())) {
        return false;
    }
    return std::all_of(name.begin(), name.end(),
                       [&](char c) { return is_lower(c) || is_digit(c) || extra.find(c) != std::string_view::npos; });
}

// Elements stand `stride` bytes apart, since a later version of the struct may be longer than ours.
template <typename Element>
const Element& element_at(const Element* first, std::uint32_t stride, std::uint32_t index) {
    const auto* bytes = reinterpret_cast<const unsigned char*>(first);
    return *reinterpret_cast<const Element*>(bytes + std::size_t{stride} * index);
}

class Checker {
  public:
    explicit Checker(std::string subject) : subject_(std::move(subject)) {}

    [[noreturn]] void fail(const std::string& problem, const std::string& found, const std::string& expected) const {
        throw PluginError(subject_ + ": " + problem + ": found " + found + ", expected " + expected);
    }

    std::string text(const char* value, const std::string& what) const {
        if (value == nullptr) {
            fail(what + " is missing", "null", "text");
        }
        const std::string_view given(value, strnlen(value, longest_text + 1));
        if (given.size() > longest_text) {
            fail(what + " is too long", "more than " + std::to_string(longest_text) + " bytes",
                 "at most " + std::to_string(longest_text));
        }
        for (std::size_t at = 0; at < given.size();) {
            const std::size_t bytes = input::plain_character_bytes(given.substr(at));
            if (bytes == 0) {
                const auto byte = static_cast<unsigned char>(given[at]);
                fail(what + " is not plain text", "byte " + std::to_string(byte) + " at " + std::to_string(at),
                     "UTF-8 without control characters");
            }
            at += bytes;
        }
        return std::string(given);
    }

    template <typename Element>
    void array(const Element* first, std::uint32_t count, std::uint32_t stride, const std::string& what) const {
        if (count > most_entries) {
            fail("too many " + what, std::to_string(count), "at most " + std::to_string(most_entries));
        }
        if (count > 0 && first == nullptr) {
            fail("the array of " + what + " is missing", "null", std::to_string(count) + " entries");
        }
        if (count > 0 && (stride < least_size<Element> || stride > largest_size || stride % alignof(Element) != 0)) {
            fail("the stride of " + what + " is wrong", std::to_string(stride),
                 sound_sizes<Element>() + ", a multiple of " + std::to_string(alignof(Element)));
        }
        for (std::uint32_t i = 0; i < count; ++i) {
            const Element& element = element_at(first, stride, i);
            if (!has_sound_size(element) || element.struct_size > stride) {
                fail("entry " + std::to_string(i) + " of " + what + " has a wrong size",
                     "struct_size " + std::to_string(element.struct_size),
                     std::to_string(least_size<Element>) + " to its stride, " + std::to_string(stride));
            }
        }
    }

    std::vector<std::int32_t> kinds(const std::int32_t* first, std::uint32_t count, const std::string& what) const {
        if (count > most_entries) {
            fail("too many " + what, std::to_string(count), "at most " + std::to_string(most_entries));
        }
        if ((first == nullptr) != (count == 0)) {
            fail("the list of " + what + " is wrong",
                 (first == nullptr ? "null with a count of " : "a list with a count of ") + std::to_string(count),
                 "a list with its count, or null and 0");
        }
        return first == nullptr ? std::vector<std::int32_t>() : std::vector<std::int32_t>(first, first + count);
    }

    std::int32_t within(std::int32_t value, std::int32_t least, std::int32_t most, const std::string& what) const {
        if (value < least || value > most) {
            fail(what + " is out of range", std::to_string(value),
                 std::to_string(least) + " to " + std::to_string(most));
        }
        return value;
    }

  private:
    std::string subject_;
};

void check_unit(const Checker& check, const Metric& metric) {
    static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> suffixes = {
        {{"_ms", "ms"}, {"_us", "us"}, {"_s", "s"}, {"bytes", "bytes"}}};
    if (metric.unit.empty()) {
        check.fail("the unit of metric '" + metric.name + "' is missing", "an empty text",
                   "a unit, '1' for a plain number");
    }
    for (const auto& [suffix, unit] : suffixes) {
        if (std::string_view(metric.name).ends_with(suffix) && metric.unit != unit) {
            check.fail("the unit of metric '" + metric.name + "' contradicts its name", "'" + metric.unit + "'",
                       "'" + std::string(unit) + "'");
        }
    }
}

std::vector<Metric> check_metrics(const Checker& check, const sotto_descriptor& descriptor) {
    check.array(descriptor.metrics, descriptor.metric_count, descriptor.metric_stride, "metrics");
    if (descriptor.metric_count == 0) {
        check.fail("no metric is declared", "0", "at least 1");
    }
    std::vector<Metric> metrics;
    for (std::uint32_t i = 0; i < descriptor.metric_count; ++i) {
        const sotto_metric& given = element_at(descriptor.metrics, descriptor.metric_stride, i);
        const std::string what = "metric " + std::to_string(i);
        Metric metric;
        metric.name = check.text(given.name, "the name of " + what);
        if (!is_name(metric.name, "_.")) {
            check.fail("the name of " + what + " is not valid", "'" + metric.name + "'",
                       "lower case letters, digits, '_' and '.', as in 'latency.client_ms'");
        }
        for (const Metric& earlier : metrics) {
            if (earlier.name == metric.name) {
                check.fail("a metric is declared twice", "'" + metric.name + "'", "each name once");
            }
        }
        metric.unit = check.text(given.unit, "the unit of metric '" + metric.name + "'");
        check_unit(check, metric);
        metric.description = check.text(given.description, "the description of metric '" + metric.name + "'");
        metric.direction =
            static_cast<Direction>(check.within(given.direction, SOTTO_DIRECTION_NEUTRAL, SOTTO_DIRECTION_MAXIMIZE,
                                                "the direction of metric '" + metric.name + "'"));
        metric.non_negative = (given.flags & SOTTO_METRIC_NON_NEGATIVE) != 0;
        metric.is_sum = (given.flags & SOTTO_METRIC_SUM) != 0;
        metrics.push_back(std::move(metric));
    }
    return metrics;
}

void check_default(const Checker& check, const Parameter& parameter) {
    try {
        check_value(parameter, parameter.default_value);
    } catch (const PluginError& error) {
        check.fail("the default of parameter '" + parameter.name + "' breaks its own declaration", error.what(),
                   "a value that is allowed");
    }
}

Parameter check_parameter(const Checker& check, const sotto_parameter& given, std::uint32_t index) {
    Parameter parameter;
    const std::string position = "parameter " + std::to_string(index);
    parameter.name = check.text(given.name, "the name of " + position);
    if (!is_name(parameter.name, "_-")) {
        check.fail("the name of " + position + " is not valid", "'" + parameter.name + "'",
                   "lower case letters, digits, '_' and '-'");
    }
    const std::string what = "parameter '" + parameter.name + "'";
    parameter.help = check.text(given.help, "the help of " + what);
    parameter.type = static_cast<ParameterType>(
        check.within(given.type, SOTTO_PARAMETER_INTEGER, SOTTO_PARAMETER_BOOLEAN, "the type of " + what) -
        SOTTO_PARAMETER_INTEGER);
    if ((given.flags & ~SOTTO_PARAMETER_REQUIRED) != 0) {
        check.fail("the flags of " + what + " are not valid", std::to_string(given.flags),
                   "0 or SOTTO_PARAMETER_REQUIRED");
    }
    parameter.required = (given.flags & SOTTO_PARAMETER_REQUIRED) != 0;
    parameter.least = given.least;
    parameter.most = given.most;
    const bool is_ranged = parameter.type == ParameterType::integer || parameter.type == ParameterType::number;
    if (is_ranged && !(given.least <= given.most)) {
        check.fail("the range of " + what + " is empty",
                   std::to_string(given.least) + " to " + std::to_string(given.most), "least <= most");
    }
    if (given.choices != nullptr) {
        if (parameter.type != ParameterType::text) {
            check.fail("choices of " + what, "choices for a parameter that is no text", "none");
        }
        for (const char* const* choice = given.choices; *choice != nullptr; ++choice) {
            if (parameter.choices.size() == most_entries) {
                check.fail("the choices of " + what + " do not end", "no null within " + std::to_string(most_entries),
                           "a null at the end");
            }
            parameter.choices.push_back(check.text(*choice, "a choice of " + what));
        }
        if (parameter.choices.empty()) {
            check.fail("the choices of " + what + " are empty", "0", "at least 1, or null for any text");
        }
    }
    if (parameter.required) {
        if (given.default_value != nullptr) {
            check.fail(what + " is required and has a default",
                       "'" + check.text(given.default_value, "the default") + "'", "one of the two");
        }
    } else {
        parameter.default_value = check.text(given.default_value, "the default of " + what);
        check_default(check, parameter);
    }
    return parameter;
}

std::vector<Parameter> check_parameters(const Checker& check, const sotto_descriptor& descriptor) {
    check.array(descriptor.parameters, descriptor.parameter_count, descriptor.parameter_stride, "parameters");
    std::vector<Parameter> parameters;
    for (std::uint32_t i = 0; i < descriptor.parameter_count; ++i) {
        Parameter parameter =
            check_parameter(check, element_at(descriptor.parameters, descriptor.parameter_stride, i), i);
        for (const Parameter& earlier : parameters) {
            if (earlier.name == parameter.name) {
                check.fail("a parameter is declared twice", "'" + parameter.name + "'", "each name once");
            }
        }
        parameters.push_back(std::move(parameter));
    }
    return parameters;
}

}  // namespace

Description check_descriptor(const sotto_descriptor* descriptor, Kind kind, const std::string& where) {
    const Checker unnamed(where + ": a " + to_text(kind));
    if (descriptor == nullptr) {
        unnamed.fail("has no descriptor", "null", "a descriptor for every index below count()");
    }
    if (!has_sound_size(*descriptor)) {
        unnamed.fail("has a descriptor of a wrong size", "struct_size " + std::to_string(descriptor->struct_size),
                     sound_sizes<sotto_descriptor>());
    }
    Description description;
    description.kind = kind;
    description.id = unnamed.text(descriptor->id, "its id");
    if (!is_name(description.id, "-")) {
        unnamed.fail("its id is not valid", "'" + description.id + "'", "lower case letters, digits and '-'");
    }
    const Checker check(to_text(kind) + " '" + description.id + "' (" + where + ")");
    description.version = check.text(descriptor->version, "the version");
    description.description = check.text(descriptor->description, "the description");
    constexpr std::uint32_t known_needs = SOTTO_NEEDS_NETWORK | SOTTO_NEEDS_PROGRAM;
    if (descriptor->needs == 0 || (descriptor->needs & ~known_needs) != 0) {
        check.fail("'needs' is not valid", std::to_string(descriptor->needs),
                   "SOTTO_NEEDS_NETWORK, SOTTO_NEEDS_PROGRAM or both");
    }
    description.needs_network = (descriptor->needs & SOTTO_NEEDS_NETWORK) != 0;
    description.needs_program = (descriptor->needs & SOTTO_NEEDS_PROGRAM) != 0;
    description.deterministic = (descriptor->capabilities & SOTTO_CAPABILITY_DETERMINISTIC) != 0;
    description.own_threads = (descriptor->capabilities & SOTTO_CAPABILITY_OWN_THREADS) != 0;
    description.preferred_batch = descriptor->preferred_batch;
    description.operation_kinds =
        check.kinds(descriptor->operation_kinds, descriptor->operation_kind_count, "operation kinds");
    description.layer_kinds = check.kinds(descriptor->layer_kinds, descriptor->layer_kind_count, "layer kinds");
    description.thread_level = static_cast<ThreadLevel>(
        check.within(descriptor->thread_level, SOTTO_THREADS_NONE, SOTTO_THREADS_SHARED, "the thread level"));
    if (!std::isfinite(descriptor->typical_cost_us) || descriptor->typical_cost_us < 0) {
        check.fail("the typical cost is not valid", std::to_string(descriptor->typical_cost_us),
                   "microseconds, 0 or more");
    }
    description.typical_cost_us = descriptor->typical_cost_us;
    description.metrics = check_metrics(check, *descriptor);
    description.parameters = check_parameters(check, *descriptor);
    return description;
}

}  // namespace sotto::plugin
