// SPDX-License-Identifier: Apache-2.0
#include "cost_models/protocol/comparison_counts.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

namespace sotto::protocol {
namespace {

constexpr std::int64_t computational_security_bits = 128;
constexpr std::int64_t block_bytes = 16;         // the seed of the hash that every batch of transfers starts with
constexpr std::int64_t pack_group = 8;           // messages of so many transfers are packed into whole words
constexpr std::int64_t extension_batch = 16384;  // transfers of one extension: its matrix is sent whole
constexpr std::int64_t bytes_of_extension_batch = extension_batch * computational_security_bits / 8;
constexpr std::int64_t word_bits = 64;
constexpr std::int64_t block_bits = 8 * block_bytes;

constexpr std::int64_t ceiling_quotient(std::int64_t dividend, std::int64_t divisor) {
    return (dividend + divisor - 1) / divisor;
}

constexpr std::int64_t multiple_of_8(std::int64_t value) {
    return (value + 7) / 8 * 8;
}

constexpr int ceiling_log2(std::int64_t value) {
    return value <= 1 ? 0 : static_cast<int>(std::bit_width(static_cast<std::uint64_t>(value - 1)));
}

// The tree of a comparison of `bits` bits: digits at its leaves, and bit triples for what joins them. Of two digits,
// (less, equal) of the pair take two ANDs, but the lowest pair of each level needs no `equal`.
struct ComparisonTree {
    std::int64_t digits;
    std::int64_t levels;
    std::int64_t triples;

    ComparisonTree(std::int64_t bits, std::int64_t radix_bits)
        : digits(ceiling_quotient(bits, radix_bits)),
          levels(ceiling_log2(digits)),
          triples(digits > 1 ? 2 * digits - 2 - levels : 0) {}
};

// What one thread sends and draws for `size` elements, a multiple of 8. Forward is from the sender of the comparison's
// transfers (the server in even threads) to their receiver, backward the other way.
class Transcript {
  public:
    struct Direction {
        double transfers = 0;  // whose messages go this way
        double bytes = 0;      // all that is sent this way
    };

    Transcript(const EngineParameters& parameters, std::int64_t size)
        : size_(static_cast<double>(size)),
          radix_bits_(parameters.comparison_radix_bits),
          is_silent_(parameters.transfers == TransferSource::silent_pool) {}

    // `per_element` transfers of one of 2^choice_bits messages of message_bits bits, packed into words of packing_bits.
    void choose(std::int64_t per_element, std::int64_t choice_bits, std::int64_t message_bits,
                std::int64_t packing_bits) {
        choose(forward, backward, per_element, choice_bits, message_bits << choice_bits, packing_bits);
    }

    // Kolesnikov and Kumaresan 2013: 1 of N takes two security parameters of bits, 1 of 2 takes one.
    void choose_by_extension(std::int64_t per_element, std::int64_t choice_bits, std::int64_t message_bits) {
        extend(forward, backward, per_element, choice_bits, message_bits << choice_bits);
    }

    // One transfer for each element of a value, or the value plus a correlation.
    void correlate(std::int64_t message_bits) { correlate(forward, backward, message_bits); }

    // `per_element` correlated transfers of whole words, by extension in every engine.
    void correlate_by_extension(std::int64_t per_element) {
        const double transfers = size_ * static_cast<double>(per_element);
        extended += transfers;
        const std::int64_t batches = ceiling_quotient(static_cast<std::int64_t>(transfers), extension_batch);
        backward.bytes += static_cast<double>(batches * bytes_of_extension_batch);
        forward.bytes += transfers * word_bits / 8;
    }

