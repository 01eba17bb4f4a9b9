// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "cost_models/learned/physical_times.hpp"
#include "cost_models/learned/workload.hpp"

namespace sotto::lstm {

/// How far a prediction has come at the end of each beginning of a program, as a tree: programs that begin alike share
/// their nodes, so a child goes on where it leaves its parent. Nodes are numbers; 0 is the empty beginning. Grows: its
/// owner clears it. One thread at a time.
class Beginnings {
  public:
    static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
    static constexpr std::uint32_t root = 0;

    struct Node {
        explicit Node(const learned::ProgramState& at) : state(at) {}

        learned::ProgramState state;
        learned::BothRoles previous_own_ms{};
        learned::BothRoles total_ms{};
    };

    /// hidden_size: floats of the recurrent network's state, 0 at the start.
    Beginnings(const learned::ProgramState& start, std::size_t hidden_size);

    /// The empty beginning included.
    std::size_t size() const noexcept { return nodes_.size(); }
    void clear();

    /// The beginning that goes on from `node` with one operation, or none.
    std::uint32_t find(std::uint32_t node, std::uint32_t operation) const noexcept {
        return slots_[slot_of(key_of(node, operation))].node;
    }
    /// It is not there. Its node is a copy of the start, for the caller to fill. Invalidates references.
    std::uint32_t add(std::uint32_t node, std::uint32_t operation);

    Node& operator[](std::uint32_t node) noexcept { return nodes_[node]; }
    const Node& operator[](std::uint32_t node) const noexcept { return nodes_[node]; }
    std::span<float> hidden(std::uint32_t node) noexcept {
        return std::span<float>(hidden_).subspan(node * hidden_size_, hidden_size_);
    }

  private:
    struct Slot {
        std::uint64_t key = 0;
        std::uint32_t node = none;
    };

    static std::uint64_t key_of(std::uint32_t node, std::uint32_t operation) noexcept {
        return std::uint64_t{node} << 32U | operation;
    }
    // Where the key is, or would be put.
    std::size_t slot_of(std::uint64_t key) const noexcept {
        constexpr std::uint64_t factor = 0x9e3779b97f4a7c15U;
        std::size_t slot = static_cast<std::size_t>((key * factor) >> 24U) & (slots_.size() - 1);
        while (slots_[slot].node != none && slots_[slot].key != key) {
            slot = (slot + 1) & (slots_.size() - 1);
        }
        return slot;
    }
    void grow();

    Node start_;
    std::size_t hidden_size_;
    std::vector<Node> nodes_;
    std::vector<float> hidden_;  // [node][hidden_size]
    std::vector<Slot> slots_;    // a power of two, at most half of them taken
};

}  // namespace sotto::lstm
