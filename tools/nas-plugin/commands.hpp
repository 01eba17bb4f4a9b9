// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace CLI {
class App;
}

namespace sotto::tools {

// Each adds one subcommand to `app`. When it is the one typed, it runs while the command line is parsed and puts the
// program's exit code into `exit_code`: 0 done, 1 failed, 2 bad input. What it throws ends the program with 2
// (plugin::PluginError, input::InputError) or 1.
void add_list_command(CLI::App& app, int& exit_code);
void add_info_command(CLI::App& app, int& exit_code);
void add_new_command(CLI::App& app, int& exit_code);

}  // namespace sotto::tools
