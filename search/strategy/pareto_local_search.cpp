// SPDX-License-Identifier: Apache-2.0
#include "search/strategy/pareto_local_search.hpp"

#include <algorithm>
#include <span>
#include <utility>

namespace sotto::search {
namespace {

// Constrained domination (Deb et al. 2002, section VI), equal objectives included: the archive keeps one of equals.
bool covers(const Outcome& a, const Outcome& b, std::size_t objectives) {
    if (a.constraint_violation > 0 || b.constraint_violation > 0) {
        return a.constraint_violation <= b.constraint_violation;
    }
    return std::equal(a.objectives.begin(), a.objectives.begin() + static_cast<std::ptrdiff_t>(objectives),
                      b.objectives.begin(), [](double x, double y) { return x <= y; });
}

}  // namespace

ParetoLocalSearch::ParetoLocalSearch(const Variation& variation, StrategyOptions options)
    : GenerationalStrategy(variation, std::move(options)), front_(this->options().objectives) {}

void ParetoLocalSearch::absorb(std::span<Genome> asked, std::span<const Outcome> outcomes) {
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
        if (outcomes[i].evaluated) {
            offer(std::move(asked[i]), outcomes[i]);
        }
    }
}

void ParetoLocalSearch::offer(Genome&& genome, const Outcome& outcome) {
    const std::size_t objectives = options().objectives;
    const bool is_covered =
        outcome.constraint_violation > 0
            ? std::ranges::any_of(archive_,
                                  [&](const Member& member) { return covers(member.outcome, outcome, objectives); })
            : !front_.add(++offered_, std::span(outcome.objectives).first(objectives));
    if (is_covered) {
        return;
    }
    std::erase_if(archive_, [&](const Member& member) { return covers(outcome, member.outcome, objectives); });
    archive_.push_back({std::move(genome), outcome, false, {}});
}

ParetoLocalSearch::Member* ParetoLocalSearch::next_unvisited() {
    if (current_ < archive_.size() && archive_[current_].opened && !archive_[current_].visited()) {
        return &archive_[current_];
    }
    const auto found = std::ranges::find_if(archive_, [](const Member& member) { return !member.visited(); });
    if (found == archive_.end()) {
        return nullptr;
    }
    current_ = static_cast<std::size_t>(found - archive_.begin());
    return &*found;
}

std::string_view ParetoLocalSearch::make(std::uint32_t index, Genome& genome) {
    random::Stream draws = stream(index, random::Purpose::mutation);
    while (Member* const member = archive_.empty() ? nullptr : next_unvisited()) {
        if (!member->opened) {
            member->opened = true;
            member->left = variation().changes(member->genome);
            random::shuffle(member->left, draws);
        }
        while (!member->left.empty()) {
            const Change change = member->left.back();
            member->left.pop_back();
            std::optional<Genome> neighbour = variation().apply(member->genome, change, draws);
            if (neighbour && source().take(*neighbour)) {
                genome = std::move(*neighbour);
                return "neighbour";
            }
        }
        // Most of the archive has been visited at some time: what is left of each takes no memory.
        member->left.shrink_to_fit();
    }
    return sample(index, random::Purpose::random_sample, genome);
}

}  // namespace sotto::search
