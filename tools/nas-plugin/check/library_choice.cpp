// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-plugin/check/library_choice.hpp"

#include <algorithm>
#include <vector>

#include "engine/plugin/library_search.hpp"
#include "engine/plugin/registry.hpp"
#include "engine/plugin/shared_library.hpp"
#include "tools/installed/built_in_plugins.hpp"
#include "tools/installed/installed_plugins.hpp"

namespace sotto::check {
namespace {

bool offers(const tools::BuiltInPlugin& built_in, const std::string& id) {
    plugin::Registry registry({});
    registry.add_built_in(*built_in.entry, built_in.name);
    const auto offered = registry.list();
    return std::any_of(offered.begin(), offered.end(), [&](const auto& one) { return one.id == id; });
}

}  // namespace

LibraryChoice choose_library(const std::string& text) {
    if (plugin::is_path(text)) {
        return {plugin::resolve_library(text), {}};
    }
    for (const tools::BuiltInPlugin& built_in : tools::built_in_plugins()) {
        if (built_in.name == text) {
            return {text, {}};
        }
        if (offers(built_in, text)) {
            return {built_in.name, text};
        }
    }
    const std::vector<std::string> directories = tools::plugin_directories();
    plugin::Registry registry({});
    const std::vector<plugin::Description> known = tools::InstalledPlugins(registry, directories).known();
    for (const plugin::Description& description : known) {
        if (description.id == text) {
            return {plugin::resolve_library(description.library), text};
        }
    }
    return {plugin::resolve_library(tools::find_installed_library(text, directories, known)), {}};
}

}  // namespace sotto::check
