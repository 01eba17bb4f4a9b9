// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace CLI {
class App;
}

namespace sotto::tools {

/// Adds the subcommand `check`; the rules are those of the other commands.
void add_check_command(CLI::App& app, int& exit_code);

}  // namespace sotto::tools
