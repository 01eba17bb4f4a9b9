// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <signal.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "engine/plugin/floating_point_modes.hpp"

namespace sotto::tools {

/// What plug-ins share with the program and have to leave as they found it: working directory, locale, the signals that
/// stop a run, and how this thread computes. Belongs to one thread, while no plug-in is called.
class ProcessState {
  public:
    /// As it is now.
    ProcessState();

    /// Puts everything back, and says in words what had been changed, and to what.
    std::vector<std::string> restore() const;

  private:
    std::filesystem::path directory_;
    std::string locale_;
    std::map<int, struct sigaction> handlers_;
    plugin::FloatingPointModes modes_ = plugin::FloatingPointModes::current();
};

}  // namespace sotto::tools
