// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>

#include "cost_models/protocol/operation_counts.hpp"

namespace sotto::protocol {

/// How a convolution's image is laid out in polynomials (Cheetah, section 3).
struct ConvolutionTiling {
    std::int64_t channels_per_ciphertext = 1;
    std::int64_t groups = 1;  ///< ciphertexts over the channels
    std::int64_t slices_high = 1, slices_wide = 1;
    std::int64_t slice_height = 1, slice_width = 1;  ///< of the image, neighbours overlapping by kernel - 1
    std::int64_t kept = 0;                           ///< results over all slices of one output channel, at stride 1
    std::int64_t last_group_channels = 1;

    std::int64_t slices() const noexcept { return slices_high * slices_wide; }
};

/// The image is the padded one: SAME adds kernel - 1 in both directions, whatever the stride. A kernel of 1 reads only
/// every stride-th pixel. An image that fits a polynomial is one slice, with as many channels as fit; slices of a
/// larger one hold at least one kernel. Nothing where a kernel has more pixels than a polynomial coefficients.
std::optional<ConvolutionTiling> convolution_tiling(const sotto_operation& operation,
                                                    std::int64_t polynomial_degree) noexcept;

/// How a matrix is cut: blocks of rows x columns <= polynomial degree, the cut with the fewest ciphertexts in and out,
/// among these the one with the most out.
struct MatrixTiling {
    std::int64_t row_blocks = 1;     ///< ciphertexts out
    std::int64_t column_blocks = 1;  ///< ciphertexts in
    std::int64_t rows_per_block = 1;
};

MatrixTiling matrix_tiling(std::int64_t rows, std::int64_t columns, std::int64_t polynomial_degree) noexcept;

/// Each adds to zeroed counts. A convolution that no tiling fits: false, and nothing is added.
bool add_convolution(const EngineProfile& profile, const sotto_operation& operation, OperationCounts& counts) noexcept;
void add_fully_connected(const EngineProfile& profile, const sotto_operation& operation,
                         OperationCounts& counts) noexcept;
/// One scalar for each channel; a ciphertext holds up to 64x64 of one channel.
void add_homomorphic_normalization(const EngineProfile& profile, const sotto_shape& shape,
                                   OperationCounts& counts) noexcept;
/// Slot by slot, modulo several primes.
void add_elementwise_product(const EngineProfile& profile, std::int64_t elements, OperationCounts& counts) noexcept;

/// Whether one ciphertext per channel and tile are fewer than those of an elementwise product.
bool homomorphic_is_cheaper(const EngineProfile& profile, const sotto_shape& shape) noexcept;

}  // namespace sotto::protocol
