// SPDX-License-Identifier: Apache-2.0
#include "search/strategy/genome_set.hpp"

#include <utility>

namespace sotto::search {
namespace {

constexpr std::size_t least_slots = 64;

// The free mark is no key: hash 0 shares a key with hash 1.
std::uint64_t key_of(std::uint64_t hash) {
    return hash == 0 ? 1 : hash;
}

}  // namespace

bool GenomeSet::insert(std::uint64_t hash) {
    if (5 * (size_ + 1) > 4 * slots_.size()) {
        grow();
    }
    const std::uint64_t key = key_of(hash);
    std::uint64_t& slot = slots_[slot_of(key)];
    if (slot == key) {
        return false;
    }
    slot = key;
    ++size_;
    return true;
}

bool GenomeSet::contains(std::uint64_t hash) const {
    const std::uint64_t key = key_of(hash);
    return !slots_.empty() && slots_[slot_of(key)] == key;
}

std::size_t GenomeSet::slot_of(std::uint64_t key) const {
    // The high part of a product spreads hashes over any number of slots, in their order: growth by half instead of
    // doubling keeps the set small, and moving to the larger table runs through both in order.
    __extension__ using Wide = unsigned __int128;
    auto slot = static_cast<std::size_t>((static_cast<Wide>(key) * slots_.size()) >> 64U);
    while (slots_[slot] != 0 && slots_[slot] != key) {
        slot = slot + 1 == slots_.size() ? 0 : slot + 1;
    }
    return slot;
}

void GenomeSet::grow() {
    const std::size_t slots = slots_.empty() ? least_slots : slots_.size() + slots_.size() / 2;
    const std::vector<std::uint64_t> old = std::exchange(slots_, std::vector<std::uint64_t>(slots, 0));
    for (const std::uint64_t key : old) {
        if (key != 0) {
            slots_[slot_of(key)] = key;
        }
    }
}

}  // namespace sotto::search
