// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>

#include "search/space/program.hpp"
#include "search/space/space_template.hpp"

namespace sotto::search::language {

inline constexpr std::size_t maximum_parts = 200'000;

/// Expands blocks and repeats and resolves every name. Throws input::InputError: unknown names, wrong types, cycles,
/// recursion, limits, layers that lead nowhere, choices and blocks that are never used.
Program compile(const SpaceTemplate& space);

}  // namespace sotto::search::language
