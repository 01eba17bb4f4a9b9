// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tools/nas-run/options.hpp"

namespace sotto::tools {

/// Does what the options ask for: checks everything, searches, writes the run directory, prints the result. Returns the
/// program's exit code; errors that end a run are said on standard error.
int run_session(const Options& options);

}  // namespace sotto::tools
