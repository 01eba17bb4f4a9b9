// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>

#include "engine/input/yaml_document.hpp"
#include "engine/plugin/description.hpp"

namespace sotto::search {

/// Reads the parameters of a plug-in from the mapping that configures it: every key but `id`, `isolation` and those in
/// `own_keys` is a parameter. Missing ones take their declared default, so the result names every parameter. A number
/// has one text, the shortest that reads back as the same, whoever wrote it and however: texts are compared to tell
/// whether two runs, or two stages, are the same. Throws input::InputError at the line of the parameter: unknown (with
/// the nearest declared name), missing, wrong type, out of range, not among the choices.
std::map<std::string, std::string> read_arguments(const input::YamlValue& mapping,
                                                  const plugin::Description& description,
                                                  std::span<const std::string_view> own_keys = {});

/// A value of the parameter, from wherever it comes, as read_arguments gives it; a text that is no value of it
/// unchanged.
std::string canonical_argument(const plugin::Parameter& parameter, const std::string& text);

}  // namespace sotto::search
