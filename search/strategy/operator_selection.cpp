// SPDX-License-Identifier: Apache-2.0
#include "search/strategy/operator_selection.hpp"

#include <algorithm>
#include <cassert>
#include <numeric>

namespace sotto::search {
namespace {

// How much one reward moves an operator's quality: the last 20 or so candidates count.
constexpr double adaptation_rate = 0.05;
// Of all probability, what is shared out evenly.
constexpr double even_share = 0.25;
constexpr double first_quality = 0.5;
// How far one reward moves the probabilities under pursuit.
constexpr double pursuit_rate = 0.05;

}  // namespace

OperatorSelection::OperatorSelection(std::vector<std::string_view> names, Rule rule) : rule_(rule) {
    assert(!names.empty());
    for (const std::string_view name : names) {
        credits_.push_back({name, 0, 0, 0});
    }
    restart();
}

std::size_t OperatorSelection::draw(random::Stream& stream) const {
    double left = stream.unit();
    for (std::size_t which = 0; which + 1 < credits_.size(); ++which) {
        left -= credits_[which].probability;
        if (left < 0) {
            return which;
        }
    }
    return credits_.size() - 1;
}

void OperatorSelection::reward(std::string_view name, bool success) {
    const auto found = std::ranges::find(credits_, name, &OperatorCredit::name);
    if (found == credits_.end()) {
        return;
    }
    const auto which = static_cast<std::size_t>(found - credits_.begin());
    OperatorCredit& credit = *found;
    ++credit.children;
    credit.successes += success ? 1U : 0U;
    quality_[which] += adaptation_rate * ((success ? 1.0 : 0.0) - quality_[which]);
    share_out();
}

void OperatorSelection::restart() {
    quality_.assign(credits_.size(), first_quality);
    for (OperatorCredit& credit : credits_) {
        credit.probability = 1 / static_cast<double>(credits_.size());
    }
}

void OperatorSelection::share_out() {
    const double least = even_share / static_cast<double>(credits_.size());
    if (rule_ == Rule::pursuit) {
        const auto best = std::ranges::max_element(quality_) - quality_.begin();
        for (std::size_t which = 0; which < credits_.size(); ++which) {
            const bool pursued = static_cast<std::ptrdiff_t>(which) == best;
            const double target = pursued ? least + 1 - even_share : least;
            credits_[which].probability += pursuit_rate * (target - credits_[which].probability);
        }
        return;
    }
    const double sum = std::accumulate(quality_.begin(), quality_.end(), 0.0);
    for (std::size_t which = 0; which < credits_.size(); ++which) {
        credits_[which].probability = least + (1 - even_share) * quality_[which] / sum;
    }
}

}  // namespace sotto::search
