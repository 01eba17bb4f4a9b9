// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace sotto::plugin {

/// What a plug-in library says of itself before any of its code runs: the head of its sotto_plugin_entry.
struct LibraryIdentity {
    std::uint32_t abi_version = 0;
    std::uint32_t struct_size = 0;
};

/// Reads the identity out of the file, without loading it: static initialisers of a library run as soon as it is
/// loaded. Throws PluginError where the file is no shared library for this machine, has no sotto_plugin_entry, or is
/// damaged. Any content is safe.
LibraryIdentity read_identity(const std::string& path);

}  // namespace sotto::plugin
