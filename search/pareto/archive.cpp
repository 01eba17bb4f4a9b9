// SPDX-License-Identifier: Apache-2.0
#include "search/pareto/archive.hpp"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <string>

#include "search/pareto/pareto.hpp"

namespace sotto::pareto {
namespace {

// `a` is nowhere worse than `b`. Known to hold for the first objective; the last one most often tells that it does not.
bool covers_otherwise(std::span<const double> a, std::span<const double> b) {
    for (std::size_t k = a.size() - 1; k > 0; --k) {
        if (a[k] > b[k]) {
            return false;
        }
    }
    return true;
}

}  // namespace

Archive::Archive(std::size_t objectives) : objectives_(objectives) {
    if (objectives == 0) {
        throw std::invalid_argument("an archive needs at least one objective");
    }
}

void Archive::check(std::uint64_t id, std::span<const double> objectives) const {
    if (objectives.size() != objectives_) {
        throw std::invalid_argument("an archive of " + std::to_string(objectives_) + " objectives was given " +
                                    std::to_string(objectives.size()));
    }
    for (std::size_t k = 0; k < objectives_; ++k) {
        if (!std::isfinite(objectives[k])) {
            throw std::invalid_argument("objective " + std::to_string(k) + " of candidate " + std::to_string(id) +
                                        " is not finite");
        }
    }
}

bool Archive::admits(std::uint64_t id, std::span<const double> objectives) const {
    check(id, objectives);
    const std::size_t place = place_of(objectives);
    return has_equal(place, objectives) ? id < ids_[place] : !dominated_before(place, objectives);
}

bool Archive::add(std::uint64_t id, std::span<const double> objectives) {
    check(id, objectives);
    const std::size_t place = place_of(objectives);
    if (has_equal(place, objectives)) {
        const bool first = id < ids_[place];
        ids_[place] = std::min(id, ids_[place]);
        return first;
    }
    if (dominated_before(place, objectives)) {
        return false;
    }
    insert(place, id, objectives);
    erase_dominated_after(place);
    return true;
}

std::vector<Archive::Member> Archive::front() const {
    std::vector<Member> members(size());
    for (std::size_t k = 0; k < members.size(); ++k) {
        members[k] = (*this)[k];
    }
    return members;
}

double Archive::hypervolume(std::span<const double> reference) const {
    return pareto::hypervolume({values_, objectives_}, reference);
}

double Archive::hypervolume_gain(std::span<const double> point, std::span<const double> reference) const {
    return pareto::hypervolume_gain({values_, objectives_}, point, reference);
}

std::size_t Archive::place_of(std::span<const double> point) const {
    std::size_t low = 0;
    std::size_t high = size();
    while (low < high) {
        const std::size_t middle = low + (high - low) / 2;
        if (std::ranges::lexicographical_compare(row(middle), point)) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

bool Archive::dominated_before(std::size_t place, std::span<const double> point) const {
    // None of them equals the point. In the plane the second objective descends along the front: the neighbour has the
    // least of all before the point.
    const std::size_t from = objectives_ <= 2 && place > 0 ? place - 1 : 0;
    for (std::size_t k = from; k < place; ++k) {
        if (covers_otherwise(row(k), point)) {
            return true;
        }
    }
    return false;
}

void Archive::insert(std::size_t place, std::uint64_t id, std::span<const double> point) {
    ids_.insert(ids_.begin() + static_cast<std::ptrdiff_t>(place), id);
    values_.insert(values_.begin() + static_cast<std::ptrdiff_t>(place * objectives_), point.begin(), point.end());
}

void Archive::erase_dominated_after(std::size_t place) {
    std::size_t kept = place + 1;
    std::size_t k = kept;
    for (; k < size(); ++k) {
        if (covers_otherwise(row(place), row(k))) {
            continue;
        }
        if (objectives_ <= 2) {
            // In the plane those dominated follow the point without a gap.
            break;
        }
        if (kept != k) {
            ids_[kept] = ids_[k];
            std::ranges::copy(row(k), values_.begin() + static_cast<std::ptrdiff_t>(kept * objectives_));
        }
        ++kept;
    }
    const auto begin = static_cast<std::ptrdiff_t>(kept);
    const auto end = static_cast<std::ptrdiff_t>(k);
    const auto width = static_cast<std::ptrdiff_t>(objectives_);
    ids_.erase(ids_.begin() + begin, ids_.begin() + end);
    values_.erase(values_.begin() + begin * width, values_.begin() + end * width);
}

}  // namespace sotto::pareto
