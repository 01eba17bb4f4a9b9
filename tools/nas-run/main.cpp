// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <exception>
#include <optional>

#include "tools/command_line/stop_request.hpp"
#include "tools/nas-run/options.hpp"
#include "tools/nas-run/session.hpp"

int main(int argument_count, char** arguments) {
    try {
        sotto::tools::Options options;
        if (const std::optional<int> code = sotto::tools::read_command_line(argument_count, arguments, options)) {
            return *code;
        }
        sotto::tools::handle_stop_signals();
        return sotto::tools::run_session(options);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "nas-run: %s\n", error.what());
        return 1;
    }
}
