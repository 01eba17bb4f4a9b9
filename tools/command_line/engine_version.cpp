// SPDX-License-Identifier: Apache-2.0
#include "tools/command_line/engine_version.hpp"

namespace sotto::tools {

std::string engine_version() {
    return SOTTO_VERSION;
}

}  // namespace sotto::tools
