// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "search/space/program.hpp"

namespace sotto::search::language {

/// Throws input::InputError for a layer that does not lead to the output, whatever the choices are: a slip of the
/// template.
void check_layers_lead_to_output(const Program& program);

}  // namespace sotto::search::language
