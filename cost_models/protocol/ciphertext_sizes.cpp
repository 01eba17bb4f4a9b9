// SPDX-License-Identifier: Apache-2.0
#include "cost_models/protocol/ciphertext_sizes.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace sotto::protocol {
namespace {

// Measured on random ciphertexts: a Huffman code with whole bits per symbol costs this much over the entropy.
constexpr double huffman_overhead = 1.0082;
// Length prefix, parameters' hash, scale, shape; with the seed for the half that is not sent.
constexpr double download_header_bytes = 90;
constexpr double upload_header_bytes = 120;

using ByteHistogram = std::array<double, 256>;

// Adds `weight` uniformly random coefficients of `bits` bits whose lowest `cleared` bits are zero, eight bytes each.
void add_coefficients(ByteHistogram& histogram, double weight, int bits, int cleared) {
    for (int byte = 0; byte < 8; ++byte) {
        const int lowest = std::clamp(cleared - 8 * byte, 0, 8);
        const int highest = std::clamp(bits - 8 * byte, 0, 8);
        if (lowest >= highest) {
            histogram[0] += weight;
            continue;
        }
        const int step = 1 << lowest;
        const int end = 1 << highest;
        for (int value = 0; value < end; value += step) {
            histogram[static_cast<std::size_t>(value)] += weight * step / end;
        }
    }
}

double entropy_bytes(const ByteHistogram& histogram) {
    double total = 0;
    double sum = 0;
    for (const double count : histogram) {
        if (count > 0) {
            total += count;
            sum += count * std::log2(count);
        }
    }
    return (total * std::log2(total) - sum) / 8;
}

}  // namespace

CiphertextSizes::CiphertextSizes(const CiphertextParameters& parameters) {
    const double degree = parameters.polynomial_degree;
    ByteHistogram upload{};
    add_coefficients(upload, degree, parameters.first_modulus_bits, 0);
    add_coefficients(upload, degree, parameters.second_modulus_bits, 0);
    upload_bytes_ = upload_header_bytes + huffman_overhead * entropy_bytes(upload);

    // The error may grow to half of (first modulus / plain modulus). Clearing bits of the second polynomial adds an
    // error that the secret key multiplies: 12 standard deviations of that, for a ternary key, are 12 N / sqrt(18).
    const int error_bits = parameters.first_modulus_bits - parameters.plain_modulus_bits;
    const int cleared_first = std::max(0, error_bits - (parameters.plain_is_power_of_two ? 1 : 2));
    const int key_bits = static_cast<int>(std::log2(12 * degree / std::sqrt(18.0)));
    const int cleared_second = std::max(0, error_bits - key_bits);
    const auto bytes = [&](double kept) {
        ByteHistogram download{};
        add_coefficients(download, kept, parameters.first_modulus_bits, cleared_first);
        add_coefficients(download, degree, parameters.first_modulus_bits, cleared_second);
        return download_header_bytes + huffman_overhead * entropy_bytes(download);
    };
    // The entropy is close to a parabola in the number of kept coefficients.
    const double none = bytes(0);
    const double half = bytes(degree / 2);
    const double all = bytes(degree);
    download_constant_ = none;
    download_linear_ = (4 * half - all - 3 * none) / degree;
    download_quadratic_ = 2 * (all - 2 * half + none) / (degree * degree);
}

}  // namespace sotto::protocol
