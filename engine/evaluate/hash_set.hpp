// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "engine/arch/canonical_hash.hpp"

namespace sotto::evaluate {

/// A set of hashes that only grows: open addressing, 16 bytes an entry at a load between 3/8 and 3/4. Counts the
/// distinct networks of a run whatever the cache forgets. Not thread-safe.
class HashSet {
  public:
    /// False where it was there.
    bool insert(const arch::CanonicalHash& hash);
    std::size_t size() const noexcept { return size_; }

  private:
    bool place(const arch::CanonicalHash& hash);
    void grow();

    std::vector<arch::CanonicalHash> slots_;  // a power of two of them; all zero: empty
    std::size_t used_ = 0;
    std::size_t size_ = 0;
    bool has_zero_ = false;
};

}  // namespace sotto::evaluate
