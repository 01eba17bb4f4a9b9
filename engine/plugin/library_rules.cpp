// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/library_rules.hpp"

#include <cstddef>

#include "engine/plugin/abi_size.hpp"
#include "engine/plugin/description.hpp"
#include "engine/plugin/library_identity.hpp"
#include "engine/plugin/library_search.hpp"
#include "engine/plugin/shared_library.hpp"

namespace sotto::plugin {
namespace {

// The head of the entry is all that may be looked at before the versions agree.
void check_identity(std::uint32_t abi_version, std::uint32_t struct_size, const std::string& subject) {
    static_assert(offsetof(sotto_plugin_entry_v1, abi_version) == 0 &&
                  offsetof(sotto_plugin_entry_v1, struct_size) == 4);
    if (abi_version != SOTTO_PLUGIN_ABI_VERSION) {
        throw PluginError(subject + ": built for another plug-in ABI: found version " + std::to_string(abi_version) +
                          ", expected " + std::to_string(SOTTO_PLUGIN_ABI_VERSION));
    }
    if (struct_size < least_size<sotto_plugin_entry_v1> || struct_size > largest_size) {
        throw PluginError(subject + ": the entry has a wrong size: found struct_size " + std::to_string(struct_size) +
                          ", expected " + sound_sizes<sotto_plugin_entry_v1>());
    }
}

}  // namespace

std::string admit_library(const std::string& path, Writable writable) {
    std::string resolved = resolve_library(path);
    if (writable == Writable::refuse) {
        refuse_writable(path);
    }
    const LibraryIdentity identity = read_identity(resolved);
    check_identity(identity.abi_version, identity.struct_size, "plug-in library '" + resolved + '\'');
    return resolved;
}

void check_entry(const sotto_plugin_entry_v1& entry, const std::string& subject) {
    check_identity(entry.abi_version, entry.struct_size, subject);
    if (entry.init == nullptr || entry.deinit == nullptr || entry.get_factory == nullptr) {
        throw PluginError(subject + ": the entry is incomplete: found a null function, expected init, deinit and " +
                          "get_factory");
    }
}

}  // namespace sotto::plugin
