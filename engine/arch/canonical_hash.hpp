// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/arch/network.hpp"

namespace sotto::arch {

/// 128 bits that identify a network's graph.
struct CanonicalHash {
    std::uint64_t high = 0;
    std::uint64_t low = 0;

    friend auto operator<=>(const CanonicalHash&, const CanonicalHash&) = default;
};

/// 32 lower-case hexadecimal digits, and back. Throws std::invalid_argument for any other text.
std::string to_text(const CanonicalHash& hash);
CanonicalHash parse_canonical_hash(const std::string& text);

/// Equal for the same graph under renaming (of the network and of its layers) and under reordering of independent
/// layers, and different otherwise. The operands of add are a multiset (addition commutes); the operands of concat are
/// a sequence. An identity activation is a layer like any other. Two equal convolutions over one input and one
/// convolution read twice are different graphs. The value is part of run databases: it is the same on every platform
/// and in every version that names the same hash version.
CanonicalHash canonical_hash(const Network& network);
inline constexpr int canonical_hash_version = 1;

/// What each layer computes: digest i is of the attributes of layer i and of all that it is computed from, but not of
/// what reads it. Equal in one network or in two where layers compute the same, whatever else the networks hold;
/// operands of add and of concat as for canonical_hash. `digests` is overwritten.
void layer_digests(const Network& network, std::vector<CanonicalHash>& digests);

/// A topological order that depends on the graph alone: equal (up to names) for networks with equal hashes. Depth first
/// from the output; operands of concat in order, operands of add by (depth, structure). The secure engine executes
/// layers in this order.
std::vector<LayerIndex> canonical_order(const Network& network);

/// Both in one pass; `order` is overwritten. What a search calls once per candidate.
CanonicalHash canonical_form(const Network& network, std::vector<LayerIndex>& order);

}  // namespace sotto::arch

template <>
struct std::hash<sotto::arch::CanonicalHash> {
    std::size_t operator()(const sotto::arch::CanonicalHash& value) const noexcept {
        return static_cast<std::size_t>(value.low);
    }
};
