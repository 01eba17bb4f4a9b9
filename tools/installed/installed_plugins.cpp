// SPDX-License-Identifier: Apache-2.0
#include "tools/installed/installed_plugins.hpp"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "engine/input/input_error.hpp"
#include "engine/plugin/library_search.hpp"
#include "tools/installed/built_in_plugins.hpp"
#include "tools/manifest/plugin_manifest.hpp"

namespace sotto::tools {
namespace {

bool is_same_plugin(const plugin::Description& left, const plugin::Description& right) {
    return left.kind == right.kind && left.id == right.id;
}

std::filesystem::path program_folder() {
    std::error_code none;
    return std::filesystem::read_symlink("/proc/self/exe", none).parent_path();
}

}  // namespace

InstalledPlugins::InstalledPlugins(plugin::Registry& registry, const std::vector<std::string>& directories)
    : registry_(registry) {
    add_built_in_plugins(registry);
    for (const std::string& directory : directories) {
        for (const std::string& library : libraries_without_manifest(directory)) {
            registry.note_unread_library(library);
        }
        for (plugin::Description& description : read_manifests(directory)) {
            if (std::none_of(declared_.begin(), declared_.end(),
                             [&](const auto& earlier) { return is_same_plugin(earlier, description); })) {
                registry.declare_loadable(description.kind, description.id, description.library);
                declared_.push_back(std::move(description));
            }
        }
    }
}

std::vector<plugin::Description> InstalledPlugins::known() const {
    std::vector<plugin::Description> result = registry_.list();
    for (const plugin::Description& declared : declared_) {
        if (std::none_of(result.begin(), result.end(),
                         [&](const auto& listed) { return is_same_plugin(listed, declared); })) {
            result.push_back(declared);
        }
    }
    return result;
}

void InstalledPlugins::check_loaded() const {
    for (const plugin::Description& listed : registry_.list()) {
        for (const plugin::Description& declared : declared_) {
            if (is_same_plugin(listed, declared) && listed.library == declared.library &&
                !declares_same(listed, declared)) {
                throw plugin::PluginError(declared.library + ": declares something else for " + to_text(listed.kind) +
                                          " '" + listed.id +
                                          "' than its manifest, the .json file beside it: build it again");
            }
        }
    }
}

std::vector<std::string> plugin_directories() {
    const char* const environment = std::getenv("SOTTO_PLUGIN_PATH");
    return plugin::search_directories(
        environment == nullptr ? "" : environment,
        (program_folder() / ".." / "lib" / "sotto" / "plugins").lexically_normal().string());
}

std::vector<std::string> libraries_without_manifest(const std::string& directory) {
    namespace fs = std::filesystem;
    std::vector<std::string> libraries;
    std::error_code error;
    for (fs::directory_iterator entry(directory, error), end; !error && entry != end; entry.increment(error)) {
        fs::path manifest = entry->path();
        manifest.replace_extension(".json");
        std::error_code none;
        if (entry->path().extension() == ".so" && !fs::exists(manifest, none)) {
            libraries.push_back(entry->path().string());
        }
    }
    std::sort(libraries.begin(), libraries.end());
    return libraries;
}

std::string find_installed_library(const std::string& name, const std::vector<std::string>& directories,
                                   std::span<const plugin::Description> known) {
    try {
        return plugin::find_library(name, directories);
    } catch (const plugin::PluginError& error) {
        std::vector<std::string_view> ids;
        ids.reserve(known.size());
        for (const plugin::Description& description : known) {
            ids.emplace_back(description.id);
        }
        const std::string_view nearest = input::nearest_name(name, ids);
        throw plugin::PluginError(std::string(error.what()) + "; known ids: " + input::list_names(ids) +
                                  (nearest.empty() ? "" : "; did you mean '" + std::string(nearest) + "'?"));
    }
}

std::string plugin_host() {
    return (program_folder() / "sotto-plugin-host").string();
}

}  // namespace sotto::tools
