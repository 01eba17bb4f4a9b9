// SPDX-License-Identifier: Apache-2.0
#include "search/loop/front.hpp"

#include <utility>

namespace sotto::search {
namespace {

// Dominated members are forgotten when they outnumber the front by this: rare enough to cost nothing.
constexpr std::size_t slack = 1024;

}  // namespace

void Front::offer(std::uint64_t id, std::span<const double> objectives, const Genome& genome,
                  std::span<const double> metrics) {
    if (keeps_hypervolume()) {
        if (!archive_.admits(id, objectives)) {
            return;
        }
        hypervolume_ += archive_.hypervolume_gain(objectives, reference_);
    }
    if (!archive_.add(id, objectives)) {
        return;
    }
    changed_ = true;
    entered_[id] = Member{id, genome, {metrics.begin(), metrics.end()}};
    if (entered_.size() > 2 * archive_.size() + slack) {
        forget_dominated();
    }
}

std::vector<Member> Front::members() const {
    std::vector<Member> members;
    members.reserve(archive_.size());
    for (std::size_t k = 0; k < archive_.size(); ++k) {
        members.push_back(entered_.at(archive_[k].id));
    }
    return members;
}

double Front::hypervolume() {
    if (std::exchange(changed_, false) && !reference_.empty() && !keeps_hypervolume()) {
        hypervolume_ = archive_.hypervolume(reference_);
    }
    return hypervolume_;
}

void Front::forget_dominated() {
    std::unordered_map<std::uint64_t, Member> kept;
    for (std::size_t k = 0; k < archive_.size(); ++k) {
        kept.insert(entered_.extract(archive_[k].id));
    }
    entered_ = std::move(kept);
}

}  // namespace sotto::search
