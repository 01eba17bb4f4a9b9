// SPDX-License-Identifier: Apache-2.0
#include "cost_models/protocol/linear_counts.hpp"

#include <algorithm>
#include <tuple>
#include <vector>

#include "tests/support/catch.hpp"

namespace {

using namespace sotto::protocol;

sotto_operation convolution(int channels, int extent, int filters, int kernel, int stride, int pad) {
    sotto_operation operation{};
    operation.struct_size = sizeof operation;
    operation.kind = SOTTO_OPERATION_CONVOLUTION;
    operation.input = {channels, extent, extent};
    const int output = (extent + 2 * pad - kernel) / stride + 1;
    operation.output = {filters, output, output};
    operation.window = {kernel, kernel, stride, stride, pad, pad, pad, pad};
    operation.elements = std::int64_t{filters} * output * output;
    return operation;
}

// Tiles counted by walking over the image: slices advance by what they add to the result.
struct WalkedTiling {
    std::int64_t groups = 0;
    std::int64_t slices = 0;
    std::int64_t kept = 0;
};

WalkedTiling walk(int channels, int extent, int kernel, int stride, int pad) {
    int padded = extent + (pad > 0 ? kernel - 1 : 0);
    if (kernel == 1) {
        int read = 0;
        for (int position = 0; position < padded; position += stride) {
            ++read;
        }
        padded = read;
    }
    int slice = padded;
    int together = 1;
    if (padded * padded <= 4096) {
        while (together < channels && (together + 1) * padded * padded <= 4096 &&
               (together + 1) * kernel * kernel <= 4096) {
            ++together;
        }
    } else {
        slice = 64;
    }
    WalkedTiling result;
    for (int channel = 0; channel < channels; channel += together) {
        ++result.groups;
    }
    std::vector<int> results;  // along one axis, of each slice
    const int all = padded - kernel + 1;
    for (int done = 0; done < all;) {
        const int here = std::min(slice - kernel + 1, all - done);
        results.push_back(here);
        done += here;
    }
    for (const int high : results) {
        for (const int wide : results) {
            ++result.slices;
            result.kept += std::int64_t{high} * wide;
        }
    }
    return result;
}

}  // namespace

TEST_CASE("Convolution tiling is what walking over a square image counts") {
    for (const int channels : {1, 3, 5, 16, 64, 100}) {
        for (const int extent : {4, 7, 14, 28, 33, 56, 64, 65, 112, 224}) {
            for (const auto& [kernel, stride, pad] : std::vector<std::tuple<int, int, int>>{
                     {1, 1, 0}, {1, 2, 0}, {3, 1, 0}, {3, 1, 1}, {3, 2, 1}, {5, 2, 2}, {7, 2, 3}}) {
                if (extent < kernel) {
                    continue;
                }
                INFO(channels << " channels of " << extent << ", kernel " << kernel << ", stride " << stride);
                const ConvolutionTiling tiling =
                    convolution_tiling(convolution(channels, extent, 8, kernel, stride, pad), 4096).value();
                const WalkedTiling walked = walk(channels, extent, kernel, stride, pad);
                CHECK(tiling.groups == walked.groups);
                CHECK(tiling.slices() == walked.slices);
                CHECK(tiling.kept == walked.kept);
            }
        }
    }
}

TEST_CASE("A line longer than a polynomial is cut into pieces of one row") {
    sotto_operation operation = convolution(3, 8192, 4, 1, 1, 0);
    operation.input.height = 1;
    operation.window.kernel_width = 3;
    const ConvolutionTiling tiling = convolution_tiling(operation, 4096).value();
    CHECK(tiling.slice_height == 1);
    CHECK(tiling.slice_width == 4096);
    CHECK(tiling.slices_high == 1);
    CHECK(tiling.slices_wide == 3);  // 4094 results each of 8190
    CHECK(tiling.kept == 8190);

    std::swap(operation.input.height, operation.input.width);
    std::swap(operation.window.kernel_height, operation.window.kernel_width);
    const ConvolutionTiling turned = convolution_tiling(operation, 4096).value();
    CHECK(turned.slices_high == 3);
    CHECK(turned.slices_wide == 1);
    CHECK(turned.kept == 8190);
}

TEST_CASE("A slice holds a whole kernel or the convolution is not counted") {
    // 64x64 fills a polynomial: each slice has one result.
    const ConvolutionTiling one = convolution_tiling(convolution(3, 100, 4, 64, 1, 0), 4096).value();
    CHECK(one.slices() == 37 * 37);
    CHECK_FALSE(convolution_tiling(convolution(3, 100, 4, 65, 1, 0), 4096).has_value());

    // Higher than a square slice, but it fits: 65 rows leave 63 columns.
    sotto_operation high = convolution(3, 100, 4, 65, 1, 0);
    high.window.kernel_width = 3;
    const ConvolutionTiling tiling = convolution_tiling(high, 4096).value();
    CHECK(tiling.slice_height == 65);
    CHECK(tiling.slice_width == 63);
    CHECK(tiling.slices_high == 36);
    CHECK(tiling.slices_wide == 2);

    // Nearly square slices are cut no shorter than the kernel.
    sotto_operation nearly = convolution(1, 66, 4, 64, 1, 0);
    nearly.input.width = 64;
    nearly.window.kernel_width = 63;
    const ConvolutionTiling kept = convolution_tiling(nearly, 4096).value();
    CHECK(kept.slice_height >= 64);
    CHECK(kept.slice_width >= 63);

    OperationCounts counts;
    CHECK_FALSE(count(*find_profile("opencheetah-2023"), convolution(3, 100, 4, 65, 1, 0), counts));
    CHECK(counts == OperationCounts{});
}

