// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/tools/nas_run.hpp"

namespace sotto::tests {

inline const std::string resumable_library = SOTTO_TEST_PLUGINS "/resumable_plugin.so";

/// Three stages of the tests' proxy; every further one counts an activation for more.
inline const std::string probe_stages = R"(stages:
  - {id: probe, candidates: 6, by: accuracy.probe, weight: 1, limits: {latency.total_ms: {max_of_baseline: 0.7}}}
  - {id: probe, candidates: 3, by: accuracy.probe, weight: 2}
  - {id: probe, candidates: 1, by: accuracy.probe, weight: 3}
)";

/// Two steps for seven networks, three more for four of them.
inline const std::string resumable_stages = R"(stages:
  - {id: resumable, candidates: 6, by: accuracy.steps, stop_after: 2}
  - {id: resumable, candidates: 3, by: accuracy.steps, stop_after: 5}
)";

/// Writes the tests' small run with these stages. The file.
std::string write_run(const TemporaryFolder& folder, const std::string& stages, const std::string& name = "run.yaml");

/// nas-run of such a file, with the tests' plug-ins.
Outcome start(const std::string& config, const std::string& directory, std::vector<std::string> more = {},
              const std::vector<std::string>& environment = {});

/// A row of a table by the titles of its columns.
using Row = std::map<std::string, std::string>;

std::vector<Row> table_of(const std::string& file);
double number(const Row& row, const std::string& column);

}  // namespace sotto::tests
