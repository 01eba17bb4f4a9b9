// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sotto::pareto {

/// The non-dominated points seen so far, each with the id of its candidate. What it holds does not depend on the order
/// in which points are added: of equal points the one with the smallest id stays. Not thread-safe.
///
/// add costs O(log n) comparisons for two objectives and O(n) for more, n being the size of the front; points that
/// enter or leave move those behind them.
class Archive {
  public:
    struct Member {
        std::uint64_t id = 0;
        std::span<const double> objectives;  ///< valid until the next add
    };

    /// `objectives` >= 1; throws std::invalid_argument for 0.
    explicit Archive(std::size_t objectives);

    /// Whether add would make it a member. Throws as add.
    bool admits(std::uint64_t id, std::span<const double> objectives) const;

    /// Offers a point, every coordinate to be minimised. True where it is now a member: no member dominates it, and
    /// none that equals it has a smaller or the same id. Throws std::invalid_argument for another number of objectives
    /// and for one that is not finite.
    bool add(std::uint64_t id, std::span<const double> objectives);

    std::size_t size() const noexcept { return ids_.size(); }
    std::size_t objectives() const noexcept { return objectives_; }

    /// Sorted by the first objective, then by the others in turn. `k` < size().
    Member operator[](std::size_t k) const { return {ids_[k], row(k)}; }
    std::vector<Member> front() const;

    /// As pareto::hypervolume: 1 to 4 objectives.
    double hypervolume(std::span<const double> reference) const;
    /// As pareto::hypervolume_gain.
    double hypervolume_gain(std::span<const double> point, std::span<const double> reference) const;

  private:
    std::span<const double> row(std::size_t k) const {
        return std::span<const double>(values_).subspan(k * objectives_, objectives_);
    }
    void check(std::uint64_t id, std::span<const double> point) const;
    bool has_equal(std::size_t place, std::span<const double> point) const {
        return place < size() && std::ranges::equal(row(place), point);
    }
    std::size_t place_of(std::span<const double> point) const;
    bool dominated_before(std::size_t place, std::span<const double> point) const;
    void insert(std::size_t place, std::uint64_t id, std::span<const double> point);
    void erase_dominated_after(std::size_t place);

    std::size_t objectives_;
    // Members in lexicographic order of their objectives: only those before a point can dominate it, and only those
    // behind it can be dominated by it.
    std::vector<std::uint64_t> ids_;
    std::vector<double> values_;
};

}  // namespace sotto::pareto
