// SPDX-License-Identifier: Apache-2.0
#include "cost_models/protocol/linear_counts.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace sotto::protocol {
namespace {

constexpr double vector_header_bytes = 4;  // number of ciphertexts that follow
constexpr double linear_flows = 2;
constexpr double most_distinct_gaps = 25;  // the compressor codes more equal gaps than that for nearly nothing

constexpr std::int64_t ceiling_quotient(std::int64_t dividend, std::int64_t divisor) {
    return (dividend + divisor - 1) / divisor;
}

std::int64_t floor_square_root(std::int64_t value) {
    return static_cast<std::int64_t>(std::sqrt(static_cast<double>(value)));
}

std::int64_t slice_count(std::int64_t extent, std::int64_t slice, std::int64_t kernel) {
    return extent > slice ? 1 + ceiling_quotient(extent - slice, slice - kernel + 1) : 1;
}

void add_ciphertexts(const CiphertextSizes& sizes, double input, double output, double download_bytes,
                     OperationCounts& counts) {
    counts.input_ciphertexts += input;
    counts.output_ciphertexts += output;
    counts.client_sent_bytes += vector_header_bytes + input * sizes.upload_bytes();
    counts.server_sent_bytes += vector_header_bytes + download_bytes;
    counts.flows += linear_flows;
}

}  // namespace

std::optional<ConvolutionTiling> convolution_tiling(const sotto_operation& operation,
                                                    std::int64_t polynomial_degree) noexcept {
    const sotto_window& window = operation.window;
    const std::int64_t kernel_height = window.kernel_height;
    const std::int64_t kernel_width = window.kernel_width;
    std::int64_t height = operation.input.height;
    std::int64_t width = operation.input.width;
    if (std::int64_t{window.pad_top} + window.pad_bottom + window.pad_left + window.pad_right > 0) {
        height += kernel_height - 1;
        width += kernel_width - 1;
    }
    if (kernel_height == 1) {
        height = ceiling_quotient(height, window.stride_height);
    }
    if (kernel_width == 1) {
        width = ceiling_quotient(width, window.stride_width);
    }

    if (kernel_height * kernel_width > polynomial_degree) {
        return std::nullopt;
    }

    const std::int64_t channels = operation.input.channels;
    ConvolutionTiling tiling;
    if (height * width <= polynomial_degree) {
        tiling.channels_per_ciphertext = std::min(
            {polynomial_degree / (height * width), channels, polynomial_degree / (kernel_height * kernel_width)});
        tiling.slice_height = height;
        tiling.slice_width = width;
    } else {
        // As much of the image's own proportions as fits; squares where that is almost one. A slice without a whole
        // kernel has no result.
        const double proportion = static_cast<double>(height) / static_cast<double>(width);
        tiling.slice_height =
            std::clamp(static_cast<std::int64_t>(std::sqrt(static_cast<double>(polynomial_degree) * proportion)),
                       kernel_height, std::min(height, polynomial_degree / kernel_width));
        tiling.slice_width = std::min(polynomial_degree / tiling.slice_height, width);
        const std::int64_t shorter = std::min(tiling.slice_height, tiling.slice_width);
        if (std::abs(tiling.slice_height - tiling.slice_width) < 2 &&
            shorter >= std::max(kernel_height, kernel_width)) {
            tiling.slice_height = tiling.slice_width = shorter;
        }
    }
    tiling.groups = ceiling_quotient(channels, tiling.channels_per_ciphertext);
    tiling.last_group_channels = channels - (tiling.groups - 1) * tiling.channels_per_ciphertext;
    tiling.slices_high = slice_count(height, tiling.slice_height, kernel_height);
    tiling.slices_wide = slice_count(width, tiling.slice_width, kernel_width);
    tiling.kept = (height - kernel_height + 1) * (width - kernel_width + 1);
    return tiling;
}

MatrixTiling matrix_tiling(std::int64_t rows, std::int64_t columns, std::int64_t polynomial_degree) noexcept {
    MatrixTiling best;
    std::int64_t fewest = std::numeric_limits<std::int64_t>::max();
    // b blocks of rows take at least b + rows columns / (degree b) ciphertexts: look around the minimum of that, and
    // no further than where it exceeds what was found.
    const std::int64_t fewest_blocks = ceiling_quotient(rows, std::min(rows, polynomial_degree));
    const double products =
        static_cast<double>(rows) * static_cast<double>(columns) / static_cast<double>(polynomial_degree);
    const auto start = std::clamp(static_cast<std::int64_t>(std::sqrt(products)), fewest_blocks, rows);
    const auto consider = [&](std::int64_t blocks) {
        const std::int64_t rows_per_block = ceiling_quotient(rows, blocks);
        const std::int64_t row_blocks = ceiling_quotient(rows, rows_per_block);
        const std::int64_t columns_per_block = std::min(polynomial_degree / rows_per_block, columns);
        const std::int64_t column_blocks = ceiling_quotient(columns, columns_per_block);
        const std::int64_t ciphertexts = row_blocks + column_blocks;
        if (ciphertexts < fewest || (ciphertexts == fewest && row_blocks > best.row_blocks)) {
            fewest = ciphertexts;
            best = {row_blocks, column_blocks, rows_per_block};
        }
    };
    const auto may_be_fewer = [&](std::int64_t blocks) {
        return static_cast<double>(blocks) + products / static_cast<double>(blocks) <=
               static_cast<double>(fewest) + 1e-9;
    };
    consider(start);
    for (std::int64_t blocks = start + 1; blocks <= rows && may_be_fewer(blocks); ++blocks) {
        consider(blocks);
    }
    for (std::int64_t blocks = start - 1; blocks >= fewest_blocks && may_be_fewer(blocks); --blocks) {
        consider(blocks);
    }
    return best;
}

