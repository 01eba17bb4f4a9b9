// SPDX-License-Identifier: Apache-2.0
#include "cost_models/analytical/features.hpp"

#include "tests/support/catch.hpp"

using namespace sotto::analytical;

// Each expected value is worked out by hand from the published formulas, with the numbers in the comment.

TEST_CASE("a convolution's output size is not rounded down") {
    sotto_operation operation{};
    operation.kind = SOTTO_OPERATION_CONVOLUTION;
    operation.input = {3, 230, 230};
    operation.output = {64, 112, 112};
    operation.window = {7, 7, 2, 2, 0, 0, 0, 0};
    operation.elements = 64 * 112 * 112;
    // (230 - 7) / 2 + 1 = 112.5; 2*7*7*3*112.5*112.5*64; 8*230*230*3; 8*3*7*7*64; 8*112.5*112.5*64
    CHECK(feature_values(LayerType::conv, operation) == FeatureValues{238140000, 1269600, 75264, 6480000});
}

TEST_CASE("a convolution's paddings count per side") {
    sotto_operation operation{};
    operation.input = {8, 10, 20};
    operation.output = {4, 6, 11};
    operation.window = {3, 5, 2, 2, 1, 2, 3, 4};
    // height (10 + 3 - 3) / 2 + 1 = 6, width (20 + 7 - 5) / 2 + 1 = 12
    CHECK(feature_values(LayerType::conv, operation) ==
          FeatureValues{2 * 3 * 5 * 8 * 6 * 12 * 4, 8 * 10 * 20 * 8, 8 * 8 * 3 * 5 * 4, 8 * 6 * 12 * 4});
}

TEST_CASE("a pool's output size is its output's") {
    sotto_operation operation{};
    operation.input = {64, 113, 113};
    operation.output = {64, 56, 56};
    operation.window = {3, 3, 2, 2, 0, 1, 0, 1};
    // 3*3*56*56*64; 8*113*113*64; 8*56*56*64
    const FeatureValues expected = {1806336, 6537728, 1605632, 0};
    CHECK(feature_values(LayerType::maxpool, operation) == expected);
    CHECK(feature_values(LayerType::avgpool, operation) == expected);
}

TEST_CASE("elementwise, normalising and fully connected operations") {
    sotto_operation operation{};
    operation.input = {256, 28, 14};
    operation.output = operation.input;
    operation.elements = 256 * 28 * 14;
    CHECK(feature_values(LayerType::relu, operation) == FeatureValues{100352, 0, 0, 0});
    CHECK(feature_values(LayerType::trunc, operation) == FeatureValues{100352, 0, 0, 0});
    CHECK(feature_values(LayerType::bn, operation) == FeatureValues{100352, 256, 0, 0});

    operation.input = {2048, 1, 1};
    operation.output = {1001, 1, 1};
    operation.elements = 1001;
    // 2*2048*1001 + 1001; 8*2048; 8*2049*1001; 8*1001
    CHECK(feature_values(LayerType::fc, operation) == FeatureValues{4101097, 16384, 16408392, 8008});
}

TEST_CASE("what was not measured has no price but the elementwise product") {
    CHECK(priced_as(SOTTO_OPERATION_MULTIPLY) == LayerType::bn);
    CHECK(priced_as(SOTTO_OPERATION_FULLY_CONNECTED) == LayerType::fc);
    CHECK_FALSE(priced_as(SOTTO_OPERATION_ARGMAX).has_value());
    CHECK_FALSE(priced_as(0).has_value());
    CHECK_FALSE(priced_as(99).has_value());
}
