// SPDX-License-Identifier: Apache-2.0
#include "engine/arch/canonical_hash.hpp"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <span>
#include <stdexcept>

#include <xxhash.h>

#include "engine/arch/colour_refinement.hpp"

namespace sotto::arch {
namespace {

// Bytes to hash, the same on every platform: little-endian words.
class Record {
  public:
    void clear() { size_ = 0; }

    void put(std::uint64_t word) {
        if constexpr (std::endian::native == std::endian::big) {
            word = __builtin_bswap64(word);
        }
        if (size_ + sizeof word > bytes_.size()) {
            bytes_.resize(2 * bytes_.size() + 256);
        }
        std::memcpy(bytes_.data() + size_, &word, sizeof word);
        size_ += sizeof word;
    }

    void put(std::int32_t first, std::int32_t second) {
        put((std::uint64_t{static_cast<std::uint32_t>(second)} << 32U) | static_cast<std::uint32_t>(first));
    }

    void put(const CanonicalHash& hash) {
        put(hash.high);
        put(hash.low);
    }

    CanonicalHash digest() const {
        const XXH128_hash_t hash = XXH3_128bits(bytes_.data(), size_);
        return {hash.high64, hash.low64};
    }

  private:
    std::vector<unsigned char> bytes_;
    std::size_t size_ = 0;
};

// Tells the two forms of the hash apart.
enum class Form : std::int32_t { no_equal_layers = 1, equal_layers = 2 };

class CanonicalForm {
  public:
    std::span<const CanonicalHash> digest_layers(const Network& network);
    CanonicalHash hash(const Network& network);
    void order(const Network& network, std::vector<LayerIndex>& order);

  private:
    void digest_layer(const Network& network, LayerIndex index);
    bool has_equal_layers();
    std::span<LayerIndex> operands(LayerIndex index) {
        return std::span(operands_).subspan(operand_begin_[index], operand_begin_[index + 1] - operand_begin_[index]);
    }

