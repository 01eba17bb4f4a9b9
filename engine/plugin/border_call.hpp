// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "engine/plugin/error_text.hpp"
#include "engine/plugin/floating_point_modes.hpp"

namespace sotto::plugin {

/// While one lives, its thread runs code of a plug-in. Where that code forks, the new process is a copy of the program
/// that would go on beside it, with the same files: it ends, with a line on standard error, when the code returns.
class BorderCrossing {
  public:
    BorderCrossing() noexcept;
    ~BorderCrossing();
    BorderCrossing(const BorderCrossing&) = delete;
    BorderCrossing& operator=(const BorderCrossing&) = delete;
};

/// Runs a call into a plug-in, and says what it did to the thread or process beside its work: an exception that left
/// it, other floating-point modes (which are put back). Empty where all went well.
template <typename Call>
std::string fault_of_call(Call&& call) {
    const FloatingPointModes modes = FloatingPointModes::current();
    std::string fault;
    {
        const BorderCrossing crossing;
        fault = escaped_exception(std::forward<Call>(call));
    }
    if (FloatingPointModes::current() != modes) [[unlikely]] {
        modes.restore();
        if (fault.empty()) {
            fault = "left the thread with another rounding, trap or denormal mode than it found";
        }
    }
    return fault;
}

}  // namespace sotto::plugin
