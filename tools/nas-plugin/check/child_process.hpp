// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tools/nas-plugin/check/check.hpp"

namespace sotto::check {

/// A plug-in as its library offers it, told by a child process: this one never loads it.
struct Listed {
    plugin::Kind kind = plugin::Kind::cost_model;
    std::string id;
    std::vector<std::string> parameters;
    std::string wrong_parameter;  ///< what is wrong with a given value; empty: nothing
};

struct ChildResult {
    Outcome outcome = Outcome::failed;
    std::string text;
    std::vector<Listed> plugins;  ///< of the check `describes-plugins` alone
};

/// What a child process finds in its environment: that of this process, or only what libraries need to be found.
enum class Environment : std::uint8_t { kept, bare };

/// Runs one check in a new process of this program (exec, not fork alone: the child has no threads, locks, open files
/// or memory of this one, and the library finds the process it will find in nas-run), which is killed after
/// context.timeout_seconds. Not thread-safe.
ChildResult run_in_child(const Check& check, const Context& context, Environment environment = Environment::kept);

/// No check of a plug-in: its text is what candidates of the seed get. For run_in_child.
extern const Check results_check;

/// Runs one check here. What kills the process kills this one.
ChildResult run_here(const Check& check, const Context& context);

/// The other end of run_in_child: runs the check named, writes the result to the file `descriptor` and ends the process
/// without static destructors.
[[noreturn]] void serve_child(std::string_view check, const Context& context, int descriptor);

}  // namespace sotto::check
