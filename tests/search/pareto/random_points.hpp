// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

#include "engine/random/random.hpp"
#include "search/pareto/pareto.hpp"

namespace sotto::pareto::test {

struct PointSet {
    std::vector<double> values;
    std::size_t objectives = 2;

    Points view() const { return {values, objectives}; }
};

/// `count` points with whole coordinates in [0, levels): few levels mean many ties and duplicates.
inline PointSet grid_points(random::Stream& stream, std::size_t count, std::size_t objectives, std::uint64_t levels) {
    PointSet set{std::vector<double>(count * objectives), objectives};
    for (double& value : set.values) {
        value = static_cast<double>(stream.below(levels));
    }
    return set;
}

inline std::vector<std::size_t> random_permutation(random::Stream& stream, std::size_t count) {
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    for (std::size_t i = count; i > 1; --i) {
        std::swap(order[i - 1], order[stream.below(i)]);
    }
    return order;
}

/// Point k of the result is point order[k] of the set.
inline PointSet permuted(const PointSet& set, const std::vector<std::size_t>& order) {
    PointSet result{{}, set.objectives};
    for (const std::size_t index : order) {
        const auto point = set.view()[index];
        result.values.insert(result.values.end(), point.begin(), point.end());
    }
    return result;
}

/// The definition of dominance, written out independently of the library.
inline bool naive_dominates(std::span<const double> a, std::span<const double> b) {
    std::size_t not_worse = 0;
    std::size_t better = 0;
    for (std::size_t k = 0; k < a.size(); ++k) {
        not_worse += a[k] <= b[k] ? 1U : 0U;
        better += a[k] < b[k] ? 1U : 0U;
    }
    return not_worse == a.size() && better > 0;
}

}  // namespace sotto::pareto::test
