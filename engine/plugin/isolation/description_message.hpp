// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "engine/plugin/description.hpp"
#include "engine/plugin/isolation/message.hpp"

namespace sotto::plugin::isolation {

void write(MessageWriter& message, const Description& description);
/// Throws ProtocolError.
Description read_description(MessageReader& message);

void write(MessageWriter& message, const std::vector<Description>& descriptions);
std::vector<Description> read_descriptions(MessageReader& message);

}  // namespace sotto::plugin::isolation
