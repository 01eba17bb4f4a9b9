// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace sotto::check {

struct LibraryChoice {
    std::string library;  ///< an absolute path, or the name of what is built in, which has no '/'
    std::string plugin;   ///< the id that was named; empty: the library as a whole
};

/// What a text on the command line means: a path (with '/' or '.so'), the id of an installed or built-in plug-in, or
/// the name of an installed or built-in library. Throws plugin::PluginError with the known ids.
LibraryChoice choose_library(const std::string& text);

}  // namespace sotto::check
