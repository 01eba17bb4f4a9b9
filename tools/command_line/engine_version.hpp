// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace sotto::tools {

/// Version of the engine, `0.1.0`.
std::string engine_version();

}  // namespace sotto::tools
