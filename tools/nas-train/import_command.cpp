// SPDX-License-Identifier: Apache-2.0
#include <cstdio>
#include <string>
#include <vector>

#include "cost_models/training/published_import.hpp"
#include "engine/run/file_io.hpp"
#include "tools/command_line/command_line.hpp"
#include "tools/command_line/stop_request.hpp"
#include "tools/nas-train/commands.hpp"

namespace sotto::tools {

int import_published(const ImportOptions& options) {
    check_output(options.out, options.force);
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
