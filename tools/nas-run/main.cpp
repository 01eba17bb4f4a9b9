// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <exception>
#include <optional>
#include <string_view>

#include "tools/command_line/stop_request.hpp"
#include "tools/command_line/unfinished_work.hpp"
#include "tools/nas-run/compare_command.hpp"
#include "tools/nas-run/options.hpp"
#include "tools/nas-run/session.hpp"

int main(int argument_count, char** arguments) {
    try {
        if (argument_count > 1 && std::string_view(arguments[1]) == "compare") {
            return sotto::tools::compare_command(argument_count - 1, arguments + 1);
        }
        sotto::tools::Options options;
        if (const std::optional<int> code = sotto::tools::read_command_line(argument_count, arguments, options)) {
            return *code;
        }
        sotto::tools::handle_stop_signals();
        return sotto::tools::conclude(sotto::tools::run_session(options));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "nas-run: %s\n", error.what());
        return 1;
    }
}
