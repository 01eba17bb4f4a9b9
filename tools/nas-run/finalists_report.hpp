// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tools/nas-run/report.hpp"

namespace sotto::tools {

/// What the stages found, heads first, then the baseline where there is one and the finalists: rank, id, last stage
/// reached, latency in seconds, each metric of the stages as the last one that gave it says, and how many times faster
/// than the baseline. Empty where the run has no stages or they did not begin.
std::vector<std::vector<std::string>> finalists_rows(const Report& report);

/// The same as an aligned table.
std::string finalists_table(const Report& report);

/// The same as a list, with what every stage said (docs/nas_run.md).
nlohmann::ordered_json finalists_json(const Report& report);

/// The stages that began: plug-in, networks scored in this session, and those that have no score.
nlohmann::ordered_json finalist_stages_json(const Report& report);

}  // namespace sotto::tools
