// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include <nlohmann/json_fwd.hpp>

#include "engine/plugin/description.hpp"

namespace sotto::tools {

/// `built in`, or the file of the library.
std::string place_of(const plugin::Description& description);

/// Everything a plug-in declares, for people: several lines.
std::string description_text(const plugin::Description& description);

/// The same as one JSON object.
nlohmann::json description_json(const plugin::Description& description);

}  // namespace sotto::tools
