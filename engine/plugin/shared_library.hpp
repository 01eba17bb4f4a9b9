// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "sotto/plugin.h"

#include "engine/plugin/description.hpp"

namespace sotto::plugin {

/// The absolute, link-free path of a plug-in library. Throws PluginError where there is no such regular file, naming
/// the nearest library beside it.
std::string resolve_library(const std::string& path);

/// Maps the library into the process, for good, and finds its entry. No function of the library is called except its
/// static initialisers. `path` comes from resolve_library. Throws PluginError with the loader's own text, or with the
/// symbol that is missing.
const sotto_plugin_entry_v1& open_library(const std::string& path);

}  // namespace sotto::plugin
