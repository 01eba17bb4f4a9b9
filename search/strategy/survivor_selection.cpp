// SPDX-License-Identifier: Apache-2.0
#include "search/strategy/survivor_selection.hpp"

#include <algorithm>

#include "search/pareto/pareto.hpp"

namespace sotto::search {

namespace {

// From so many objectives on, ranks are chosen from by reference directions.
constexpr std::size_t many_objectives = 4;

}  // namespace

SurvivorSelection::SurvivorSelection(std::size_t objectives, std::size_t population) : objectives_(objectives) {
    if (objectives >= many_objectives) {
        directions_.emplace(objectives, population);
    }
}

std::span<const std::uint32_t> SurvivorSelection::select(std::span<const Outcome> pool, std::size_t most) {
    survivors_.clear();
    chosen_.clear();
    partition(pool);
    split_fronts();
    for (std::size_t front = 0; front + 1 < front_begin_.size() && survivors_.size() < most; ++front) {
        const std::size_t begin = front_begin_[front];
        append_front(std::span<const std::uint32_t>(fronts_).subspan(begin, front_begin_[front + 1] - begin), most);
    }
    scored_.swap(violating_);
    append_scored(most);
    for (std::size_t k = 0; k < unevaluated_.size() && survivors_.size() < most; ++k) {
        survivors_.push_back(unevaluated_[k]);
    }
    return survivors_;
}

void SurvivorSelection::partition(std::span<const Outcome> pool) {
    feasible_.clear();
    violating_.clear();
    unevaluated_.clear();
    values_.clear();
    for (std::size_t i = 0; i < pool.size(); ++i) {
        const auto index = static_cast<std::uint32_t>(i);
        if (!pool[i].evaluated) {
            unevaluated_.push_back(index);
        } else if (pool[i].constraint_violation > 0) {
            violating_.push_back({pool[i].constraint_violation, index});
        } else {
            feasible_.push_back(index);
            const auto first = pool[i].objectives.begin();
            values_.insert(values_.end(), first, first + static_cast<std::ptrdiff_t>(objectives_));
        }
    }
}

void SurvivorSelection::split_fronts() {
    const pareto::Points points{values_, objectives_};
    pareto::lexicographic_order(points, order_);
    pareto::non_dominated_sort(points, order_, rank_);
    const std::uint32_t fronts = rank_.empty() ? 0 : *std::max_element(rank_.begin(), rank_.end()) + 1;
    // Counting sort; filling shifts each front's begin to the next one's, hence the extra entry in front.
    front_begin_.assign(fronts + 2, 0);
    for (const std::uint32_t rank : rank_) {
        ++front_begin_[rank + 2];
    }
    for (std::size_t k = 2; k < front_begin_.size(); ++k) {
        front_begin_[k] += front_begin_[k - 1];
    }
    fronts_.resize(order_.size());
    for (const std::uint32_t position : order_) {
        fronts_[front_begin_[rank_[position] + 1]++] = position;
    }
    front_begin_.pop_back();
}

void SurvivorSelection::append_front(std::span<const std::uint32_t> front, std::size_t most) {
    // Equal points are neighbours, the last first here. A repeat is scored by how many equal ones come before it.
    scored_.clear();
    distinct_.clear();
    double copies = 0;
    for (std::size_t k = front.size(); k-- > 0;) {
        if (k + 1 < front.size() && equal_objectives(front[k], front[k + 1])) {
            copies += 1;
            scored_.push_back({copies, feasible_[front[k]]});
        } else {
            copies = 0;
            distinct_.push_back(front[k]);
        }
    }
    if (directions_) {
        append_by_niche(most);
        append_scored(most);
        return;
    }
    pareto::crowding_distance({values_, objectives_}, distinct_, distance_);
    for (std::size_t k = 0; k < distinct_.size(); ++k) {
        scored_.push_back({-distance_[k], feasible_[distinct_[k]]});
    }
    append_scored(most);
}

void SurvivorSelection::append_by_niche(std::size_t most) {
    front_.assign(distinct_.begin(), distinct_.end());
    const std::size_t before = chosen_.size();
    directions_->choose({values_, objectives_}, chosen_, front_, std::min(front_.size(), most - survivors_.size()));
    for (std::size_t k = before; k < chosen_.size(); ++k) {
        survivors_.push_back(feasible_[chosen_[k]]);
    }
}

void SurvivorSelection::append_scored(std::size_t most) {
    std::sort(scored_.begin(), scored_.end(), [](const Scored& a, const Scored& b) {
        return a.score != b.score ? a.score < b.score : a.index < b.index;
    });
    for (std::size_t k = 0; k < scored_.size() && survivors_.size() < most; ++k) {
        survivors_.push_back(scored_[k].index);
    }
}

bool SurvivorSelection::equal_objectives(std::uint32_t a, std::uint32_t b) const {
    const pareto::Points points{values_, objectives_};
    return std::ranges::equal(points[a], points[b]);
}

}  // namespace sotto::search
