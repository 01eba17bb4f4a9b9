// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>

#include "engine/evaluate/tbb_arena.hpp"

namespace sotto::evaluate {

/// A fixed number of threads, the caller's among them, that work on items in order. While it lives, parallel work that
/// a plug-in starts in TBB stays within the same number.
class Workers {
  public:
    /// 0: as many as the machine has.
    explicit Workers(std::size_t threads);

    std::size_t slots() const noexcept { return slots_; }

    /// Calls body(item, slot) for items 0 .. count - 1: begun in that order, one call per slot at a time. A call that
    /// returns false, or throws, keeps items that were not begun from running; so every item below the lowest that
    /// returned false has run. Of several exceptions, that of the lowest item is rethrown.
    void run(std::size_t count, const std::function<bool(std::size_t item, std::size_t slot)>& body);

  private:
    std::size_t slots_;
    TbbArena arena_;
};

}  // namespace sotto::evaluate
