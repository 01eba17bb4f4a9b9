// SPDX-License-Identifier: Apache-2.0
// nas-plugin with the command `check` alone.
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "tools/nas-plugin/check_command.hpp"

int main(int argument_count, char** arguments) {
    CLI::App app{"nas-plugin check"};
    int exit_code = 2;
    sotto::tools::add_check_command(app, exit_code);
    try {
        app.parse(argument_count, arguments);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    return exit_code;
}
