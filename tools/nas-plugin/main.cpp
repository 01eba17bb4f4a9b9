// SPDX-License-Identifier: Apache-2.0
#include <optional>
#include <string>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "sotto/plugin.h"

#include "tools/command_line/command_line.hpp"
#include "tools/command_line/engine_version.hpp"
#include "tools/nas-plugin/check_command.hpp"
#include "tools/nas-plugin/commands.hpp"

int main(int argument_count, char** arguments) {
    CLI::App app{"Lists, describes, checks and begins plug-ins: cost models and accuracy proxies.", "nas-plugin"};
    app.footer(
        "Results go to standard output, everything else to standard error.\n"
        "Exit codes: 0 done, 1 failed, 2 bad input. Guide: docs/plugin_authors.md.");
    app.set_version_flag("--version", "nas-plugin " + sotto::tools::engine_version() + "\nplug-in ABI " +
                                          std::to_string(SOTTO_PLUGIN_ABI_VERSION));
    app.require_subcommand(0, 1);
    int exit_code = 2;
    // The commands run while the command line is parsed.
    return sotto::tools::run_guarded("nas-plugin", [&] {
        sotto::tools::add_list_command(app, exit_code);
        sotto::tools::add_info_command(app, exit_code);
        sotto::tools::add_new_command(app, exit_code);
        sotto::tools::add_check_command(app, exit_code);
        if (const std::optional<int> code = sotto::tools::parse_command_line(app, argument_count, arguments)) {
            return *code;
        }
        return app.get_subcommands().empty() ? sotto::tools::refuse_command_line(app, "found no command, expected one")
                                             : exit_code;
    });
}