TEST_CASE("A slice of an oblong image fits a polynomial and covers the image") {
    for (const int height : {20, 63, 100, 300}) {
        for (const int width : {70, 128, 500}) {
            if (height * width <= 4096) {
                continue;
            }
            sotto_operation operation = convolution(3, 300, 8, 3, 1, 0);
            operation.input.height = height;
            operation.input.width = width;
            const ConvolutionTiling tiling = convolution_tiling(operation, 4096).value();
            INFO(height << 'x' << width);
            CHECK(tiling.slice_height * tiling.slice_width <= 4096);
            CHECK(tiling.slices_high * (tiling.slice_height - 2) >= height - 2);
            CHECK(tiling.slices_wide * (tiling.slice_width - 2) >= width - 2);
            CHECK((tiling.slices_high - 1) * (tiling.slice_height - 2) < height - 2);
            CHECK((tiling.slices_wide - 1) * (tiling.slice_width - 2) < width - 2);
        }
    }
}

TEST_CASE("Matrix tiling has the fewest ciphertexts of all cuts") {
    for (const int rows : {1, 2, 10, 16, 64, 100, 128, 257, 512, 1000, 4096, 5000}) {
        for (const int columns : {1, 10, 100, 256, 720, 1000, 4096, 6400, 8192, 25088}) {
            // Every cut, from the one with the most blocks of rows on: the first with the fewest ciphertexts wins.
            std::int64_t fewest = 1'000'000'000;
            std::int64_t row_blocks = 0;
            std::int64_t column_blocks = 0;
            for (int high = 1; high <= std::min(rows, 4096); ++high) {
                const int wide = std::min(4096 / high, columns);
                const std::int64_t out = (rows + high - 1) / high;
                const std::int64_t in = (columns + wide - 1) / wide;
                if (out + in < fewest) {
                    fewest = out + in;
                    row_blocks = out;
                    column_blocks = in;
                }
            }
            INFO(columns << " -> " << rows);
            const MatrixTiling tiling = matrix_tiling(rows, columns, 4096);
            CHECK(tiling.row_blocks == row_blocks);
            CHECK(tiling.column_blocks == column_blocks);
        }
    }
}

TEST_CASE("Products of a convolution are groups times slices times filters") {
    const EngineProfile& profile = *find_profile("opencheetah-2023");
    OperationCounts counts;

    // ResNet-50's first layer: slices of 64x64 advance by 58, so 4x4 of them cover the 224 results each way.
    add_convolution(profile, convolution(3, 230, 64, 7, 2, 0), counts);
    CHECK(counts.input_ciphertexts == 3 * 16);
    CHECK(counts.output_ciphertexts == 64 * 16);
    CHECK(counts.polynomial_products == 3 * 16 * 64);
    CHECK(counts.scalar_products == 0);
    CHECK(counts.macs == 49.0 * 3 * 64 * 112 * 112);

    // A pixel filter over an image of which one channel fills more than half of a polynomial.
    counts = {};
    add_convolution(profile, convolution(64, 56, 256, 1, 1, 0), counts);
    CHECK(counts.input_ciphertexts == 64);
    CHECK(counts.scalar_products == 64 * 256);
    CHECK(counts.polynomial_products == 0);

    // Five channels, four to a ciphertext: the filter of the last is a single coefficient.
    counts = {};
    add_convolution(profile, convolution(5, 32, 10, 1, 1, 0), counts);
    CHECK(counts.input_ciphertexts == 2);
    CHECK(counts.scalar_products == 10);
    CHECK(counts.polynomial_products == 10);
}

TEST_CASE("A normalisation has one ciphertext for each channel and tile or three for 4096 elements") {
    const EngineProfile& profile = *find_profile("opencheetah-2023");
    REQUIRE(profile.primes() == 3);
    OperationCounts counts;
    add_homomorphic_normalization(profile, {32, 96, 96}, counts);
    CHECK(counts.input_ciphertexts == 32 * 4);
    CHECK(counts.scalar_products == 32 * 4);
    counts = {};
    add_elementwise_product(profile, std::int64_t{512} * 7 * 7, counts);
    CHECK(counts.input_ciphertexts == 3 * 7);
    CHECK(counts.polynomial_products == 3 * 7);
    CHECK(homomorphic_is_cheaper(profile, {64, 56, 56}));
    CHECK_FALSE(homomorphic_is_cheaper(profile, {512, 7, 7}));
}
