// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-run/installed_plugins.hpp"

#include <algorithm>
#include <system_error>

#include "cost_models/analytical/analytical_plugin.hpp"
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

InstalledPlugins::InstalledPlugins(plugin::Registry& registry, const std::filesystem::path& folder)
    : registry_(registry), declared_(read_manifests(folder)) {
    registry.add_built_in(analytical::analytical_plugin_entry(), "analytical");
    for (const plugin::Description& description : declared_) {
        registry.declare_loadable(description.kind, description.id, description.library);
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

std::filesystem::path plugin_folder() {
    return (program_folder() / ".." / "lib" / "sotto" / "plugins").lexically_normal();
}

std::string plugin_host() {
    return (program_folder() / "sotto-plugin-host").string();
}

}  // namespace sotto::tools
