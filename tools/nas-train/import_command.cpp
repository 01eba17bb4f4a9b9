// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <string>
#include <system_error>
#include <vector>

#include "cost_models/training/published_import.hpp"
#include "engine/input/input_error.hpp"
#include "engine/run/file_io.hpp"
#include "tools/command_line/command_line.hpp"
#include "tools/command_line/stop_request.hpp"
#include "tools/nas-train/commands.hpp"

namespace sotto::tools {

namespace {

// The measurements lie in folders of the folder.
void require_outside(const std::string& path, const std::string& directory) {
    namespace fs = std::filesystem;
    std::error_code none;
    if (!fs::exists(path, none)) {
        return;
    }
    const fs::path place = fs::weakly_canonical(path, none).lexically_relative(fs::weakly_canonical(directory, none));
    if (!place.empty() && *place.begin() != ".." && std::distance(place.begin(), place.end()) > 1) {
        throw input::InputError(
            {{path, 0, 0}, "lies among the measurements", {}, "a table outside the folders of " + directory, {}});
    }
}

}  // namespace

int import_published(const ImportOptions& options) {
    require_outside(options.out, options.directory);
    check_output(options.out, options.force, {options.sequences});
    std::vector<std::string> import_notes;
    const training::MeasurementTable table =
        training::import_published(options.directory, options.setting, options.sequences, &import_notes);
    if (stop_flag()) {
        throw Interrupted{};
    }
    run::write_whole(options.out, to_csv(table));
    std::size_t rows = 0;
    for (const training::Execution& execution : table.executions) {
        rows += execution.operations.size();
    }
    for (const std::string& note : import_notes) {
        notes(false)(note);
    }
    notes(false)(std::to_string(table.executions.size()) + " runs, " + std::to_string(rows) +
                 " operations, written to " + options.out);
    return done;
}

}  // namespace sotto::tools
