// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include <Random123/philox.h>

namespace sotto::random {

/// What a stream of draws is for. The numbers are part of every run's identity: append, never renumber.
enum class Purpose : std::uint32_t {
    initial_population = 1,
    selection = 2,
    crossover = 3,
    mutation = 4,
    random_sample = 5,
    proxy_weights = 6,
    proxy_inputs = 7,
    written_weights = 8,
    surrogate_weights = 9,
    restart = 10,
    genome_of_network = 11,
    data_split = 100,
    network_weights = 101,
    validation_part = 102,
    training_order = 103,
    hyperparameters = 104,
    augmentation = 105,
    test = 1000,
};

/// A counter-based stream (Philox4x32-10; Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011).
///
/// Every draw is a function of (run seed, generation, candidate index, purpose, position in the stream), so the order
/// in which threads get to it cannot change it. Cheap to construct and copy; a stream belongs to one thread at a time.
/// The sequence is the same on every platform.
class Stream {
  public:
    Stream(std::uint64_t run_seed, std::uint32_t generation, std::uint32_t candidate_index, Purpose purpose) noexcept
        : key_{{static_cast<std::uint32_t>(run_seed), static_cast<std::uint32_t>(run_seed >> 32U)}},
          counter_{{0, generation, candidate_index, static_cast<std::uint32_t>(purpose)}} {}

    /// 64 uniform bits.
    std::uint64_t bits() noexcept {
        if (available_ == 0) {
            block_ = Generator{}(counter_, key_);
            ++counter_[0];
            available_ = 2;
        }
        --available_;
        const std::size_t at = available_ == 1 ? 0 : 2;
        return (static_cast<std::uint64_t>(block_[at + 1]) << 32U) | block_[at];
    }

    /// Uniform in [0, bound), without bias; `bound` > 0. (Lemire, "Fast random integer generation in an interval",
    /// 2019.)
    std::uint64_t below(std::uint64_t bound) noexcept {
        __extension__ using Wide = unsigned __int128;
        Wide product = static_cast<Wide>(bits()) * bound;
        if (static_cast<std::uint64_t>(product) < bound) {
            const std::uint64_t threshold = (0 - bound) % bound;
            while (static_cast<std::uint64_t>(product) < threshold) {
                product = static_cast<Wide>(bits()) * bound;
            }
        }
        return static_cast<std::uint64_t>(product >> 64U);
    }

    /// Uniform in [0, 1), 53 bits.
    double unit() noexcept { return static_cast<double>(bits() >> 11U) * 0x1.0p-53; }

    bool chance(double probability) noexcept { return unit() < probability; }

  private:
    using Generator = r123::Philox4x32;

    Generator::key_type key_;
    Generator::ctr_type counter_;
    Generator::ctr_type block_{};
    unsigned available_ = 0;
};

/// Every order of the values with one chance (Durstenfeld, "Algorithm 235: Random permutation", CACM 1964).
template <typename Values>
void shuffle(Values& values, Stream& stream) {
    for (std::size_t left = values.size(); left > 1; --left) {
        std::swap(values[left - 1], values[stream.below(left)]);
    }
}

}  // namespace sotto::random
