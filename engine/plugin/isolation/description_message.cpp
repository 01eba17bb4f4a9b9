// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/isolation/description_message.hpp"

namespace sotto::plugin::isolation {
namespace {

// More than one library may offer: 1024 plug-ins of each kind, 1024 metrics and parameters each.
constexpr std::uint32_t most_plugins = 2048;
constexpr std::uint32_t most_entries = 1024;
constexpr std::uint32_t most_choices = 1U << 16U;

template <typename Enumeration>
void write_enumeration(MessageWriter& message, Enumeration value) {
    message.number(static_cast<std::uint32_t>(value));
}

template <typename Enumeration>
Enumeration read_enumeration(MessageReader& message, Enumeration last) {
    return static_cast<Enumeration>(message.count(static_cast<std::uint32_t>(last)));
}

void write_flag(MessageWriter& message, bool value) {
    message.number(static_cast<std::uint8_t>(value ? 1 : 0));
}

void write(MessageWriter& message, const Metric& metric) {
    message.text(metric.name);
    message.text(metric.unit);
    message.text(metric.description);
    write_enumeration(message, metric.direction);
    write_flag(message, metric.non_negative);
    write_flag(message, metric.is_sum);
}

Metric read_metric(MessageReader& message) {
    Metric metric;
    metric.name = message.text();
    metric.unit = message.text();
    metric.description = message.text();
    metric.direction = read_enumeration(message, Direction::maximize);
    metric.non_negative = message.flag();
    metric.is_sum = message.flag();
    return metric;
}

void write(MessageWriter& message, const Parameter& parameter) {
    message.text(parameter.name);
    message.text(parameter.help);
    write_enumeration(message, parameter.type);
    write_flag(message, parameter.required);
    message.number(parameter.least);
    message.number(parameter.most);
    message.text(parameter.default_value);
    message.number(static_cast<std::uint32_t>(parameter.choices.size()));
    for (const std::string& choice : parameter.choices) {
        message.text(choice);
    }
}

Parameter read_parameter(MessageReader& message) {
    Parameter parameter;
    parameter.name = message.text();
    parameter.help = message.text();
    parameter.type = read_enumeration(message, ParameterType::boolean);
    parameter.required = message.flag();
    parameter.least = message.number<double>();
    parameter.most = message.number<double>();
    parameter.default_value = message.text();
    const std::uint32_t choices = message.count(most_choices);
    for (std::uint32_t i = 0; i < choices; ++i) {
        parameter.choices.push_back(message.text());
    }
    return parameter;
}

void write_kinds(MessageWriter& message, const std::vector<std::int32_t>& kinds) {
    message.list(kinds.data(), static_cast<std::uint32_t>(kinds.size()));
}

std::vector<std::int32_t> read_kinds(MessageReader& message) {
    const auto kinds = message.list<std::int32_t>();
    return {kinds.begin(), kinds.end()};
}

}  // namespace

void write(MessageWriter& message, const Description& description) {
    write_enumeration(message, description.kind);
    message.text(description.id);
    message.text(description.version);
    message.text(description.description);
    message.text(description.library);
    write_flag(message, description.needs_network);
    write_flag(message, description.needs_program);
    write_flag(message, description.deterministic);
    write_enumeration(message, description.thread_level);
    write_flag(message, description.own_threads);
    message.number(description.typical_cost_us);
    message.number(description.preferred_batch);
    write_kinds(message, description.operation_kinds);
    write_kinds(message, description.layer_kinds);
    message.number(static_cast<std::uint32_t>(description.metrics.size()));
    for (const Metric& metric : description.metrics) {
        write(message, metric);
    }
    message.number(static_cast<std::uint32_t>(description.parameters.size()));
    for (const Parameter& parameter : description.parameters) {
        write(message, parameter);
    }
}

Description read_description(MessageReader& message) {
    Description description;
    description.kind = read_enumeration(message, Kind::accuracy_proxy);
    description.id = message.text();
    description.version = message.text();
    description.description = message.text();
    description.library = message.text();
    description.needs_network = message.flag();
    description.needs_program = message.flag();
    description.deterministic = message.flag();
    description.thread_level = read_enumeration(message, ThreadLevel::shared);
    description.own_threads = message.flag();
    description.typical_cost_us = message.number<double>();
    description.preferred_batch = message.number<std::uint32_t>();
    description.operation_kinds = read_kinds(message);
    description.layer_kinds = read_kinds(message);
    const std::uint32_t metrics = message.count(most_entries);
    for (std::uint32_t i = 0; i < metrics; ++i) {
        description.metrics.push_back(read_metric(message));
    }
    const std::uint32_t parameters = message.count(most_entries);
    for (std::uint32_t i = 0; i < parameters; ++i) {
        description.parameters.push_back(read_parameter(message));
    }
    return description;
}

void write(MessageWriter& message, const std::vector<Description>& descriptions) {
    message.number(static_cast<std::uint32_t>(descriptions.size()));
    for (const Description& description : descriptions) {
        write(message, description);
    }
}

std::vector<Description> read_descriptions(MessageReader& message) {
    const std::uint32_t count = message.count(most_plugins);
    std::vector<Description> descriptions;
    for (std::uint32_t i = 0; i < count; ++i) {
        descriptions.push_back(read_description(message));
    }
    message.require_end();
    return descriptions;
}

}  // namespace sotto::plugin::isolation
