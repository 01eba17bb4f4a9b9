// SPDX-License-Identifier: Apache-2.0
#include "cost_models/lstm/beginnings.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace sotto::lstm {
namespace {

constexpr std::size_t least_slots = 1024;

}  // namespace

Beginnings::Beginnings(const learned::ProgramState& start, std::size_t hidden_size)
    : start_(start), hidden_size_(hidden_size), slots_(least_slots) {
    clear();
}

void Beginnings::clear() {
    nodes_.assign(1, start_);
    hidden_.assign(hidden_size_, 0.0F);
    std::fill(slots_.begin(), slots_.end(), Slot{});
}

std::uint32_t Beginnings::add(std::uint32_t node, std::uint32_t operation) {
    if (slots_.size() < 2 * (nodes_.size() + 1)) {
        grow();
    }
    const std::uint64_t key = key_of(node, operation);
    const std::size_t slot = slot_of(key);
    assert(slots_[slot].node == none);
    const auto added = static_cast<std::uint32_t>(nodes_.size());
    nodes_.push_back(start_);
    hidden_.resize(nodes_.size() * hidden_size_);
    slots_[slot] = {key, added};
    return added;
}

void Beginnings::grow() {
    std::vector<Slot> old(2 * slots_.size());
    std::swap(old, slots_);
    for (const Slot& slot : old) {
        if (slot.node != none) {
            slots_[slot_of(slot.key)] = slot;
        }
    }
}

}  // namespace sotto::lstm
