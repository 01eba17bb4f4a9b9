// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "search/pareto/pareto.hpp"

namespace sotto::search {

/// The order in which a stage's networks go on to the next one: those that no other beats in the costs and the score at
/// once before those that one does, then those that are non-dominated without them, ... (non-dominated sort); within
/// each rank the better score first, then the lower costs, then the lower id. `scores[i]` and `costs[i]` are to be
/// minimised; `costs` may have no coordinate: then the score alone decides. Indices, best first.
std::vector<std::size_t> halving_order(std::span<const double> scores, const pareto::Points& costs,
                                       std::span<const std::uint64_t> ids);

}  // namespace sotto::search
