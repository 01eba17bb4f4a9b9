// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/evaluate/pipeline.hpp"
#include "engine/input/yaml_document.hpp"
#include "engine/plugin/description.hpp"

namespace sotto::search {

/// A mapping that chooses a plug-in: `id`, `isolation`, and the plug-in's parameters.
struct PluginSection {
    evaluate::Stage stage;                   ///< `location` is that of the id
    const plugin::Description* description;  ///< one of those known
};

/// `known` describes every plug-in that can be chosen. `own_keys`: further keys of the mapping that are no parameters.
/// Throws input::InputError for an unknown plug-in and for wrong parameters, as read_arguments.
PluginSection read_plugin_section(const input::YamlValue& section, plugin::Kind kind,
                                  std::span<const plugin::Description> known,
                                  std::span<const std::string_view> own_keys = {});

/// The parameters and the isolation of such a mapping as lines of YAML.
void write_arguments(std::string& text, const evaluate::Stage& stage, const std::string& indent);
void write_isolation(std::string& text, const evaluate::Stage& stage, const std::string& indent);

/// `none`, `process`, or a mapping with `mode` and `timeout_s`. Throws input::InputError for another.
plugin::Isolation read_isolation(const std::optional<input::YamlValue>& value);

}  // namespace sotto::search