bool add_convolution(const EngineProfile& profile, const sotto_operation& operation, OperationCounts& counts) noexcept {
    const auto found = convolution_tiling(operation, profile.parameters().polynomial_degree);
    if (!found) {
        return false;
    }
    const ConvolutionTiling& tiling = *found;
    const auto slices = static_cast<double>(tiling.slices());
    const double filters = operation.output.channels;
    const double output = filters * slices;
    const double kept = static_cast<double>(tiling.kept) / slices;
    const double runs = operation.window.kernel_width > 1 ? kept / static_cast<double>(tiling.slice_width) : 0;
    add_ciphertexts(profile.ring_ciphertexts(), static_cast<double>(tiling.groups) * slices, output,
                    output * profile.ring_ciphertexts().download_bytes(kept, runs), counts);

    counts.results = static_cast<double>(tiling.kept) * filters;

    // A filter of one pixel on one channel is a single coefficient.
    const bool is_pixel = operation.window.kernel_height == 1 && operation.window.kernel_width == 1;
    std::int64_t scalar_groups = 0;
    if (is_pixel && tiling.channels_per_ciphertext == 1) {
        scalar_groups = tiling.groups;
    } else if (is_pixel && tiling.last_group_channels == 1) {
        scalar_groups = 1;
    }
    counts.scalar_products = static_cast<double>(scalar_groups) * output;
    counts.polynomial_products = static_cast<double>(tiling.groups - scalar_groups) * output;
    counts.parameters = static_cast<double>(operation.window.kernel_height) * operation.window.kernel_width *
                        operation.input.channels * operation.output.channels;
    counts.macs = counts.parameters * operation.output.height * operation.output.width;
    return true;
}

void add_fully_connected(const EngineProfile& profile, const sotto_operation& operation,
                         OperationCounts& counts) noexcept {
    const std::int64_t columns =
        std::int64_t{operation.input.channels} * operation.input.height * operation.input.width;
    const std::int64_t rows =
        std::int64_t{operation.output.channels} * operation.output.height * operation.output.width;
    const MatrixTiling tiling = matrix_tiling(rows, columns, profile.parameters().polynomial_degree);
    const auto input = static_cast<double>(tiling.column_blocks);
    const auto output = static_cast<double>(tiling.row_blocks);
    const double kept = static_cast<double>(rows) / output;
    const double isolated = std::min(kept, most_distinct_gaps);
    add_ciphertexts(profile.ring_ciphertexts(), input, output,
                    output * profile.ring_ciphertexts().download_bytes(kept, isolated), counts);
    counts.results = static_cast<double>(rows);
    counts.polynomial_products = input * output;
    counts.parameters = static_cast<double>(rows) * static_cast<double>(columns);
    counts.macs = counts.parameters;
    counts.cache_conflict_parameters = columns % 1024 == 0 ? counts.parameters : 0;
    counts.severe_cache_conflict_parameters = columns % 4096 == 0 ? counts.parameters : 0;
}

void add_homomorphic_normalization(const EngineProfile& profile, const sotto_shape& shape,
                                   OperationCounts& counts) noexcept {
    const std::int64_t extent = floor_square_root(profile.parameters().polynomial_degree);
    const auto tiles =
        static_cast<double>(ceiling_quotient(shape.height, extent) * ceiling_quotient(shape.width, extent));
    const double ciphertexts = tiles * shape.channels;
    const double kept = static_cast<double>(shape.height) * shape.width / tiles;
    add_ciphertexts(profile.ring_ciphertexts(), ciphertexts, ciphertexts,
                    ciphertexts * profile.ring_ciphertexts().download_bytes(kept, 0), counts);
    counts.results = ciphertexts * kept;
    counts.scalar_products = ciphertexts;
    counts.parameters = shape.channels;
    counts.macs = static_cast<double>(shape.channels) * shape.height * shape.width;
}

void add_elementwise_product(const EngineProfile& profile, std::int64_t elements, OperationCounts& counts) noexcept {
    const std::int64_t degree = profile.parameters().polynomial_degree;
    const auto ciphertexts = static_cast<double>(profile.primes() * ceiling_quotient(elements, degree));
    // A slot touches every coefficient: all are kept.
    add_ciphertexts(profile.prime_ciphertexts(), ciphertexts, ciphertexts,
                    ciphertexts * profile.prime_ciphertexts().download_bytes(static_cast<double>(degree), 0), counts);
    counts.results = static_cast<double>(elements);
    counts.polynomial_products = ciphertexts;
    counts.macs = static_cast<double>(elements);
}

bool homomorphic_is_cheaper(const EngineProfile& profile, const sotto_shape& shape) noexcept {
    const std::int64_t degree = profile.parameters().polynomial_degree;
    const std::int64_t image = std::int64_t{shape.height} * shape.width;
    return ceiling_quotient(image, degree) * shape.channels <
           profile.primes() * ceiling_quotient(image * shape.channels, degree);
}

}  // namespace sotto::protocol
