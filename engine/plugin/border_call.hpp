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
    /// Which plug-in or library, and which of its functions; both outlive this object.
    BorderCrossing(const char* who, const char* function) noexcept;
    ~BorderCrossing();
    BorderCrossing(const BorderCrossing&) = delete;
    BorderCrossing& operator=(const BorderCrossing&) = delete;

    /// Where this thread is: for handlers of signals too. Null: in no plug-in.
    static const BorderCrossing* current() noexcept;
    const char* who() const noexcept { return who_; }
    const char* function() const noexcept { return function_; }

  private:
    const char* who_;
    const char* function_;
    const BorderCrossing* outer_;
};

/// Runs a call into a plug-in, and says what it did to the thread or process beside its work: an exception that left
/// it, other floating-point modes (which are put back). Empty where all went well. `who` and `function` as of
/// BorderCrossing.
template <typename Call>
std::string fault_of_call(const char* who, const char* function, Call&& call) {
    const FloatingPointModes modes = FloatingPointModes::current();
    std::string fault;
    {
        const BorderCrossing crossing(who, function);
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
