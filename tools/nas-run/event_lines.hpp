// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "engine/run/events.hpp"

namespace sotto::tools {

/// An event as one JSON object on one line, line break included (docs/nas_run.md, "Events").
std::string to_json_line(const run::Event& event);

}  // namespace sotto::tools
