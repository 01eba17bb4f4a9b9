// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

namespace CLI {
class App;
}

namespace sotto::tools {

/// Exit codes of every program.
enum ExitCode : int { done = 0, failed = 1, bad_input = 2, interrupted = 130 };

/// The work was given up because the process was asked to stop.
struct Interrupted {};

/// Says on standard error what is wrong with the command line, and returns bad_input.
int refuse_command_line(const CLI::App& app, const std::string& text);

/// Parses. Returns the program's exit code where it ends here: help was asked for (and printed), or an option is wrong
/// (said on standard error, with the option or command that was probably meant).
std::optional<int> parse_command_line(CLI::App& app, int argument_count, const char* const* arguments);

/// Runs a program's body: its exit code, or that of what it throws, which is said on standard error after the program's
/// name. Bad input: input::InputError and plugin::PluginError.
int run_guarded(const std::string& program, const std::function<int()>& body);

/// Writes results to standard output. Throws std::runtime_error where that fails.
void print_result(const std::string& text);

}  // namespace sotto::tools
