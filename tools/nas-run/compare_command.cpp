// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-run/compare_command.hpp"

#include <cstdio>
#include <string>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "engine/run/file_io.hpp"
#include "engine/run/run_error.hpp"
#include "tools/command_line/command_line.hpp"
#include "tools/nas-run/comparison.hpp"

namespace sotto::tools {

int compare_command(int argument_count, const char* const* arguments) {
    CLI::App app{"Compares runs: what each found, and whether strategies or settings differ by more than chance.",
                 "nas-run compare"};
    app.footer("Runs with one configuration but for the seed are a group. docs/nas_run.md tells what is printed.");
    std::vector<std::string> directories;
    std::string picture;
    bool json = false;
    app.add_option("DIR", directories, "Run directories")->required();
    app.add_option("--picture", picture, "Write an SVG of hypervolumes over evaluations and of the fronts")
        ->type_name("FILE");
    app.add_flag("--json", json, "Print one JSON object");
    if (const std::optional<int> code = parse_command_line(app, argument_count, arguments)) {
        return code.value();
    }
    return run_guarded("nas-run compare", [&]() -> int {
        const Comparison comparison = compare(directories);
        if (!picture.empty()) {
            run::write_whole(picture, to_svg(comparison));
        }
        print_result(json ? to_json(comparison) : to_text(comparison));
        return done;
    });
}

}  // namespace sotto::tools
