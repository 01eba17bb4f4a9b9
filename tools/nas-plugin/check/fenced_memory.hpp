// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "sotto/plugin.h"

namespace sotto::check {

/// Pieces of memory on pages of their own, each right before a page that can be touched or not. The addresses are not
/// used again while the object lives.
class FencedMemory {
  public:
    enum class Behind : std::uint8_t { room, fence };

    explicit FencedMemory(Behind behind) : behind_(behind) {}
    ~FencedMemory();
    FencedMemory(const FencedMemory&) = delete;
    FencedMemory& operator=(const FencedMemory&) = delete;

    /// A copy of `count` elements; null where there is none.
    template <typename Element>
    Element* copy(const Element* from, std::size_t count) {
        if (count == 0) {
            return nullptr;
        }
        const std::size_t bytes = count * sizeof(Element);  // NOLINT(bugprone-sizeof-expression): may be a pointer
        auto* const made = static_cast<Element*>(take(bytes));
        std::memcpy(made, from, bytes);
        return made;
    }
    template <typename Element>
    Element* copy(const Element& from) {
        return copy(&from, 1);
    }

    void make_read_only();
    /// Whoever touches it from now on crashes.
    void take_away();

  private:
    struct Piece {
        void* pages = nullptr;
        std::size_t bytes = 0;  // without the fence
        std::size_t mapped = 0;
    };

    void* take(std::size_t bytes);
    void protect(int protection);

    Behind behind_;
    std::vector<Piece> pieces_;
};

/// A copy of a candidate and of all that it points to.
const sotto_candidate* copy_candidate(FencedMemory& memory, const sotto_candidate& from);

}  // namespace sotto::check
