// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace sotto::plugin {

/// Where the code of a plug-in runs.
struct Isolation {
    enum class Mode : std::uint8_t {
        none,     ///< in this process: fast, and a crash ends the run
        process,  ///< in a child process, which may die or be ended without the run
    };

    Mode mode = Mode::none;
    /// What one call may take, in seconds. A batch that takes longer is tried again candidate by candidate, so that a
    /// candidate fails where it alone takes longer.
    double timeout_s = 300;
    /// What starting the process, loading the library and making the instance may take together, in seconds.
    double start_timeout_s = 120;
    /// How often the process of one instance is started again after its end. Candidates after that fail.
    std::uint32_t most_restarts = 1000;
};

}  // namespace sotto::plugin
