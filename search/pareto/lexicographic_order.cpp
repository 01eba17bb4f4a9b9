// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cassert>
#include <limits>
#include <numeric>

#include "search/pareto/pareto.hpp"

namespace sotto::pareto {
namespace {

// Sorting keys in place of indices keeps comparisons in one cache line; two objectives are what most searches use.
struct PlaneKey {
    double first;
    double second;
    std::uint32_t index;

    friend bool operator<(const PlaneKey& a, const PlaneKey& b) {
        if (a.first != b.first) {
            return a.first < b.first;
        }
        if (a.second != b.second) {
            return a.second < b.second;
        }
        return a.index < b.index;
    }
};

void order_plane(const Points& points, std::vector<std::uint32_t>& order) {
    std::vector<PlaneKey> keys(order.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
        keys[i] = {points.values[2 * i], points.values[2 * i + 1], static_cast<std::uint32_t>(i)};
    }
    std::sort(keys.begin(), keys.end());
    std::transform(keys.begin(), keys.end(), order.begin(), [](const PlaneKey& key) { return key.index; });
}

}  // namespace

void lexicographic_order(const Points& points, std::vector<std::uint32_t>& order) {
    assert(points.values.empty() || points.values.size() % points.objectives == 0);
    assert(points.count() <= std::numeric_limits<std::uint32_t>::max());
    order.resize(points.count());
    if (points.objectives == 2) {
        order_plane(points, order);
        return;
    }
    std::iota(order.begin(), order.end(), std::uint32_t{0});
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        const double* const left = points.values.data() + a * points.objectives;
        const double* const right = points.values.data() + b * points.objectives;
        for (std::size_t k = 0; k < points.objectives; ++k) {
            if (left[k] != right[k]) {
                return left[k] < right[k];
            }
        }
        return a < b;
    });
}

}  // namespace sotto::pareto
