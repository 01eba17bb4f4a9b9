// SPDX-License-Identifier: Apache-2.0
#include "cost_models/protocol/engine_profile.hpp"

#include <array>
#include <bit>
#include <stdexcept>
#include <string>

namespace sotto::protocol {
namespace {

constexpr int statistical_bits = 40;
constexpr int most_prime_bits = 50;
constexpr double unmeasured_byte_deviation = 0.05;

constexpr int ceiling_quotient(int dividend, int divisor) {
    return (dividend + divisor - 1) / divisor;
}

// The product of two shares and the mask that hides it.
constexpr int masked_product_bits(int bit_length) {
    return 2 * bit_length + 1 + statistical_bits;
}

int prime_count(const EngineParameters& parameters) {
    return ceiling_quotient(masked_product_bits(parameters.bit_length) + 1, most_prime_bits);
}

int first_modulus_bits(const EngineParameters& parameters) {
    if (parameters.first_modulus_bits > 0) {
        return parameters.first_modulus_bits;
    }
    return parameters.bit_length < 40 ? 49 : 60;
}

CiphertextParameters ring_parameters(const EngineParameters& parameters) {
    CiphertextParameters ciphertext;
    ciphertext.polynomial_degree = parameters.polynomial_degree;
    ciphertext.first_modulus_bits = first_modulus_bits(parameters);
    ciphertext.second_modulus_bits = parameters.second_modulus_bits;
    ciphertext.plain_modulus_bits = parameters.bit_length + 1;
    return ciphertext;
}

CiphertextParameters prime_parameters(const EngineParameters& parameters) {
    CiphertextParameters ciphertext = ring_parameters(parameters);
    ciphertext.plain_modulus_bits =
        ceiling_quotient(masked_product_bits(parameters.bit_length) + 1, prime_count(parameters));
    ciphertext.plain_is_power_of_two = false;
    return ciphertext;
}

void check(const char* parameter, int value, int least, int most) {
    if (value < least || value > most) {
        throw std::invalid_argument(std::string(parameter) + " is " + std::to_string(value) + ", expected " +
                                    std::to_string(least) + " to " + std::to_string(most));
    }
}

const EngineParameters& checked(const EngineParameters& parameters) {
    check("bit length", parameters.bit_length, 8, 44);
    check("scale", parameters.scale, 1, parameters.bit_length - 1);
    check("threads", parameters.threads, 1, 1024);
    check("comparison radix bits", parameters.comparison_radix_bits, 1, 8);
    check("bits of the first modulus", first_modulus_bits(parameters), parameters.bit_length + 2, 62);
    check("bits of the second modulus", parameters.second_modulus_bits, 20, 62);
    check("polynomial degree", parameters.polynomial_degree, 1024, 32768);
    if (!std::has_single_bit(static_cast<unsigned>(parameters.polynomial_degree))) {
        throw std::invalid_argument("polynomial degree is " + std::to_string(parameters.polynomial_degree) +
                                    ", expected a power of two");
    }
    if (parameters.relu_comparison == ReluComparison::approximate &&
        parameters.bit_length - 3 * parameters.scale / 2 - 1 < parameters.comparison_radix_bits) {
        throw std::invalid_argument("no digit is left for an approximate comparison of " +
                                    std::to_string(parameters.bit_length) + " bits at scale " +
                                    std::to_string(parameters.scale));
    }
    if (!(parameters.transfers_per_refill >= 1) || !(parameters.bytes_per_refill >= 0)) {
        throw std::invalid_argument("a refill yields at least one transfer and no negative number of bytes");
    }
    return parameters;
}

EngineParameters exact_parameters() {
    EngineParameters parameters;
    parameters.bit_length = 37;
    parameters.relu_comparison = ReluComparison::exact;
    parameters.truncation = Truncation::exact;
    parameters.normalization = Normalization::as_stated;
    parameters.byte_deviation = unmeasured_byte_deviation;
    return parameters;
}

EngineParameters extension_parameters() {
    EngineParameters parameters = exact_parameters();
    parameters.transfers = TransferSource::extension;
    parameters.linear = LinearProtocol::unknown;
    return parameters;
}

}  // namespace

EngineProfile::EngineProfile(std::string_view name, std::string_view description, const EngineParameters& parameters)
    : name_(name),
      description_(description),
      parameters_(checked(parameters)),
      primes_(prime_count(parameters)),
      ring_(ring_parameters(parameters)),
      prime_(prime_parameters(parameters)) {}

std::span<const EngineProfile> profiles() {
    static const std::array<EngineProfile, 3> known{
        EngineProfile("opencheetah-2022",
                      "OpenCheetah of 2022, exact comparisons, as the published measurements ran it",
                      exact_parameters()),
        EngineProfile("opencheetah-2023", "OpenCheetah of 2023, approximate ReLU comparison and one-bit truncation",
                      EngineParameters{}),
        EngineProfile("cryptflow2", "CrypTFlow2, comparisons by transfer extension; linear operations are not known",
                      extension_parameters()),
    };
    return known;
}

const EngineProfile* find_profile(std::string_view name) {
    for (const EngineProfile& profile : profiles()) {
        if (profile.name() == name) {
            return &profile;
        }
    }
    return nullptr;
}

}  // namespace sotto::protocol
