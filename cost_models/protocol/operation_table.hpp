// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>
#include <vector>

#include "sotto/plugin.h"

namespace sotto::protocol {

/// What is known of operations that were met before: a search asks for few different ones, each very often. Two
/// operations are equal where everything that fixes their cost is (all but struct_size, layer and reserved) and so is
/// their `variant`, what else a value depends on.
///
/// Values are numbered 0, 1, ... as they come. Grows: its owner clears it. One thread at a time.
template <typename Value>
class OperationTable {
  public:
    static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

    std::size_t size() const noexcept { return entries_.size(); }
    /// Keeps its storage.
    void clear() noexcept {
        entries_.clear();
        slots_.assign(slots_.size(), none);
    }

    /// The number of an equal operation, or none.
    std::uint32_t find(const sotto_operation& operation, std::uint32_t variant = 0) const noexcept {
        const Key key(operation, variant);
        return slots_[slot_of(key)];
    }

    /// The same; quicker where the operation came after number `before`, or none, the last time too.
    std::uint32_t find_after(std::uint32_t before, const sotto_operation& operation,
                             std::uint32_t variant = 0) noexcept {
        const Key key(operation, variant);
        if (before == none) {
            return slots_[slot_of(key)];
        }
        std::uint32_t& next = entries_[before].next;
        if (next == none || !entries_[next].key.equals(key)) {
            next = slots_[slot_of(key)];
        }
        return next;
    }

    /// The operation is not there. Returns its number.
    std::uint32_t add(const sotto_operation& operation, Value value, std::uint32_t variant = 0) {
        if (slots_.size() < 2 * (entries_.size() + 1)) {
            grow();
        }
        const Key key(operation, variant);
        const std::size_t slot = slot_of(key);
        assert(slots_[slot] == none);
        const auto number = static_cast<std::uint32_t>(entries_.size());
        entries_.push_back({key, none, std::move(value)});
        slots_[slot] = number;
        return number;
    }

    Value& operator[](std::uint32_t number) noexcept { return entries_[number].value; }
    const Value& operator[](std::uint32_t number) const noexcept { return entries_[number].value; }

  private:
    struct Key {
        Key(const sotto_operation& operation, std::uint32_t variant) noexcept {
            // From `elements` on the struct is nothing but sizes, without gaps.
            constexpr std::size_t sizes_at = offsetof(sotto_operation, elements);
            static_assert(SOTTO_SIZE_UP_TO(sotto_operation, window) - sizes_at == 8 * sizeof(std::uint64_t));
            const auto pair = [](std::int32_t low, std::uint32_t high) {
                return static_cast<std::uint32_t>(low) | std::uint64_t{high} << 32U;
            };
            words[0] = pair(operation.kind, static_cast<std::uint32_t>(operation.normalization));
            words[1] = pair(operation.truncates, variant);
            std::memcpy(words.data() + 2, reinterpret_cast<const unsigned char*>(&operation) + sizes_at,
                        8 * sizeof(std::uint64_t));
        }
        bool equals(const Key& other) const noexcept {
            std::uint64_t differences = 0;
            for (std::size_t i = 0; i < words.size(); ++i) {
                differences |= words[i] ^ other.words[i];
            }
            return differences == 0;
        }

        std::array<std::uint64_t, 10> words;
    };
    struct Entry {
        Key key;
        std::uint32_t next;  // what came after it the last time, or none
        Value value;
    };

    static std::size_t hash_of(const Key& key) noexcept {
        // Odd factors; the products do not wait for each other.
        constexpr std::array<std::uint64_t, 10> factors = {
            0x9e3779b97f4a7c15U, 0xbf58476d1ce4e5b9U, 0x94d049bb133111ebU, 0xff51afd7ed558ccdU, 0xc4ceb9fe1a85ec53U,
            0xd6e8feb86659fd93U, 0xa0761d6478bd642fU, 0xe7037ed1a0b428dbU, 0x8ebc6af09c88c6e3U, 0x589965cc75374cc3U};
        std::uint64_t hash = 0;
        for (std::size_t i = 0; i < factors.size(); ++i) {
            hash += (key.words[i] ^ key.words[i] >> 32U) * factors[i];
        }
        hash ^= hash >> 32U;
        return static_cast<std::size_t>(hash * factors[0] >> 20U);
    }

    // Where the key is, or would be put.
    std::size_t slot_of(const Key& key) const noexcept {
        std::size_t slot = hash_of(key) & (slots_.size() - 1);
        while (slots_[slot] != none && !entries_[slots_[slot]].key.equals(key)) {
            slot = (slot + 1) & (slots_.size() - 1);
        }
        return slot;
    }

    void grow() {
        slots_.assign(2 * slots_.size(), none);
        for (std::size_t number = 0; number < entries_.size(); ++number) {
            slots_[slot_of(entries_[number].key)] = static_cast<std::uint32_t>(number);
        }
    }

    static constexpr std::size_t least_slots = 64;

    // Numbers of entries, a power of two of slots, at most half of them taken.
    std::vector<std::uint32_t> slots_ = std::vector<std::uint32_t>(least_slots, none);
    std::vector<Entry> entries_;
};

}  // namespace sotto::protocol