    // `per_element` comparisons of `bits` bits each. Returns the one-way messages.
    std::int64_t compare(std::int64_t per_element, std::int64_t bits) {
        if (bits <= radix_bits_) {
            choose(per_element, bits, 1, 8);
            return 2;
        }
        const ComparisonTree tree(bits, radix_bits_);
        if (is_silent_) {
            choose(per_element * tree.digits, radix_bits_, 2, 8);
            forward.bytes += block_bytes;
            backward.bytes += block_bytes;
        } else {
            compare_leaves_by_extension(per_element, tree, bits);
            make_triples_by_extension(per_element, tree);
        }
        const double ands = size_ * static_cast<double>(per_element * tree.triples);
        triples += ands;
        // Each party opens two masked bits for each AND.
        forward.bytes += ands / 4;
        backward.bytes += ands / 4;
        return 4 + tree.levels;
    }

    // Selects one of a value and 0 by a shared bit. Returns the one-way messages.
    std::int64_t select(std::int64_t bits) {
        if (is_silent_) {
            correlate(forward, backward, bits);
            correlate(backward, forward, bits);
        } else {
            extend(forward, backward, 1, 1, 2 * bits);
            extend(backward, forward, 1, 1, 2 * bits);
        }
        return 4;
    }

    // The same for a value and an index together, each in half of a block.
    std::int64_t select_value_and_index() {
        choose(forward, backward, 1, 1, 2 * block_bits, word_bits);
        choose(backward, forward, 1, 1, 2 * block_bits, word_bits);
        return 4;
    }

    // So many rounds of what was done.
    void repeat(double rounds) {
        for (double* value :
             {&forward.transfers, &forward.bytes, &backward.transfers, &backward.bytes, &triples, &extended}) {
            *value *= rounds;
        }
    }

    Direction forward, backward;
    double triples = 0;
    double extended = 0;

  private:
    static std::int64_t packed(std::int64_t bits, std::int64_t packing_bits) {
        return ceiling_quotient(pack_group * bits, packing_bits) * packing_bits / pack_group;
    }

    void choose(Direction& there, Direction& back, std::int64_t per_element, std::int64_t choice_bits,
                std::int64_t messages, std::int64_t packing_bits) {
        if (!is_silent_) {
            extend(there, back, per_element, choice_bits, messages);
            return;
        }
        const double choices = size_ * static_cast<double>(per_element * choice_bits);
        there.transfers += choices;
        back.bytes += choices / 8;
        there.bytes += block_bytes + size_ * static_cast<double>(per_element * packed(messages, packing_bits)) / 8;
    }

    void correlate(Direction& there, Direction& back, std::int64_t message_bits) {
        if (!is_silent_) {
            extend(there, back, 1, 1, message_bits);
            return;
        }
        there.transfers += size_;
        back.bytes += size_ / 8;
        there.bytes += block_bytes + size_ * static_cast<double>(packed(message_bits, word_bits)) / 8;
    }

    void extend(Direction& there, Direction& back, std::int64_t per_element, std::int64_t choice_bits,
                std::int64_t messages) {
        const double transfers = size_ * static_cast<double>(per_element);
        extended += transfers;
        back.bytes += transfers * (choice_bits > 1 ? 2 : 1) * computational_security_bits / 8;
        there.bytes += transfers * static_cast<double>(messages) / 8;
    }

    // The lowest digit needs no `equal`, a last digit of fewer bits has fewer messages.
    void compare_leaves_by_extension(std::int64_t per_element, const ComparisonTree& tree, std::int64_t bits) {
        const std::int64_t rest = bits % radix_bits_;
        choose(per_element, radix_bits_, 1, 8);
        choose(per_element * (tree.digits - 1 - (rest > 0 ? 1 : 0)), radix_bits_, 2, 8);
        if (rest > 0) {
            choose(per_element, rest, 2, 8);
        }
    }

