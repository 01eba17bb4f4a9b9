// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sotto::tools {

/// `nas-run compare DIR DIR ...`: `arguments` begins with `compare`. Returns the program's exit code.
int compare_command(int argument_count, const char* const* arguments);

}  // namespace sotto::tools
