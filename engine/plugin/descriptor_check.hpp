// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "sotto/plugin.h"

#include "engine/plugin/description.hpp"

namespace sotto::plugin {

/// Copies a descriptor after checking all of it: sizes, id, metrics (names, units, no name twice), parameters (types,
/// ranges, defaults and choices that agree). `where` is the file, or for a built-in whatever names it, for the
/// message alone. Throws PluginError saying which entry is wrong, what was found and what is expected.
Description check_descriptor(const sotto_descriptor* descriptor, Kind kind, const std::string& where);

}  // namespace sotto::plugin
