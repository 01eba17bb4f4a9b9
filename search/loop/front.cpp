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
    if (!archive_.add(id, objectives)) {
        return;
    }
    entered_[id] = Member{id, genome, {metrics.begin(), metrics.end()}};
    if (entered_.size() > 2 * size() + slack) {
        forget_dominated();
    }
}

std::vector<Member> Front::members() const {
    std::vector<Member> members;
    members.reserve(size());
    for (std::size_t k = 0; k < size(); ++k) {
        members.push_back(entered_.at(archive_.members()[k].id));
    }
    return members;
}

void Front::forget_dominated() {
    std::unordered_map<std::uint64_t, Member> kept;
    for (std::size_t k = 0; k < size(); ++k) {
        kept.insert(entered_.extract(archive_.members()[k].id));
    }
    entered_ = std::move(kept);
}

}  // namespace sotto::search
