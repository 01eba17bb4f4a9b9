// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "engine/plugin/description.hpp"

namespace sotto::tools {

/// `built in`, or the file of the library.
std::string place_of(const plugin::Description& description);

/// The extensions that an instance of a plug-in offers.
struct OfferedExtensions {
    std::vector<std::string> ids;
    std::string unknown;  ///< why they are not known; empty: they are
};

/// Everything a plug-in declares and offers, for people: several lines.
std::string description_text(const plugin::Description& description, const OfferedExtensions& extensions);

/// What it declares as one JSON object.
nlohmann::json description_json(const plugin::Description& description);

}  // namespace sotto::tools
