// SPDX-License-Identifier: Apache-2.0
#include "search/strategy/proposal_choice.hpp"

#include <algorithm>
#include <limits>
#include <queue>

#include "search/pareto/staircase.hpp"

namespace sotto::search {

void ProposalChoice::take(Proposal& proposal, std::size_t chooser) {
    proposal.taken = true;
    // Equal networks that several proposals give are asked once.
    for (Proposal& other : proposals_) {
        other.taken = other.taken || other.network == proposal.network;
    }
    plans_.push_back({&proposal, chooser});
}

void ProposalChoice::take_unseen(std::size_t count, std::size_t first_round) {
    const std::size_t wanted = plans_.size() + count;
    // The first round's parents were evaluated, all of them.
    for (std::size_t k = 0; k < first_round && plans_.size() < wanted; ++k) {
        if (!proposals_[k].taken) {
            take(proposals_[k], unseen);
        }
    }
}

void ProposalChoice::take_by_gain(std::size_t count, std::size_t chooser, const pareto::Archive& front) {
    const std::size_t wanted = plans_.size() + count;
    // The reference lies a little beyond the front's ends, so that the ends themselves are worth something.
    std::array<double, 2> least{};
    std::array<double, 2> reference{};
    for (std::size_t k = 0; k < 2; ++k) {
        least[k] = std::numeric_limits<double>::infinity();
        reference[k] = -least[k];
        for (std::size_t i = 0; i < front.size(); ++i) {
            least[k] = std::min(least[k], front[i].objectives[k]);
            reference[k] = std::max(reference[k], front[i].objectives[k]);
        }
        reference[k] += 0.1 * (reference[k] > least[k] ? reference[k] - least[k] : 1);
    }
    pareto::Staircase staircase;
    for (std::size_t i = 0; i < front.size(); ++i) {
        staircase.insert(front[i].objectives[0], front[i].objectives[1]);
    }
    const auto point = [chooser](const Proposal& proposal) -> const std::array<double, maximum_objectives>& {
        return chooser == by_draw ? proposal.drawn : proposal.expected;
    };
    for (const Plan& plan : plans_) {
        const auto& at = point(*plan.proposal);
        if (!staircase.covers(at[0], at[1])) {
            staircase.insert(at[0], at[1]);
        }
    }
    const auto gain = [&](const Proposal& proposal) {
        const auto& at = point(proposal);
        if (at[0] >= reference[0] || at[1] >= reference[1] || staircase.covers(at[0], at[1])) {
            return 0.0;
        }
        return proposal.keeps * staircase.area_gain(at[0], at[1], reference[0], reference[1]);
    };
    // Gains only shrink as points are added: the best of the queue whose gain is still what it was is the best of all.
    struct Entry {
        double gain;
        std::size_t index;
        bool operator<(const Entry& other) const {
            return gain != other.gain ? gain < other.gain : index > other.index;
        }
    };
    std::priority_queue<Entry> queue;
    for (std::size_t i = 0; i < proposals_.size(); ++i) {
        if (!proposals_[i].taken) {
            queue.push({gain(proposals_[i]), i});
        }
    }
    while (plans_.size() < wanted && !queue.empty() && queue.top().gain > 0) {
        const Entry top = queue.top();
        queue.pop();
        Proposal& proposal = proposals_[top.index];
        if (proposal.taken) {
            continue;
        }
        const double now = gain(proposal);
        if (now < top.gain) {
            queue.push({now, top.index});
            continue;
        }
        staircase.insert(point(proposal)[0], point(proposal)[1]);
        take(proposal, chooser);
    }
}

void ProposalChoice::take_by_rank(std::size_t wanted, std::span<const Outcome> population,
                                  SurvivorSelection& selection) {
    if (plans_.size() >= wanted) {
        return;
    }
    std::vector<Outcome> pool(population.begin(), population.end());
    for (const Proposal& proposal : proposals_) {
        pool.push_back({!proposal.taken, proposal.violation, proposal.expected});
    }
    for (const std::uint32_t index : selection.select(pool, pool.size())) {
        if (plans_.size() >= wanted) {
            break;
        }
        if (index >= population.size() && !proposals_[index - population.size()].taken) {
            take(proposals_[index - population.size()], by_mean);
        }
    }
}

}  // namespace sotto::search
