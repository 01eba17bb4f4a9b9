// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

#include "engine/arch/canonical_hash.hpp"
#include "engine/arch/network.hpp"

namespace sotto::search {

/// How much a network is like another one that is wanted; the greater, the more alike. What stands first decides.
struct Likeness {
    std::uint32_t computed = 0;    ///< wanted layers that are there with all that they are computed from
    std::uint32_t continued = 0;   ///< those of which the operands are there, and a layer of the kind that reads them,
                                   ///< and once more those for which it is another pool or activation
    std::uint32_t attributes = 0;  ///< wanted layers of which the attributes are there, wherever
    std::int32_t beyond = 0;       ///< layers that are there, counted down: 0 is none

    friend auto operator<=>(const Likeness&, const Likeness&) = default;
};

/// Compares networks with a wanted one. Scratch space is kept: for one thread at a time.
class NetworkComparison {
  public:
    /// Copies what it needs of `wanted`.
    explicit NetworkComparison(const arch::Network& wanted);

    struct Result {
        Likeness likeness;
        /// A digest of the candidate's layers that are not wanted, and of those among them of which all that they read
        /// is: where the candidate goes another way.
        std::uint64_t unwanted = 0;
        std::uint64_t parting = 0;
    };
    Result compare(const arch::Network& candidate);

  private:
    // The wanted network's numbers of what is equal, and how often each is there.
    template <typename Key>
    struct Multiset {
        std::unordered_map<Key, std::uint32_t> numbers;
        std::vector<std::uint32_t> wanted;
        std::vector<std::uint32_t> left;

        void add(const Key& key);
        void restart() { left = wanted; }
        bool take(const Key& key);
    };

    Multiset<arch::CanonicalHash> computed_;
    Multiset<std::uint64_t> continued_;
    Multiset<std::uint64_t> alike_continued_;
    Multiset<std::uint64_t> attributes_;
    std::vector<arch::CanonicalHash> digests_;
    std::vector<std::uint8_t> is_wanted_;
};

/// Where two networks part.
struct Difference {
    std::optional<arch::LayerIndex> wanted;  ///< the first wanted layer that the other network does not compute
    std::optional<arch::LayerIndex> other;   ///< the layer that is in its place: reads the same, else the first that is
                                             ///< not wanted; nothing where there is none
};
Difference first_difference(const arch::Network& wanted, const arch::Network& other);

}  // namespace sotto::search
