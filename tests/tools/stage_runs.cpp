// SPDX-License-Identifier: Apache-2.0
#include "tests/tools/stage_runs.hpp"

#include <utility>

#include "tests/support/catch.hpp"

namespace sotto::tests {

std::string write_run(const TemporaryFolder& folder, const std::string& stages, const std::string& name) {
    write_text(folder / name, read_text(tiny_run) + stages);
    return folder / name;
}

Outcome start(const std::string& config, const std::string& directory, std::vector<std::string> more,
              const std::vector<std::string>& environment) {
    std::vector<std::string> arguments = {config,  "--plugin", probe_library, "--plugin", resumable_library,
                                          "--out", directory};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return nas_run(std::move(arguments), environment);
}

std::vector<Row> table_of(const std::string& file) {
    const std::vector<std::string> lines = lines_of(read_text(file));
    const std::vector<std::string> header = fields_of(lines.at(0));
    std::vector<Row> rows;
    for (std::size_t i = 1; i < lines.size(); ++i) {
        const std::vector<std::string> fields = fields_of(lines[i]);
        REQUIRE(fields.size() == header.size());
        Row& row = rows.emplace_back();
        for (std::size_t k = 0; k < header.size(); ++k) {
            row[header[k]] = fields[k];
        }
    }
    return rows;
}

double number(const Row& row, const std::string& column) {
    return std::stod(row.at(column));
}

}  // namespace sotto::tests
