// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string_view>
#include <vector>

#include "search/pareto/archive.hpp"
#include "search/strategy/aimed_changes.hpp"
#include "search/strategy/strategy.hpp"
#include "search/strategy/survivor_selection.hpp"

namespace sotto::search {

/// A child that could be asked, and what a surrogate says of it.
struct Proposal {
    Origin origin;
    std::size_t maker = 0;  ///< operator
    std::uint64_t network = 0;
    std::vector<double> features;
    std::array<double, maximum_objectives> expected{};
    std::array<double, maximum_objectives> drawn{};  ///< from the posterior
    double violation = 0;                            ///< expected
    double keeps = 1;                                ///< the probability that it keeps the constraints
    bool taken = false;
};

/// Ways of choosing among proposals: by what is expected, by a draw from the posterior, without the surrogate.
enum Chooser : std::size_t { by_mean, by_draw, unseen, ways_to_choose };
inline constexpr std::array<std::string_view, ways_to_choose> chooser_names = {"by mean", "by draw", "unseen"};

/// A proposal that is to be asked.
struct Plan {
    Proposal* proposal = nullptr;
    std::size_t chooser = 0;
};

/// Takes from proposals, none of which is taken yet, one network each. The proposals outlive the plans.
class ProposalChoice {
  public:
    explicit ProposalChoice(std::deque<Proposal>& proposals) : proposals_(proposals) {}

    /// So many of the first `first_round`, in their order.
    void take_unseen(std::size_t count, std::size_t first_round);
    /// At most so many: one after the other that which adds most hypervolume to the front of two objectives and what
    /// was taken before, times the probability that it keeps the constraints; nothing that adds none.
    void take_by_gain(std::size_t count, std::size_t chooser, const pareto::Archive& front);
    /// Until `wanted` are taken in all, or none is left: the first in the survivors' order beside the population.
    void take_by_rank(std::size_t wanted, std::span<const Outcome> population, SurvivorSelection& selection);

    /// In the order they were taken.
    const std::vector<Plan>& plans() const noexcept { return plans_; }

  private:
    void take(Proposal& proposal, std::size_t chooser);

    std::deque<Proposal>& proposals_;
    std::vector<Plan> plans_;
};

}  // namespace sotto::search
