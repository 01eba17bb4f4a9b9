// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <vector>

#include "search/strategy/generational_strategy.hpp"

namespace sotto::search {

/// Ageing (regularised) evolution (Real, Aggarwal, Huang, Le, "Regularized evolution for image classifier architecture
/// search", AAAI 2019, algorithm 1): a queue of the last `population` candidates; each child is a mutant of the best of
/// a random quarter of them, 64 at most; the oldest die, however good they are.
///
/// With several objectives each tournament is held along a weight vector of its own, drawn evenly: the winner has the
/// least weighted Chebyshev distance from the best values of the queue, so that the population spreads along the front.
/// Children come in batches of a tenth of the population, bred from one state of the queue.
class AgeingEvolution final : public GenerationalStrategy {
  public:
    AgeingEvolution(const Variation& variation, StrategyOptions options);

    std::string_view name() const override { return "ageing"; }

  private:
    struct Member {
        Genome genome;
        Outcome outcome;
    };

    std::size_t batch() const override;
    void absorb(std::span<Genome> asked, std::span<const Outcome> outcomes) override;
    std::string_view make(std::uint32_t index, Genome& genome) override;
    const Member& winner(random::Stream& picks);
    bool is_full() const noexcept { return queue_.size() >= options().population; }

    // What a tournament reads of a member, side by side in memory. Smaller is better: behind all that keep the
    // constraints those that break them, then those without a score.
    struct Standing {
        int tier = 0;
        std::array<double, maximum_objectives> value{};  // distance from the best values of the queue; or the violation
    };

    void rate();

    std::deque<Member> queue_;         // the oldest first
    std::vector<Standing> standings_;  // of queue_
};

}  // namespace sotto::search
