// SPDX-License-Identifier: Apache-2.0
#include "network_key.hpp"

#include <algorithm>
#include <initializer_list>
#include <vector>

#include "sotto/plugin.hpp"

namespace table_lookup {
namespace {

// The finaliser of SplitMix64 (Steele, Lea and Flood, 2014).
std::uint64_t mixed(std::uint64_t value) {
    value = (value ^ (value >> 30U)) * 0xBF58476D1CE4E5B9U;
    value = (value ^ (value >> 27U)) * 0x94D049BB133111EBU;
    return value ^ (value >> 31U);
}

class Digest {
  public:
    void add(std::uint64_t value) { state_ = mixed(state_ + 0x9E3779B97F4A7C15U + mixed(value)); }
    void add(std::initializer_list<std::int32_t> values) {
        for (const std::int32_t value : values) {
            add(static_cast<std::uint64_t>(static_cast<std::uint32_t>(value)));
        }
    }
    void add_sorted(std::vector<std::uint64_t>& values) {
        std::sort(values.begin(), values.end());
        add(values.size());
        for (const std::uint64_t value : values) {
            add(value);
        }
    }
    std::uint64_t value() const { return state_; }

  private:
    std::uint64_t state_ = 0;
};

void require_known(const sotto_layer& layer, std::uint32_t index) {
    if (layer.kind < SOTTO_LAYER_INPUT || layer.kind > SOTTO_LAYER_PAD || layer.activation < SOTTO_ACTIVATION_NONE ||
        layer.activation > SOTTO_ACTIVATION_IDENTITY) {
        throw sotto::sdk::Unsupported("layer " + std::to_string(index) + ": kind " + std::to_string(layer.kind) +
                                      " with activation " + std::to_string(layer.activation) + " is not known");
    }
}

Digest digest_of(const sotto_layer& layer) {
    const sotto_window& window = layer.window;
    Digest digest;
    digest.add({layer.kind, layer.activation, layer.groups, layer.bias});
    digest.add({layer.output.channels, layer.output.height, layer.output.width});
    digest.add({window.kernel_height, window.kernel_width, window.stride_height, window.stride_width});
    digest.add({window.pad_top, window.pad_bottom, window.pad_left, window.pad_right});
    return digest;
}

}  // namespace

std::uint64_t network_key(const sotto_network& network) {
    const auto operand_of = [&network](const sotto_layer& layer, std::uint32_t which) {
        return network.operand_layers[layer.first_operand + which];
    };
    // Each layer with all it is computed from.
    std::vector<std::uint64_t> below(network.layer_count);
    std::vector<std::uint64_t> parts;
    for (std::uint32_t index = 0; index < network.layer_count; ++index) {
        const sotto_layer& layer = *sotto_layer_at(&network, index);
        require_known(layer, index);
        Digest digest = digest_of(layer);
        parts.clear();
        for (std::uint32_t which = 0; which < layer.operand_count; ++which) {
            parts.push_back(below[operand_of(layer, which)]);
        }
        if (layer.kind == SOTTO_LAYER_ADD) {
            digest.add_sorted(parts);
        } else {
            for (const std::uint64_t part : parts) {
                digest.add(part);
            }
        }
        below[index] = digest.value();
    }
    // Then with all that reads it, which tells one layer that is read twice from two equal layers.
    std::vector<std::vector<std::uint64_t>> readers(network.layer_count);
    std::vector<std::uint64_t> around(network.layer_count);
    for (std::uint32_t index = network.layer_count; index-- > 0;) {
        const sotto_layer& layer = *sotto_layer_at(&network, index);
        Digest digest;
        digest.add(below[index]);
        digest.add({index == network.output_layer ? 1 : 0});
        digest.add_sorted(readers[index]);
        around[index] = digest.value();
        for (std::uint32_t which = 0; which < layer.operand_count; ++which) {
            Digest reader;
            reader.add(around[index]);
            reader.add(layer.kind == SOTTO_LAYER_ADD ? 0U : which);
            readers[operand_of(layer, which)].push_back(reader.value());
        }
    }
    Digest digest;
    digest.add_sorted(around);
    return digest.value();
}

std::string key_text(std::uint64_t key) {
    std::string text(16, '0');
    for (std::size_t digit = text.size(); digit-- > 0; key >>= 4U) {
        text[digit] = "0123456789abcdef"[key & 15U];
    }
    return text;
}

}  // namespace table_lookup
