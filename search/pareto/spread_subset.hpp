// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "search/pareto/pareto.hpp"

namespace sotto::pareto {

/// `count` of the points (all where there are fewer), spread over them: those with the least value of the first
/// coordinate, of the second, ..., then always the point that is farthest (Euclidean) from the chosen ones; of equals
/// the one with the lower index. Indices in the order chosen. No point is then farther from a chosen one than twice
/// what the best choice of `count` points would reach, the first coordinates' ends apart (Gonzalez, "Clustering to
/// minimize the maximum intercluster distance", 1985, theorem 2.2). O(count * points).
std::vector<std::size_t> spread_subset(const Points& points, std::size_t count);

}  // namespace sotto::pareto
