// SPDX-License-Identifier: Apache-2.0
#include "search/loop/plugin_section.hpp"

#include <array>
#include <vector>

#include "engine/run/front_files.hpp"
#include "search/loop/plugin_arguments.hpp"

namespace sotto::search {
namespace {

using input::YamlValue;

constexpr std::array<std::string_view, 2> isolation_names = {"none", "process"};

const plugin::Description& find_plugin(const YamlValue& id, plugin::Kind kind,
                                       std::span<const plugin::Description> known) {
    const std::string wanted = id.as_text(to_text(kind));
    std::vector<std::string_view> names;
    for (const plugin::Description& description : known) {
        if (description.kind != kind) {
            continue;
        }
        if (description.id == wanted) {
            return description;
        }
        names.push_back(description.id);
    }
    if (names.empty()) {
        id.fail("no " + to_text(kind) + " is installed");
    }
    id.fail("unknown " + to_text(kind), input::list_names(names) + ", or one of a library that 'plugins' names",
            std::string(input::nearest_name(wanted, names)));
}

}  // namespace

plugin::Isolation read_isolation(const std::optional<YamlValue>& value) {
    plugin::Isolation isolation;
    if (!value) {
        return isolation;
    }
    std::optional<YamlValue> mode = value;
    if (value->kind() == YamlValue::Kind::mapping) {
        constexpr std::array<std::string_view, 2> keys = {"mode", "timeout_s"};
        value->only_keys("isolation", keys);
        mode = value->require("isolation", "mode");
        if (const auto timeout = value->find("timeout_s")) {
            isolation.timeout_s = timeout->as_number("timeout_s", 0.001, 1e6);
        }
    }
    isolation.mode = static_cast<plugin::Isolation::Mode>(mode->as_one_of("isolation", isolation_names));
    return isolation;
}

PluginSection read_plugin_section(const YamlValue& section, plugin::Kind kind,
                                  std::span<const plugin::Description> known,
                                  std::span<const std::string_view> own_keys) {
    const YamlValue id = section.require(to_text(kind), "id");
    const plugin::Description& description = find_plugin(id, kind, known);
    return {{kind, description.id, read_arguments(section, description, own_keys), id.location(),
             read_isolation(section.find("isolation"))},
            &description};
}

void write_arguments(std::string& text, const evaluate::Stage& stage, const std::string& indent) {
    for (const auto& [name, value] : stage.parameters) {
        text += indent + input::to_yaml_scalar(name) + ": " + input::to_yaml_scalar(value) + '\n';
    }
}

void write_isolation(std::string& text, const evaluate::Stage& stage, const std::string& indent) {
    if (stage.isolation.mode == plugin::Isolation::Mode::process) {
        text += indent + "isolation: {mode: process, timeout_s: " + run::number_text(stage.isolation.timeout_s) + "}\n";
    }
}

}  // namespace sotto::search
