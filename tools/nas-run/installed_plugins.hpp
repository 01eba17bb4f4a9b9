// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "engine/plugin/description.hpp"
#include "engine/plugin/registry.hpp"

namespace sotto::tools {

/// The plug-ins that a program can offer: those built in, and those in its plug-in folder, which are known by their
/// manifests and loaded when first made.
class InstalledPlugins {
  public:
    /// `folder`: where the loadable ones lie. Throws plugin::PluginError for a manifest that cannot be read.
    InstalledPlugins(plugin::Registry& registry, const std::filesystem::path& folder);

    /// Every plug-in by what it declares: registered ones (libraries loaded since included), then declared ones.
    std::vector<plugin::Description> known() const;

    /// Throws plugin::PluginError where a library that was loaded declares something else than its manifest said.
    void check_loaded() const;

  private:
    plugin::Registry& registry_;
    std::vector<plugin::Description> declared_;
};

/// `../lib/sotto/plugins` seen from the running program.
std::filesystem::path plugin_folder();

/// The program that runs isolated plug-ins: `sotto-plugin-host` beside the running one.
std::string plugin_host();

}  // namespace sotto::tools
