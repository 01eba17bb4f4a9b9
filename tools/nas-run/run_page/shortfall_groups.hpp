// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/run/store.hpp"

namespace sotto::tools {

/// Networks without a score, or candidates without a network, for reasons that differ in numbers alone.
struct ShortfallGroup {
    std::string status;  ///< `constrained`, `unsupported`, `failed`, `rejected`
    std::uint64_t count = 0;
    std::string reason;  ///< of the first one
    std::string key;     ///< its hash, or the candidate's id
};

/// Puts reasons together that differ in numbers alone: `params 812 is over the limit 700` and `params 995 is over the
/// limit 700`. Its memory is bounded, whatever is added.
class ShortfallGroups {
  public:
    void add(const run::StoredShortfall& shortfall);

    /// The largest first; of equal ones by status, then reason. At most so many.
    std::vector<ShortfallGroup> largest(std::size_t most) const;
    /// How many were added, by status.
    const std::map<std::string, std::uint64_t>& totals() const noexcept { return totals_; }

  private:
    std::map<std::pair<std::string, std::string>, ShortfallGroup> groups_;  // by status and the reason's form
    std::map<std::string, std::uint64_t> totals_;
};

}  // namespace sotto::tools
