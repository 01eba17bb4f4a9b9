// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "search/pareto/archive.hpp"

namespace sotto::pareto {

/// An archive together with the hypervolume of its members. Not thread-safe.
///
/// Up to three objectives the hypervolume is computed when it is asked for and a member entered since. With four it is
/// kept as members enter, since a front of many thousands takes seconds to compute anew: the last digits then depend on
/// the order in which points were added.
class MeasuredArchive {
  public:
    /// `reference` bounds the hypervolume: a coordinate for each objective, as minimised. Without one it is 0.
    explicit MeasuredArchive(std::size_t objectives, std::vector<double> reference = {});

    /// As Archive::add.
    bool add(std::uint64_t id, std::span<const double> objectives);

    const Archive& members() const noexcept { return archive_; }

    /// As pareto::hypervolume.
    double hypervolume();

  private:
    bool keeps_hypervolume() const noexcept { return !reference_.empty() && archive_.objectives() > 3; }

    Archive archive_;
    std::vector<double> reference_;
    double hypervolume_ = 0;
    bool changed_ = true;
};

}  // namespace sotto::pareto