    // Two ANDs with an operand in common share a 1 of 8, two others a 1 of 16 (CrypTFlow2, section 3).
    void make_triples_by_extension(std::int64_t per_element, const ComparisonTree& tree) {
        const std::int64_t alone = std::min(tree.levels, tree.triples);
        const double elements = size_ * static_cast<double>(per_element);
        const double pairs_alone = elements * static_cast<double>(alone) / 2;
        const double pairs_correlated = elements * static_cast<double>(tree.triples - alone) / 2;
        extended += pairs_alone + pairs_correlated;
        backward.bytes += (pairs_alone + pairs_correlated) * 2 * computational_security_bits / 8;
        forward.bytes += (pairs_alone * 32 + pairs_correlated * 16) / 8;
    }

    double size_;
    std::int64_t radix_bits_;
    bool is_silent_;
};

// Adds `threads` threads that do the same.
void add_threads(OperationCounts& counts, const Transcript& transcript, bool roles_swapped, double threads) {
    const Transcript::Direction& server = roles_swapped ? transcript.backward : transcript.forward;
    const Transcript::Direction& client = roles_swapped ? transcript.forward : transcript.backward;
    counts.server_ots += server.transfers * threads;
    counts.client_ots += client.transfers * threads;
    counts.server_sent_bytes += server.bytes * threads;
    counts.client_sent_bytes += client.bytes * threads;
    counts.bit_triples += transcript.triples * threads;
    counts.extension_ots += transcript.extended * threads;
}

// Runs `protocol` (Transcript& -> one-way messages) over the elements, split among the threads as engines do: equal
// multiples of 8, and the rest to the last.
template <class Protocol>
void add_over_threads(const EngineProfile& profile, std::int64_t elements, OperationCounts& counts,
                      const Protocol& protocol) {
    const EngineParameters& parameters = profile.parameters();
    const std::int64_t size = multiple_of_8(elements);
    const std::int64_t threads = parameters.threads;
    const std::int64_t others = threads - 1;
    const std::int64_t chunk = size / (8 * threads) * 8;
    Transcript last(parameters, size - others * chunk);
    counts.flows += static_cast<double>(protocol(last));
    add_threads(counts, last, others % 2 == 1, 1);
    if (parameters.transfers == TransferSource::silent_pool) {
        // The last thread has the most to do.
        counts.forward_draws += last.forward.transfers + last.triples;
        counts.backward_draws += last.backward.transfers + last.triples;
    }
    if (others > 0 && chunk > 0) {
        Transcript other(parameters, chunk);
        protocol(other);
        const std::int64_t swapped = others / 2;
        add_threads(counts, other, false, static_cast<double>(others - swapped));
        add_threads(counts, other, true, static_cast<double>(swapped));
    }
}

// The bits that decide the sign in an approximate ReLU: the lowest are dropped (more of them from a product), and as
// many high ones as leave whole digits.
std::int64_t approximate_comparison_bits(const EngineParameters& parameters, bool truncates) {
    const std::int64_t dropped = truncates ? std::int64_t{3} * parameters.scale / 2 : parameters.scale;
    const std::int64_t left = parameters.bit_length - dropped - 1;
    assert(left >= parameters.comparison_radix_bits);
    return left - left % parameters.comparison_radix_bits;
}

// Of a value whose sign bit is known or guessed: wrap from the sign bits, then into the ring of the truncated bits.
std::int64_t truncate_by_sign(Transcript& transcript, const EngineParameters& parameters) {
    transcript.choose(1, 1, 1, 8);
    transcript.correlate(parameters.scale);
    return 4;
}

// CrypTFlow2, section 4, with a known sign: carry of the truncated bits, wrap by a 1 of 4, both into the ring.
std::int64_t truncate_by_carry(Transcript& transcript, const EngineParameters& parameters) {
    const std::int64_t flows = transcript.compare(1, parameters.scale);
    transcript.choose(1, 2, parameters.bit_length, word_bits);
    transcript.correlate(parameters.bit_length);
    return flows + 4;
}

}  // namespace

void add_relu(const EngineProfile& profile, std::int64_t elements, bool truncates, OperationCounts& counts) noexcept {
    const EngineParameters& parameters = profile.parameters();
    const bool is_silent = parameters.transfers == TransferSource::silent_pool;
    const std::int64_t bits = parameters.relu_comparison == ReluComparison::approximate
                                  ? approximate_comparison_bits(parameters, truncates)
                                  : parameters.bit_length - 1;
    add_over_threads(profile, elements, counts, [&](Transcript& transcript) {
        std::int64_t flows = transcript.compare(1, bits);
        flows += transcript.select(parameters.bit_length);
        if (truncates) {
            // Its first message travels with the last one of the selection.
            flows +=
                (is_silent ? truncate_by_sign(transcript, parameters) : truncate_by_carry(transcript, parameters)) - 1;
        }
        return flows;
    });
}

void add_truncation(const EngineProfile& profile, std::int64_t elements, OperationCounts& counts) noexcept {
    const EngineParameters& parameters = profile.parameters();
    add_over_threads(profile, elements, counts, [&](Transcript& transcript) -> std::int64_t {
        if (parameters.truncation == Truncation::one_bit_error) {
            return truncate_by_sign(transcript, parameters);
        }
        if (parameters.transfers == TransferSource::extension) {
            const std::int64_t sign = transcript.compare(1, parameters.bit_length - 1);
            return sign + truncate_by_carry(transcript, parameters);
        }
        const std::int64_t wrap = transcript.compare(1, parameters.bit_length);
        transcript.correlate(parameters.scale);
        return wrap + 2;
    });
}

void add_max_pool(const EngineProfile& profile, std::int64_t outputs, std::int64_t window,
                  OperationCounts& counts) noexcept {
    const EngineParameters& parameters = profile.parameters();
    add_over_threads(profile, outputs, counts, [&](Transcript& transcript) {
        std::int64_t flows = transcript.compare(1, parameters.bit_length - 1);
        flows += transcript.select(parameters.bit_length);
        transcript.repeat(static_cast<double>(window - 1));
        return flows * (window - 1) + 1;
    });
}

void add_average_pool(const EngineProfile& profile, std::int64_t outputs, std::int64_t window,
                      OperationCounts& counts) noexcept {
    const EngineParameters& parameters = profile.parameters();
    const std::int64_t remainder_bits = ceiling_log2(6 * window);
    // Whether the sum of remainders can stay below -window: if not, two comparisons are enough.
    const std::uint64_t ring_remainder =
        (std::uint64_t{1} << static_cast<unsigned>(parameters.bit_length)) % static_cast<std::uint64_t>(window);
    const std::int64_t comparisons = 2 * ring_remainder < static_cast<std::uint64_t>(window) ? 2 : 3;
    add_over_threads(profile, outputs, counts, [&](Transcript& transcript) {
        std::int64_t flows = transcript.compare(1, parameters.bit_length - 1);
        if (parameters.bit_length + remainder_bits <= word_bits) {
            transcript.choose(1, 2, parameters.bit_length + remainder_bits, word_bits);
        } else {
            transcript.choose_by_extension(1, 2, 2 * word_bits);
        }
        flows += 2;
        const std::int64_t small = transcript.compare(comparisons, remainder_bits - 1);
        transcript.correlate_by_extension(comparisons);
        // A tree's last message travels with the extension's first.
        return flows + small + (small > 2 ? 3 : 4);
    });
}

void add_argmax(const EngineProfile& profile, std::int64_t elements, OperationCounts& counts) noexcept {
    const EngineParameters& parameters = profile.parameters();
    // Halves what is left at each level; a level's comparisons come in eights.
    for (std::int64_t left = elements; left > 1; left = ceiling_quotient(left, 2)) {
        const std::int64_t comparisons = multiple_of_8(ceiling_quotient(left, 2));
        add_over_threads(profile, comparisons, counts, [&](Transcript& transcript) {
            const std::int64_t flows = transcript.compare(1, parameters.bit_length - 1);
            return flows + transcript.select_value_and_index();
        });
    }
}

}  // namespace sotto::protocol
