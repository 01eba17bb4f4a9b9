// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "cost_models/model_file/model_file.hpp"
#include "cost_models/protocol/engine_profile.hpp"

namespace sotto::learned {

/// The profile that `engine` names, with its parameters `threads` (1 to 256) and `bit_length` (8 to 44) where it has
/// them. Without `threads`, the published local measurements ran with 4 threads and everything else with 1. Throws
/// input::InputError for an engine that is not known or cannot run whole networks, and for a parameter out of range;
/// `name` stands for the file.
protocol::EngineProfile engine_profile(const model_file::EngineProfile& engine, std::string_view setting,
                                       const std::string& name);

/// The parameters that the learned models rely on, for a file.
nlohmann::json engine_parameters(const protocol::EngineProfile& profile);

}  // namespace sotto::learned
