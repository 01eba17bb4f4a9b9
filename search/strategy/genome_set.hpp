// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace sotto::search {

/// A set of 64-bit genome hashes in 10 to 15 bytes each (up to 25 while it grows). Two genomes with one hash are taken
/// for the same: among 10^6 genomes the chance that any two are is 3 in 10^8, and costs one candidate.
class GenomeSet {
  public:
    /// True where the hash was not in the set before.
    bool insert(std::uint64_t hash);
    bool contains(std::uint64_t hash) const;

    std::size_t size() const noexcept { return size_; }
    std::size_t memory_bytes() const noexcept { return slots_.capacity() * sizeof(std::uint64_t); }

  private:
    std::size_t slot_of(std::uint64_t key) const;
    void grow();

    // Open addressing with linear probing; 0 marks a free slot.
    std::vector<std::uint64_t> slots_;
    std::size_t size_ = 0;
};

}  // namespace sotto::search
