// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "search/space/program.hpp"

namespace sotto::search::language {

/// A part whose count is one choice, as it was compiled.
struct RepeatedPart {
    std::string path;  ///< `fire`: the choices of iteration 3 are called `fire[3].` and something
    std::uint32_t count_gene = 0;
    std::int64_t most = 0;  ///< iterations that were unrolled
};

/// Finds the genes inside each iteration by their names. Parts whose iterations hold no choice are left out.
std::vector<Repeat> genes_of_repeats(std::span<const RepeatedPart> parts, std::span<const Choice> choices);

}  // namespace sotto::search::language
