// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "search/strategy/reference_directions.hpp"
#include "search/strategy/strategy.hpp"

namespace sotto::search {

/// Who survives, best first (Deb, Pratap, Agarwal, Meyarivan, "A fast and elitist multiobjective genetic algorithm:
/// NSGA-II", 2002, sections III-A to III-C and VI): candidates that keep the constraints by non-dominated rank and then
/// by crowding distance; then those that break them, the smaller violation first; then those that were not evaluated.
/// Ties go to the lower index.
///
/// Of candidates with equal objectives the last alone takes part in its rank's crowding, so that a newcomer takes the
/// place of a member it equals and the population drifts; the others come behind all distinct ones of the rank.
///
/// With four objectives almost all candidates are non-dominated and crowding distance tells little: ranks are then
/// chosen from by reference directions (ReferenceDirections).
///
/// Scratch space is kept from call to call. Not thread-safe.
class SurvivorSelection {
  public:
    /// `population`: how many are usually selected.
    SurvivorSelection(std::size_t objectives, std::size_t population);

    /// Indices of the best `most` (or all, where there are fewer). Valid until the next call.
    std::span<const std::uint32_t> select(std::span<const Outcome> pool, std::size_t most);

  private:
    struct Scored {
        double score;  // the smaller the better
        std::uint32_t index;
    };

    void partition(std::span<const Outcome> pool);
    void split_fronts();
    void append_front(std::span<const std::uint32_t> front, std::size_t most);
    void append_by_niche(std::size_t most);
    void append_scored(std::size_t most);
    bool equal_objectives(std::uint32_t a, std::uint32_t b) const;

    std::size_t objectives_;
    std::optional<ReferenceDirections> directions_;
    std::vector<std::uint32_t> chosen_;  // positions in feasible_, with directions_
    std::vector<std::uint32_t> front_;
    std::vector<std::uint32_t> survivors_;
    std::vector<std::uint32_t> feasible_;  // indices in the pool
    std::vector<Scored> violating_;
    std::vector<std::uint32_t> unevaluated_;
    // Of the feasible ones, by position in feasible_:
    std::vector<double> values_;
    std::vector<std::uint32_t> order_;
    std::vector<std::uint32_t> rank_;
    std::vector<std::uint32_t> fronts_;       // positions, front after front, each in lexicographic order
    std::vector<std::uint32_t> front_begin_;  // where each front begins in fronts_, and the end
    std::vector<std::size_t> distinct_;
    std::vector<double> distance_;
    std::vector<Scored> scored_;
};

}  // namespace sotto::search
