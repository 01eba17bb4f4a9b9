// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cassert>

#include "search/pareto/pareto.hpp"
#include "search/pareto/staircase.hpp"

// All variants visit the points in lexicographic order, so that a point can be dominated only by points before it, and
// is dominated by a distinct one of those exactly where that one is nowhere worse in the objectives after the first.
// A point belongs to the first front that holds no such point; fronts that do hold one come first (each member of front
// k + 1 is dominated by a member of front k), so the front is found by bisection (ENS-BS: Zhang, Tian, Cheng, Jin, "An
// efficient approach to nondominated sorting for evolutionary multiobjective optimization", 2015).

namespace sotto::pareto {
namespace {

/// One objective: every value is dominated by the one before it.
class LineFronts {
  public:
    std::size_t place(std::span<const double>) { return next_++; }

  private:
    std::size_t next_ = 0;
};

/// Two objectives: a front is known by its least second objective so far; these ascend from front to front.
class PlaneFronts {
  public:
    std::size_t place(std::span<const double> point) {
        const auto front = std::upper_bound(least_.begin(), least_.end(), point[1]);
        const auto index = static_cast<std::size_t>(front - least_.begin());
        if (front == least_.end()) {
            least_.push_back(point[1]);
        } else {
            *front = point[1];
        }
        return index;
    }

  private:
    std::vector<double> least_;
};

/// Three objectives: a front is known by the staircase of its second and third objectives.
class SpaceFronts {
  public:
    std::size_t place(std::span<const double> point) {
        const auto front = std::partition_point(fronts_.begin(), fronts_.end(), [&](const Staircase& staircase) {
            return staircase.covers(point[1], point[2]);
        });
        const auto index = static_cast<std::size_t>(front - fronts_.begin());
        if (front == fronts_.end()) {
            fronts_.emplace_back();
        }
        fronts_[index].insert(point[1], point[2]);
        return index;
    }

  private:
    std::vector<Staircase> fronts_;
};

/// More objectives: a front is the list of its members, without their first objective.
class GeneralFronts {
  public:
    std::size_t place(std::span<const double> point) {
        const std::span<const double> rest = point.subspan(1);
        const auto front = std::partition_point(
            fronts_.begin(), fronts_.end(), [&](const std::vector<double>& members) { return covers(members, rest); });
        const auto index = static_cast<std::size_t>(front - fronts_.begin());
        if (front == fronts_.end()) {
            fronts_.emplace_back();
        }
        fronts_[index].insert(fronts_[index].end(), rest.begin(), rest.end());
        return index;
    }

  private:
    // Backwards: the members added last are near the point in the first objective and the likeliest to dominate it.
    static bool covers(const std::vector<double>& members, std::span<const double> rest) {
        for (std::size_t end = members.size(); end > 0; end -= rest.size()) {
            const double* const member = members.data() + (end - rest.size());
            std::size_t k = 0;
            while (k < rest.size() && member[k] <= rest[k]) {
                ++k;
            }
            if (k == rest.size()) {
                return true;
            }
        }
        return false;
    }

    std::vector<std::vector<double>> fronts_;
};

template <typename Fronts>
void sort_with(Fronts fronts, const Points& points, std::span<const std::uint32_t> order,
               std::vector<std::uint32_t>& rank) {
    for (std::size_t k = 0; k < order.size(); ++k) {
        const std::span<const double> point = points[order[k]];
        const bool repeats = k > 0 && std::ranges::equal(point, points[order[k - 1]]);
        rank[order[k]] = repeats ? rank[order[k - 1]] : static_cast<std::uint32_t>(fronts.place(point));
    }
}

}  // namespace

void non_dominated_sort(const Points& points, std::span<const std::uint32_t> lexicographic,
                        std::vector<std::uint32_t>& rank) {
    assert(lexicographic.size() == points.count());
    rank.resize(points.count());
    switch (points.objectives) {
        case 0:
            return;
        case 1:
            return sort_with(LineFronts{}, points, lexicographic, rank);
        case 2:
            return sort_with(PlaneFronts{}, points, lexicographic, rank);
        case 3:
            return sort_with(SpaceFronts{}, points, lexicographic, rank);
        default:
            return sort_with(GeneralFronts{}, points, lexicographic, rank);
    }
}

void non_dominated_sort(const Points& points, std::vector<std::uint32_t>& rank) {
    std::vector<std::uint32_t> order;
    lexicographic_order(points, order);
    non_dominated_sort(points, order, rank);
}

std::vector<std::size_t> non_dominated_front(const Points& points) {
    std::vector<std::uint32_t> order;
    lexicographic_order(points, order);
    std::vector<std::uint32_t> rank;
    non_dominated_sort(points, order, rank);
    std::vector<std::size_t> front;
    for (std::size_t k = 0; k < order.size(); ++k) {
        const bool repeats = k > 0 && std::ranges::equal(points[order[k]], points[order[k - 1]]);
        if (rank[order[k]] == 0 && !repeats) {
            front.push_back(order[k]);
        }
    }
    std::sort(front.begin(), front.end());
    return front;
}

}  // namespace sotto::pareto
