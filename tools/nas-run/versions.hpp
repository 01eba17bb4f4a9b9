// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace sotto::tools {

/// What --version prints: engine, plug-in ABI, lowering profiles, build, libraries; one per line.
std::string version_text();

}  // namespace sotto::tools
