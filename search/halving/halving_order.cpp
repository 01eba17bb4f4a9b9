// SPDX-License-Identifier: Apache-2.0
#include "search/halving/halving_order.hpp"

#include <algorithm>
#include <numeric>

namespace sotto::search {

std::vector<std::size_t> halving_order(std::span<const double> scores, const pareto::Points& costs,
                                       std::span<const std::uint64_t> ids) {
    // A row: the score, then the costs. Rows of one rank are then in lexicographic order.
    std::vector<double> rows;
    for (std::size_t i = 0; i < scores.size(); ++i) {
        rows.push_back(scores[i]);
        rows.insert(rows.end(), costs[i].begin(), costs[i].end());
    }
    const pareto::Points points{rows, costs.objectives + 1};
    std::vector<std::uint32_t> ranks;
    pareto::non_dominated_sort(points, ranks);
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t first, std::size_t second) {
        if (ranks[first] != ranks[second]) {
            return ranks[first] < ranks[second];
        }
        const auto [left, right] = std::mismatch(points[first].begin(), points[first].end(), points[second].begin());
        return left != points[first].end() ? *left < *right : ids[first] < ids[second];
    });
    return order;
}

}  // namespace sotto::search
