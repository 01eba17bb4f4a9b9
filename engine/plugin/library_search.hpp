// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sotto::plugin {

/// Where plug-in libraries are looked for when no path is given: the directories of `environment` (the value of
/// SOTTO_PLUGIN_PATH, separated by ':'; relative and empty ones are left out, so that the current directory never
/// counts), then `installed`.
std::vector<std::string> search_directories(std::string_view environment, const std::string& installed);

/// Whether a text that names a library is a path: it holds a '/' or ends in `.so`. Another is a name to look for.
bool is_path(std::string_view text);

/// The library that `name` means: a path stays as it is; for `my_model` it is the file `my_model.so` in the first of
/// `directories` that has it. Throws PluginError naming the directories and the nearest library in them.
std::string find_library(const std::string& name, const std::vector<std::string>& directories);

/// Throws PluginError where others than its owner may write to the library or to the directory it is in (by whichever
/// path it is reached; sticky directories such as /tmp too): whoever can write there runs code in this process.
void refuse_writable(const std::string& path);

}  // namespace sotto::plugin
