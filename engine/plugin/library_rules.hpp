// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "sotto/plugin.h"

namespace sotto::plugin {

/// Whether a library may be loaded that others can write to (see refuse_writable).
enum class Writable : std::uint8_t { refuse, allow };

/// What has to hold before any code of a library runs: it exists, nobody else can write to it, and the file says that
/// it is a plug-in library of this ABI version. Returns its link-free path; throws PluginError with path, found,
/// expected and reason.
std::string admit_library(const std::string& path, Writable writable);

/// What has to hold before any function of an entry is called. Throws PluginError that begins with `subject`.
void check_entry(const sotto_plugin_entry_v1& entry, const std::string& subject);

}  // namespace sotto::plugin
