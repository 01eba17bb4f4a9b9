// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/plugin/description.hpp"

namespace sotto::plugin {

/// Throws PluginError (found, expected, nearest choice) where `value` is not one that `parameter` allows.
void check_value(const Parameter& parameter, std::string_view value);

/// One (name, value) for every declared parameter, in declaration order, defaults filled in. Throws PluginError for an
/// argument that is not declared (naming the nearest), a required one that is missing, and a value that is not allowed.
std::vector<std::pair<std::string, std::string>> complete_arguments(
    const Description& description, const std::map<std::string, std::string>& arguments);

}  // namespace sotto::plugin
