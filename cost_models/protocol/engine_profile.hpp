// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "cost_models/protocol/ciphertext_sizes.hpp"

namespace sotto::protocol {

/// How a ReLU learns the sign: from all bits below it, or from the middle ones alone (Maeng and Suh, "Approximating
/// ReLU on a reduced ring for efficient MPC-based private inference", 2023).
enum class ReluComparison : std::uint8_t { exact, approximate };

/// How a product is brought back to single scale: with a comparison of all bits, or with the wrap guessed from the sign
/// bit, which can be off by one in the last bit (Cheetah, section 4).
enum class Truncation : std::uint8_t { exact, one_bit_error };

/// Where oblivious transfers come from: a pool that is extended silently, in one go, when it runs dry (Yang et al.,
/// "Ferret", CCS 2020), or one extension per batch (Kolesnikov and Kumaresan 2013 for 1 of N, IKNP 2003 for 1 of 2).
enum class TransferSource : std::uint8_t { silent_pool, extension };

/// How convolutions, fully connected layers and normalisations are computed.
enum class LinearProtocol : std::uint8_t {
    coefficient_packed,  ///< Cheetah, section 3: no rotations, one output channel a ciphertext
    unknown              ///< not modelled: count() answers false for them
};

/// How a batch normalisation is run: as the program says, the cheaper way where it does not; or always on ciphertexts
/// with one scalar for each channel, whatever the program says.
enum class Normalization : std::uint8_t { as_stated, homomorphic };

/// What a program of an engine was started with.
struct EngineParameters {
    int bit_length = 41;  ///< of the ring of the shares, 8 to 44
    int scale = 12;       ///< fractional bits, what a truncation removes; 1 to bit_length - 1
    int threads = 1;      ///< of each party; odd threads swap the roles of the parties in non-linear operations
    int comparison_radix_bits = 4;  ///< of a digit of a comparison, 1 to 8
    int polynomial_degree = 4096;   ///< a power of two, 1024 to 32768
    /// Of the coefficient modulus that answers come back in; up to 62. 0: what the engine takes, 60, or 49 for a ring
    /// below 2^40.
    int first_modulus_bits = 0;
    int second_modulus_bits = 49;  ///< of the one that is dropped before, 20 to 62
    ReluComparison relu_comparison = ReluComparison::approximate;
    Truncation truncation = Truncation::one_bit_error;
    TransferSource transfers = TransferSource::silent_pool;
    LinearProtocol linear = LinearProtocol::coefficient_packed;
    Normalization normalization = Normalization::homomorphic;
    /// Relative standard deviation of the bytes that are counted (docs/protocol_counts.md has the measured ones).
    double byte_deviation = 0.002;
    /// Ferret's regular-error parameters n = 10,608,640, k = 589,824, t = 1,295 = n / 2^13: a refill gives n transfers,
    /// of which k + 13 t + 128 are kept to make the next one.
    double transfers_per_refill = 10001853;
    /// Of one refill, from the sender of its transfers: 16 (t (2 * 13 + 1) + 1).
    double bytes_per_refill = 559456;

    friend bool operator==(const EngineParameters&, const EngineParameters&) = default;
};

/// An engine: a version of a program and its parameters. Immutable; every function on it is [any thread].
class EngineProfile {
  public:
    /// name and description must outlive the profile: they are kept as given. Throws std::invalid_argument where a
    /// parameter is out of its range, or an approximate comparison would have no digit left.
    EngineProfile(std::string_view name, std::string_view description, const EngineParameters& parameters);

    /// The same engine with other parameters.
    EngineProfile with(const EngineParameters& parameters) const {
        return EngineProfile(name_, description_, parameters);
    }

    std::string_view name() const noexcept { return name_; }
    std::string_view description() const noexcept { return description_; }
    const EngineParameters& parameters() const noexcept { return parameters_; }

    /// Of convolutions, fully connected layers and homomorphic normalisations.
    const CiphertextSizes& ring_ciphertexts() const noexcept { return ring_; }
    /// Of elementwise products, which run modulo several primes.
    const CiphertextSizes& prime_ciphertexts() const noexcept { return prime_; }
    /// How many primes those are: their product must hold a product of two shares and 40 bits that hide it.
    int primes() const noexcept { return primes_; }

  private:
    std::string_view name_;
    std::string_view description_;
    EngineParameters parameters_;
    int primes_;
    CiphertextSizes ring_;
    CiphertextSizes prime_;
};

/// The engines that are known by name:
///
///  opencheetah-2022  what the published measurements ran (Zhang and Mann, SEC 2024): exact comparisons in ReLU and
///                    truncation, 37 bits. Validated by the refills that their times show
///  opencheetah-2023  the head of 2023: approximate comparison in ReLU, one-bit truncation, 41 bits. Validated by the
///                    bytes, transfers and messages of cost_models/data/cheetah_measured
///  cryptflow2        Rathee et al., "CrypTFlow2", CCS 2020: comparisons by transfer extension; no linear operations
std::span<const EngineProfile> profiles();

/// Null where there is none of that name.
const EngineProfile* find_profile(std::string_view name);

}  // namespace sotto::protocol
