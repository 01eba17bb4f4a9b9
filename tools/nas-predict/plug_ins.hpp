// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/plugin/registry.hpp"
#include "tools/installed/installed_plugins.hpp"

namespace sotto::tools {

/// One line on standard error.
void note(std::string_view text);

/// The plug-ins of this process. What they warn of is said once.
class PlugIns {
  public:
    PlugIns();

    /// Libraries by path or name. Throws plugin::PluginError.
    void load(const std::vector<std::string>& libraries, plugin::Writable writable);

    /// Those that a run configuration names under `plugins`, by the rules of nas-run: where it isolates a plug-in, none
    /// of them is loaded into this process. Throws input::InputError.
    void load_named_by(const std::string& configuration);

    /// How plug-ins of a library (Description::library) run here.
    plugin::Isolation isolation(const std::string& library) const;

    plugin::Registry& registry() { return registry_; }
    const InstalledPlugins& installed() const { return installed_; }
    bool has_warned() const { return !said_.empty(); }

  private:
    plugin::HostServices services();

    std::mutex mutex_;
    std::set<std::string, std::less<>> said_;
    std::set<std::string, std::less<>> isolated_;  ///< libraries
    plugin::Registry registry_;
    InstalledPlugins installed_;
};

}  // namespace sotto::tools
