// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "search/loop/run_configuration.hpp"

namespace sotto::tools {

/// What --dry-run prints of a run that is in order: space and its size, genes, stages, objectives, constraints, and the
/// baseline's counts; as lines for a person, or as one JSON object.
std::string dry_run_text(const search::RunConfiguration& configuration, bool as_json);

}  // namespace sotto::tools
