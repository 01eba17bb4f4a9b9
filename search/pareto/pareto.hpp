// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

// Functions of points in objective space. They keep no state and may run on any number of threads at once.

namespace sotto::pareto {

/// A row-major view of `count` points with `objectives` coordinates each, every one to be minimised and finite.
struct Points {
    std::span<const double> values;
    std::size_t objectives = 2;

    std::size_t count() const noexcept { return objectives == 0 ? 0 : values.size() / objectives; }
    std::span<const double> operator[](std::size_t i) const { return values.subspan(i * objectives, objectives); }
};

/// `a` is nowhere worse than `b` and somewhere better. Equal points do not dominate each other.
bool dominates(std::span<const double> a, std::span<const double> b);

/// rank[i] = 0 for the non-dominated points, 1 for those non-dominated once rank 0 is taken away, ... (Deb et al., "A
/// fast and elitist multiobjective genetic algorithm: NSGA-II", 2002, section III-A). O(n log n) for two objectives,
/// O(n log n) tests for three, O(n^2) at worst for more. `rank` is resized to the number of points.
void non_dominated_sort(const Points& points, std::vector<std::uint32_t>& rank);

/// The same where the lexicographic order of the points is at hand.
void non_dominated_sort(const Points& points, std::span<const std::uint32_t> lexicographic,
                        std::vector<std::uint32_t>& rank);

/// Indices of the points sorted by the first objective, then by the second, ..., then by index. Equal points are
/// neighbours in it. `order` is resized to the number of points.
void lexicographic_order(const Points& points, std::vector<std::uint32_t>& order);

/// Indices of the points that no other dominates, in ascending order; of equal points the first alone.
std::vector<std::size_t> non_dominated_front(const Points& points);

/// Crowding distance of each point within the set `members` (one rank): Deb et al. 2002, section III-B. Boundary points
/// get infinity in every objective, also where all members agree in it. `distance[k]` belongs to members[k]. Ties are
/// broken by index, so that the result does not depend on the order of `members`.
void crowding_distance(const Points& points, std::span<const std::size_t> members, std::vector<double>& distance);

/// Exact volume dominated by the points and bounded by `reference` (one coordinate per objective); points that do not
/// lie below the reference in every objective add nothing. 2 objectives: O(n log n) sweep; 3: O(n log n) dimension
/// sweep (Beume, Fonseca, Lopez-Ibanez, Paquete, Vahrenhold, "On the complexity of computing the hypervolume
/// indicator", 2009); 4: O(n^2) at best, a slab for each point and in it a sweep of what the point adds; 1: the
/// distance to the best. The order of the points does not change a bit of the result. Throws std::invalid_argument for
/// other dimensions and for a reference of another dimension or with a coordinate that is not finite.
double hypervolume(const Points& points, std::span<const double> reference);

/// What `point` adds to the hypervolume of the points: 0 where one of them covers it, and where it does not lie below
/// the reference. Takes time for the part of the points that lies within the point's box, which is small where the
/// points are many. Throws as hypervolume.
double hypervolume_gain(const Points& points, std::span<const double> point, std::span<const double> reference);

}  // namespace sotto::pareto
