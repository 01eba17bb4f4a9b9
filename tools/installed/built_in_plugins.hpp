// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "sotto/plugin.h"

#include "engine/plugin/registry.hpp"

namespace sotto::tools {

/// A plug-in library that is linked into the program.
struct BuiltInPlugin {
    const char* name;
    const sotto_plugin_entry_v1* entry;
};

/// Those that the build was told to link: every option of sotto_add_shipped_plugin that is `builtin`.
std::span<const BuiltInPlugin> built_in_plugins();

/// Registers them all. Throws plugin::PluginError.
void add_built_in_plugins(plugin::Registry& registry);

}  // namespace sotto::tools
