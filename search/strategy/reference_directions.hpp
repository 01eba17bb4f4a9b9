// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "search/pareto/pareto.hpp"

namespace sotto::search {

/// Directions spread evenly over the positive orthant: all points whose coordinates are multiples of 1/`divisions` and
/// sum to 1 (Das, Dennis, "Normal-boundary intersection", SIAM Journal on Optimization 8(3), 1998). Row-major.
std::vector<double> even_directions(std::size_t objectives, std::size_t divisions);

/// Chooses from a front by niches around reference directions (Deb, Jain, "An evolutionary many-objective optimization
/// algorithm using reference-point-based nondominated sorting approach, part I", IEEE Transactions on Evolutionary
/// Computation 18(4), 2014, section IV). Objectives are scaled to the ideal point and to the worst values of the points
/// given, where the paper takes intercepts, which fail for degenerate fronts; where it draws, the lower index is taken.
/// Scratch space is kept from call to call. Not thread-safe.
class ReferenceDirections {
  public:
    /// As many directions as can be had without exceeding `population`, at least one for each objective; `objectives`
    /// from 1 to maximum_objectives.
    ReferenceDirections(std::size_t objectives, std::size_t population);

    std::size_t count() const noexcept { return directions_.size() / objectives_; }

    /// Appends to `chosen` the `wanted` members of `front` that fill the emptiest niches, which `chosen` fills first.
    /// Both hold positions in `points`. `wanted` <= front.size().
    void choose(const pareto::Points& points, std::vector<std::uint32_t>& chosen, std::span<const std::uint32_t> front,
                std::size_t wanted);

  private:
    struct Niche {
        std::uint32_t members = 0;
        std::vector<std::uint32_t> waiting;  // positions in `front`, the nearest last
    };

    void scale(const pareto::Points& points, std::span<const std::uint32_t> chosen,
               std::span<const std::uint32_t> front);
    /// The direction nearest to the point, and the square of the distance to it.
    std::size_t nearest(std::span<const double> point, double& distance) const;

    std::size_t objectives_;
    std::vector<double> directions_;  // of length 1
    std::vector<double> ideal_;
    std::vector<double> extent_;
    std::vector<Niche> niches_;
    std::vector<double> distances_;
};

}  // namespace sotto::search