    Record record_;
    std::vector<CanonicalHash> digests_;  // of a layer and all it is computed from
    std::vector<std::uint32_t> depths_;   // longest path from the input
    std::vector<LayerIndex> operands_;    // as in the network, those of add by (depth, digest, colour)
    std::vector<std::uint32_t> operand_begin_;
    std::vector<std::uint32_t> table_;
    ColourRefinement refinement_;
    std::vector<CanonicalHash> sorted_;
    std::vector<LayerIndex> stack_;
    std::vector<std::uint32_t> next_operand_;
    std::vector<std::uint8_t> is_reached_;
};

void CanonicalForm::digest_layer(const Network& network, LayerIndex index) {
    const Layer& layer = network.layer(index);
    const auto begin = static_cast<std::uint32_t>(operands_.size());
    std::uint32_t depth = 0;
    for (const LayerIndex operand : network.operands(index)) {
        operands_.push_back(operand);
        depth = std::max(depth, depths_[operand] + 1);
    }
    operand_begin_.push_back(static_cast<std::uint32_t>(operands_.size()));
    depths_.push_back(depth);
    if (layer.kind == LayerKind::add) {
        std::sort(operands_.begin() + begin, operands_.end(), [this](LayerIndex first, LayerIndex second) {
            return depths_[first] != depths_[second] ? depths_[first] < depths_[second]
                                                     : digests_[first] < digests_[second];
        });
    }

    const auto flags = static_cast<std::uint32_t>(layer.kind) | (static_cast<std::uint32_t>(layer.activation) << 8U) |
                       (static_cast<std::uint32_t>(layer.normalization_form) << 16U) |
                       (layer.foldable ? 1U << 24U : 0U) | (layer.bias ? 1U << 25U : 0U);
    const Window& window = layer.window;
    record_.clear();
    record_.put(static_cast<std::int32_t>(flags), layer.groups);
    record_.put(window.kernel_height, window.kernel_width);
    record_.put(window.stride_height, window.stride_width);
    record_.put(window.pad_top, window.pad_bottom);
    record_.put(window.pad_left, window.pad_right);
    record_.put(layer.output.channels, layer.output.height);
    record_.put(layer.output.width, static_cast<std::int32_t>(operands_.size() - begin));
    for (std::size_t i = begin; i < operands_.size(); ++i) {
        record_.put(digests_[operands_[i]]);
    }
    digests_.push_back(record_.digest());
}

bool CanonicalForm::has_equal_layers() {
    const std::size_t slots = std::bit_ceil(2 * digests_.size());
    table_.assign(slots, 0U);
    for (std::uint32_t i = 0; i < digests_.size(); ++i) {
        std::size_t slot = digests_[i].low & (slots - 1);
        while (table_[slot] != 0) {
            if (digests_[table_[slot] - 1] == digests_[i]) {
                return true;
            }
            slot = (slot + 1) & (slots - 1);
        }
        table_[slot] = i + 1;
    }
    return false;
}

std::span<const CanonicalHash> CanonicalForm::digest_layers(const Network& network) {
    digests_.clear();
    depths_.clear();
    operands_.clear();
    operand_begin_.assign(1, 0);
    for (LayerIndex index = 0; index < network.size(); ++index) {
        digest_layer(network, index);
    }
    return digests_;
}

CanonicalHash CanonicalForm::hash(const Network& network) {
    digest_layers(network);
    if (network.size() == 0) {
        return {};
    }
    const auto size = static_cast<std::int32_t>(network.size());
    if (!has_equal_layers()) {
        // The output's digest tells the graph up to which equal layers are shared: here, all.
        record_.clear();
        record_.put(static_cast<std::int32_t>(Form::no_equal_layers), size);
        record_.put(digests_[network.output()]);
        return record_.digest();
    }

    const std::span<const std::uint64_t> colours = refinement_.distinct_colours(network, digests_);
    sorted_.clear();
    for (LayerIndex index = 0; index < network.size(); ++index) {
        const std::span<LayerIndex> read = operands(index);
        if (network.layer(index).kind == LayerKind::add) {
            std::sort(read.begin(), read.end(), [this, colours](LayerIndex first, LayerIndex second) {
                if (depths_[first] != depths_[second]) {
                    return depths_[first] < depths_[second];
                }
                return digests_[first] != digests_[second] ? digests_[first] < digests_[second]
                                                           : colours[first] < colours[second];
            });
        }
        record_.clear();
        record_.put(digests_[index]);
        record_.put(colours[index]);
        for (const LayerIndex operand : read) {
            record_.put(colours[operand]);
        }
        sorted_.push_back(record_.digest());
    }
    std::sort(sorted_.begin(), sorted_.end());
    record_.clear();
    record_.put(static_cast<std::int32_t>(Form::equal_layers), size);
    for (const CanonicalHash& digest : sorted_) {
        record_.put(digest);
    }
    return record_.digest();
}

void CanonicalForm::order(const Network& network, std::vector<LayerIndex>& order) {
    order.clear();
    if (network.size() == 0) {
        return;
    }
    next_operand_.assign(operand_begin_.begin(), operand_begin_.end() - 1);
    is_reached_.assign(network.size(), 0);
    stack_.assign(1, network.output());
    is_reached_[network.output()] = 1;
    while (!stack_.empty()) {
        const LayerIndex layer = stack_.back();
        if (next_operand_[layer] == operand_begin_[layer + 1]) {
            order.push_back(layer);
            stack_.pop_back();
            continue;
        }
        const LayerIndex operand = operands_[next_operand_[layer]++];
        if (is_reached_[operand] == 0) {
            is_reached_[operand] = 1;
            stack_.push_back(operand);
        }
    }
}

// Scratch space is kept: a search hashes thousands of networks per second on each thread.
CanonicalForm& scratch() {
    thread_local CanonicalForm form;
    return form;
}

int hexadecimal_value(char digit) {
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    if (digit >= 'a' && digit <= 'f') {
        return digit - 'a' + 10;
    }
    return -1;
}

}  // namespace

std::string to_text(const CanonicalHash& hash) {
    constexpr char digits[] = "0123456789abcdef";
    std::string text(32, '0');
    for (unsigned i = 0; i < 16; ++i) {
        text[i] = digits[(hash.high >> (60U - 4U * i)) & 15U];
        text[16 + i] = digits[(hash.low >> (60U - 4U * i)) & 15U];
    }
    return text;
}

CanonicalHash parse_canonical_hash(const std::string& text) {
    CanonicalHash hash;
    if (text.size() != 32) {
        throw std::invalid_argument("canonical hash '" + text + "' is not 32 hexadecimal digits");
    }
    for (std::size_t i = 0; i < 32; ++i) {
        const int value = hexadecimal_value(text[i]);
        if (value < 0) {
            throw std::invalid_argument("canonical hash '" + text + "' is not 32 lower-case hexadecimal digits");
        }
        std::uint64_t& half = i < 16 ? hash.high : hash.low;
        half = (half << 4U) | static_cast<std::uint64_t>(value);
    }
    return hash;
}

CanonicalHash canonical_hash(const Network& network) {
    return scratch().hash(network);
}

void layer_digests(const Network& network, std::vector<CanonicalHash>& digests) {
    const std::span<const CanonicalHash> found = scratch().digest_layers(network);
    digests.assign(found.begin(), found.end());
}

std::vector<LayerIndex> canonical_order(const Network& network) {
    std::vector<LayerIndex> order;
    canonical_form(network, order);
    return order;
}

CanonicalHash canonical_form(const Network& network, std::vector<LayerIndex>& order) {
    CanonicalForm& form = scratch();
    const CanonicalHash hash = form.hash(network);
    form.order(network, order);
    return hash;
}

}  // namespace sotto::arch
