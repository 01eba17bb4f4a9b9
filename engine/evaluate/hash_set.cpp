// SPDX-License-Identifier: Apache-2.0
#include "engine/evaluate/hash_set.hpp"

#include <utility>

namespace sotto::evaluate {

bool HashSet::place(const arch::CanonicalHash& hash) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = static_cast<std::size_t>(hash.low) & mask;
    while (slots_[at] != arch::CanonicalHash{}) {
        if (slots_[at] == hash) {
            return false;
        }
        at = (at + 1) & mask;
    }
    slots_[at] = hash;
    return true;
}

void HashSet::grow() {
    std::vector<arch::CanonicalHash> before(slots_.empty() ? 1024 : 2 * slots_.size());
    std::swap(before, slots_);
    for (const arch::CanonicalHash& hash : before) {
        if (hash != arch::CanonicalHash{}) {
            place(hash);
        }
    }
}

bool HashSet::insert(const arch::CanonicalHash& hash) {
    bool inserted = false;
    if (hash == arch::CanonicalHash{}) {
        inserted = !std::exchange(has_zero_, true);
    } else {
        if (4 * (used_ + 1) > 3 * slots_.size()) {
            grow();
        }
        inserted = place(hash);
        used_ += inserted ? 1 : 0;
    }
    size_ += inserted ? 1 : 0;
    return inserted;
}

}  // namespace sotto::evaluate
