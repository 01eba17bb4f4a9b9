// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace sotto::plugin {

/// 32 hexadecimal digits (XXH3, 128 bits) of what the file at `path` holds: tells whether a library is the one that it
/// was. Throws PluginError where it cannot be read.
std::string library_digest(const std::string& path);

}  // namespace sotto::plugin
