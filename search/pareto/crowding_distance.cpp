// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <limits>

#include "search/pareto/pareto.hpp"

namespace sotto::pareto {
namespace {

struct Key {
    double value;
    std::size_t index;     // in the points
    std::size_t position;  // in the members

    friend bool operator<(const Key& a, const Key& b) {
        return a.value != b.value ? a.value < b.value : a.index < b.index;
    }
};

}  // namespace

void crowding_distance(const Points& points, std::span<const std::size_t> members, std::vector<double>& distance) {
    constexpr double infinity = std::numeric_limits<double>::infinity();
    distance.assign(members.size(), 0);
    if (members.empty()) {
        return;
    }
    std::vector<Key> keys(members.size());
    for (std::size_t objective = 0; objective < points.objectives; ++objective) {
        for (std::size_t k = 0; k < members.size(); ++k) {
            keys[k] = {points[members[k]][objective], members[k], k};
        }
        std::sort(keys.begin(), keys.end());
        distance[keys.front().position] = infinity;
        distance[keys.back().position] = infinity;
        const double extent = keys.back().value - keys.front().value;
        if (!(extent > 0)) {
            continue;
        }
        for (std::size_t k = 1; k + 1 < keys.size(); ++k) {
            distance[keys[k].position] += (keys[k + 1].value - keys[k - 1].value) / extent;
        }
    }
}

}  // namespace sotto::pareto
