// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <unordered_map>

#include "engine/arch/canonical_hash.hpp"
#include "engine/evaluate/evaluation.hpp"

namespace sotto::evaluate {

/// The most recently used evaluations, by network: at most `capacity` (rounded down to an even number) of them. Keeps
/// two halves, and forgets the older one when the younger is full; being used moves an entry into the younger. What is
/// forgotten depends on the sequence of calls alone. Not thread-safe.
class EvaluationCache {
  public:
    explicit EvaluationCache(std::size_t capacity) : half_(capacity / 2) {}

    /// Valid until the next call; null where it is not known.
    const Evaluation* find(const arch::CanonicalHash& hash);
    void insert(const Evaluation& evaluation);
    std::size_t size() const noexcept { return young_.size() + old_.size(); }

  private:
    using Map = std::unordered_map<arch::CanonicalHash, Evaluation>;

    void make_room();

    std::size_t half_;
    Map young_;
    Map old_;
};

}  // namespace sotto::evaluate
