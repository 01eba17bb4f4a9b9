// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <CLI/App.hpp>

namespace sotto::tools {

/// What a seed of random draws may be: 0 to 2^63 - 1, as YAML and SQLite hold it too.
CLI::Range seed_range();

}  // namespace sotto::tools
