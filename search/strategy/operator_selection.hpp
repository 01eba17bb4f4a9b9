// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/random/random.hpp"
#include "search/strategy/strategy.hpp"

namespace sotto::search {

/// Chooses among operators by what they brought lately (Thierens, "An adaptive pursuit strategy for allocating operator
/// probabilities", GECCO 2005): each keeps a recency-weighted mean of its rewards and at least a minimal probability,
/// so that one that is of no use early can come back.
class OperatorSelection {
  public:
    enum class Rule : std::uint8_t {
        matching,  ///< probabilities in proportion to the means (section 2): operators that complement each other
        pursuit,   ///< the best takes all but the minimal probabilities in the end (section 3): one of several ways
    };

    /// `names`: static storage, at least one.
    explicit OperatorSelection(std::vector<std::string_view> names, Rule rule = Rule::matching);

    std::size_t size() const noexcept { return credits_.size(); }
    std::string_view name(std::size_t which) const { return credits_[which].name; }

    std::size_t draw(random::Stream& stream) const;

    /// A candidate that the operator made was kept, or not. Does nothing for a name that is no operator's.
    void reward(std::string_view name, bool success);

    /// Forgets what was achieved but for the counts: all are equally likely.
    void restart();

    const std::vector<OperatorCredit>& credits() const noexcept { return credits_; }

  private:
    void share_out();

    Rule rule_;
    std::vector<OperatorCredit> credits_;
    std::vector<double> quality_;
};

}  // namespace sotto::search
