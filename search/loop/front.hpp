// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "search/pareto/measured_archive.hpp"
#include "search/space/genome.hpp"

namespace sotto::search {

/// A candidate worth reporting.
struct Member {
    std::uint64_t id = 0;  ///< of the store: 1, 2, ... in the order asked
    Genome genome;
    std::vector<double> metrics;  ///< in the order of SearchLoop::metrics(); NaN for those that were not computed
};

/// The front of a run: what pareto::Archive keeps, with genomes and metrics. Its memory is a few times that of the
/// front, whatever was offered. Not thread-safe.
class Front {
  public:
    /// `reference` bounds the hypervolume, each coordinate as minimised; without one it is 0.
    explicit Front(std::size_t objectives, std::vector<double> reference = {})
        : archive_(objectives, std::move(reference)) {}

    /// As Archive::add.
    void offer(std::uint64_t id, std::span<const double> objectives, const Genome& genome,
               std::span<const double> metrics);

    std::size_t size() const noexcept { return archive_.members().size(); }

    /// By the first objective as minimised, then the others.
    std::vector<Member> members() const;

    /// As MeasuredArchive::hypervolume.
    double hypervolume() { return archive_.hypervolume(); }

  private:
    void forget_dominated();

    pareto::MeasuredArchive archive_;
    std::unordered_map<std::uint64_t, Member> entered_;  // those on the front, and some that left it
};

}  // namespace sotto::search
