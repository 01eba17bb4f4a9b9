// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/plugin/registry.hpp"
#include "search/loop/run_configuration.hpp"
#include "tools/installed/installed_plugins.hpp"
#include "tools/nas-run/options.hpp"

namespace sotto::tools {

/// A run that was checked and may begin.
struct RunInput {
    search::RunConfiguration configuration;
    std::map<std::string, std::string> versions;  ///< of what makes it: engine, plug-in ABI, hash, plug-ins
    /// What the libraries of these plug-ins hold (plugin::library_digest), by `library.cost_model.ID` and so on.
    std::map<std::string, std::string> libraries;
    std::size_t threads = 0;  ///< of this session: a run that is resumed keeps what its configuration says
};

/// The run that the options describe: the configuration (or the one of the run to resume), libraries loaded, what was
/// typed put in place of what the file says. Throws input::InputError, or plugin::PluginError for a library that was
/// typed. Writes nothing.
RunInput read_run_input(const Options& options, plugin::Registry& registry, const InstalledPlugins& plugins);

/// The plug-ins, as `cost_model.ID` and so on, whose libraries are other files than when the run was begun, whose
/// database holds `stored`. A library may be built anew and give the same: only its author knows.
std::vector<std::string> plugins_of_other_libraries(const RunInput& input,
                                                    const std::map<std::string, std::string>& stored);

}  // namespace sotto::tools
