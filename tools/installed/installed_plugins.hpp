// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <vector>

#include "engine/plugin/description.hpp"
#include "engine/plugin/registry.hpp"

namespace sotto::tools {

/// The plug-ins that a program can offer: those built in, and those in its plug-in folder, which are known by their
/// manifests and loaded when first made.
class InstalledPlugins {
  public:
    /// `directories`: where the loadable ones lie, the first that offers an id counts. Throws plugin::PluginError for a
    /// manifest that cannot be read.
    InstalledPlugins(plugin::Registry& registry, const std::vector<std::string>& directories);

    /// Every plug-in by what it declares: registered ones (libraries loaded since included), then declared ones.
    std::vector<plugin::Description> known() const;

    /// Throws plugin::PluginError where a library that was loaded declares something else than its manifest said.
    void check_loaded() const;

  private:
    plugin::Registry& registry_;
    std::vector<plugin::Description> declared_;
};

/// Where this program looks for plug-in libraries: the directories of the environment variable SOTTO_PLUGIN_PATH, then
/// `../lib/sotto/plugins` seen from the running program.
std::vector<std::string> plugin_directories();

/// Libraries in a directory that have no manifest beside them, in the order of their names: what they offer is not
/// known before they are loaded, and no library is loaded unless it is named, or everything there is is to be listed.
std::vector<std::string> libraries_without_manifest(const std::string& directory);

/// The library that `name` means, as plugin::find_library; what it throws lists the ids of `known` and the nearest.
std::string find_installed_library(const std::string& name, const std::vector<std::string>& directories,
                                   std::span<const plugin::Description> known);

/// The program that runs isolated plug-ins: `sotto-plugin-host` beside the running one.
std::string plugin_host();

}  // namespace sotto::tools
