// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace sotto::secure {

/// Coefficients of a ciphertext of OpenCheetah's linear layers.
inline constexpr std::int64_t polynomial_degree = 4096;

/// How Athos has a batch normalisation of channels x height x width run where the network does not say it:
/// homomorphically where one ciphertext for each channel and tile is less than three for each 4096 elements, that is
/// ceil(H W / 4096) C < 3 ceil(H W C / 4096), else as an elementwise product.
constexpr bool is_homomorphic_normalization_cheaper(std::int64_t channels, std::int64_t height, std::int64_t width) {
    const auto ciphertexts = [](std::int64_t elements) {
        return (elements + polynomial_degree - 1) / polynomial_degree;
    };
    return ciphertexts(height * width) * channels < 3 * ciphertexts(height * width * channels);
}

}  // namespace sotto::secure
