// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "engine/plugin/description.hpp"

namespace sotto::tools {

enum class Language { c, cxx };

/// A file of plugins/sdk/templates by its name; empty where there is none. Lives as long as the program.
std::string_view template_text(std::string_view name);

/// The id of the plug-in of a project: the name with '-' for '_'.
std::string plugin_id(std::string name);

/// The files of a new plug-in project, name to text. `name`: letters, digits and '_', from a lower case letter.
std::map<std::string, std::string> project_files(const std::string& name, plugin::Kind kind, Language language);

}  // namespace sotto::tools
