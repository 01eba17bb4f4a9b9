// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "search/space/program.hpp"

namespace sotto::search::language {

/// log10 of the number of distinct genomes, requirements not taken off. Counted exactly, by passing the number of ways
/// to reach each state (the registers that later steps still read) through the choice steps. Where that would take too
/// many states: an upper bound, as if every choice were always active.
double log10_genomes(const Program& program);

}  // namespace sotto::search::language
