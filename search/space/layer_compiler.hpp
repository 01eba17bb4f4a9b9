// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "search/space/names.hpp"
#include "search/space/program_writer.hpp"
#include "search/space/space_template.hpp"

namespace sotto::search::language {

/// Writes one layer whose attributes are read in `scope` and whose operands stand in `inputs`; returns the slot of its
/// output. Throws input::InputError: attributes that its type does not take or lacks, types, ranges, number of inputs.
std::uint32_t compile_layer(ProgramWriter& writer, Names& names, Scope& scope, const PartTemplate& part,
                            const std::string& layer_name, const std::vector<std::uint32_t>& inputs);

}  // namespace sotto::search::language
