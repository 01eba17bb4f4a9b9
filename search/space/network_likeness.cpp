// SPDX-License-Identifier: Apache-2.0
#include "search/space/network_likeness.hpp"

#include <algorithm>
#include <array>
#include <span>

#include <xxhash.h>

namespace sotto::search {
namespace {

using arch::CanonicalHash;
using arch::Layer;
using arch::LayerIndex;
using arch::Network;

std::uint64_t hash_of(std::span<const std::uint64_t> words) {
    return XXH3_64bits(words.data(), words.size_bytes());
}

std::uint64_t word(std::int32_t first, std::int32_t second) {
    return (std::uint64_t{static_cast<std::uint32_t>(first)} << 32U) | static_cast<std::uint32_t>(second);
}

std::uint64_t kind_of(const Layer& layer) {
    return (static_cast<std::uint64_t>(layer.kind) << 8U) | static_cast<std::uint64_t>(layer.activation);
}

std::uint64_t attributes_of(const Layer& layer) {
    const arch::Window& window = layer.window;
    return hash_of(std::array{
        kind_of(layer),
        word(static_cast<std::int32_t>(layer.normalization_form), (layer.foldable ? 1 : 0) + (layer.bias ? 2 : 0)),
        word(window.kernel_height, window.kernel_width), word(window.stride_height, window.stride_width),
        word(window.pad_top, window.pad_bottom), word(window.pad_left, window.pad_right),
        word(layer.groups, layer.output.channels), word(layer.output.height, layer.output.width)});
}

// Pools are one kind here, and activations.
std::uint64_t wide_kind_of(const Layer& layer) {
    return static_cast<std::uint64_t>(layer.kind == arch::LayerKind::average_pool ? arch::LayerKind::max_pool
                                                                                  : layer.kind);
}

// Of what a layer reads, in any order.
std::uint64_t operands_of(const Network& network, LayerIndex index, std::span<const CanonicalHash> digests) {
    std::uint64_t operands = 0;
    for (const LayerIndex operand : network.operands(index)) {
        operands += hash_of(std::array{digests[operand].high, digests[operand].low});
    }
    return operands;
}

std::uint64_t continuation(std::uint64_t kind, std::uint64_t operands) {
    return hash_of(std::array{kind, operands});
}

}  // namespace

template <typename Key>
void NetworkComparison::Multiset<Key>::add(const Key& key) {
    const auto [at, is_new] = numbers.try_emplace(key, static_cast<std::uint32_t>(wanted.size()));
    if (is_new) {
        wanted.push_back(0);
    }
    ++wanted[at->second];
}

template <typename Key>
bool NetworkComparison::Multiset<Key>::take(const Key& key) {
    const auto at = numbers.find(key);
    if (at == numbers.end() || left[at->second] == 0) {
        return false;
    }
    --left[at->second];
    return true;
}

NetworkComparison::NetworkComparison(const Network& wanted) {
    std::vector<CanonicalHash> digests;
    arch::layer_digests(wanted, digests);
    for (LayerIndex index = 0; index < wanted.size(); ++index) {
        computed_.add(digests[index]);
        const std::uint64_t operands = operands_of(wanted, index, digests);
        continued_.add(continuation(kind_of(wanted.layer(index)), operands));
        alike_continued_.add(continuation(wide_kind_of(wanted.layer(index)), operands));
        attributes_.add(attributes_of(wanted.layer(index)));
    }
}

NetworkComparison::Result NetworkComparison::compare(const Network& candidate) {
    arch::layer_digests(candidate, digests_);
    computed_.restart();
    continued_.restart();
    alike_continued_.restart();
    attributes_.restart();
    is_wanted_.assign(candidate.size(), 0);
    Result result;
    for (LayerIndex index = 0; index < candidate.size(); ++index) {
        const std::span<const LayerIndex> operands = candidate.operands(index);
        if (computed_.take(digests_[index])) {
            is_wanted_[index] = 1;
            ++result.likeness.computed;
        } else {
            --result.likeness.beyond;
            result.unwanted += digests_[index].low;
            if (std::all_of(operands.begin(), operands.end(), [this](LayerIndex i) { return is_wanted_[i] != 0; })) {
                result.parting += digests_[index].low;
            }
        }
        const std::uint64_t read = operands_of(candidate, index, digests_);
        result.likeness.continued += continued_.take(continuation(kind_of(candidate.layer(index)), read)) ? 1 : 0;
        result.likeness.continued +=
            alike_continued_.take(continuation(wide_kind_of(candidate.layer(index)), read)) ? 1 : 0;
        result.likeness.attributes += attributes_.take(attributes_of(candidate.layer(index))) ? 1 : 0;
    }
    return result;
}

Difference first_difference(const Network& wanted, const Network& other) {
    std::vector<CanonicalHash> wanted_digests;
    std::vector<CanonicalHash> other_digests;
    arch::layer_digests(wanted, wanted_digests);
    arch::layer_digests(other, other_digests);
    const auto first_not_in = [](std::span<const CanonicalHash> digests, std::vector<CanonicalHash> others,
                                 auto&& condition) -> std::optional<LayerIndex> {
        std::sort(others.begin(), others.end());
        for (LayerIndex index = 0; index < digests.size(); ++index) {
            if (!std::binary_search(others.begin(), others.end(), digests[index]) && condition(index)) {
                return index;
            }
        }
        return std::nullopt;
    };
    const auto always = [](LayerIndex /*index*/) { return true; };
    Difference difference;
    difference.wanted = first_not_in(wanted_digests, other_digests, always);
    if (difference.wanted) {
        const std::uint64_t read = operands_of(wanted, *difference.wanted, wanted_digests);
        difference.other = first_not_in(other_digests, wanted_digests, [&](LayerIndex index) {
            return operands_of(other, index, other_digests) == read;
        });
    }
    if (!difference.other) {
        difference.other = first_not_in(other_digests, wanted_digests, always);
    }
    return difference;
}

}  // namespace sotto::search
