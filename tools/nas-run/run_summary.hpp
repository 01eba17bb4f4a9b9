// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spdlog/logger.h>

#include "tools/nas-run/report.hpp"

namespace sotto::tools {

/// What became of the run's candidates, and what a person should know of it, as lines of the log.
void log_summary(spdlog::logger& log, const Report& report);

}  // namespace sotto::tools
