// SPDX-License-Identifier: Apache-2.0
#include "engine/arch/network_builder.hpp"

#include <array>
#include <cmath>
#include <functional>
#include <string>

#include "tests/support/catch.hpp"

using namespace sotto::arch;

namespace {

Window square_window(std::int32_t kernel, std::int32_t stride, std::int32_t padding = 0) {
    return {kernel, kernel, stride, stride, padding, padding, padding, padding};
}

// Runs `add` and returns the error it must throw.
InvalidNetwork error_of(const std::function<void()>& add) {
    try {
        add();
    } catch (const InvalidNetwork& error) {
        return error;
    }
    FAIL("no InvalidNetwork was thrown");
    return {"", ""};
}

}  // namespace

TEST_CASE("Convolution and pooling sizes are those of published networks") {
    NetworkBuilder builder;
    builder.reset("sizes");

    SECTION("AlexNet: 227 -> 55 -> 27") {
        const LayerIndex input = builder.add_input("input", {3, 227, 227});
        const LayerIndex conv = builder.add_convolution("conv1", input, 96, square_window(11, 4));
        CHECK(builder.shape(conv) == Shape{96, 55, 55});
        const LayerIndex pool = builder.add_pool("pool1", conv, LayerKind::max_pool, square_window(3, 2));
        CHECK(builder.shape(pool) == Shape{96, 27, 27});
    }
    SECTION("ResNet: 224 -> 112 -> 56, global pool, 1000 classes") {
        const LayerIndex input = builder.add_input("input", {3, 224, 224});
        const LayerIndex conv = builder.add_convolution("conv1", input, 64, square_window(7, 2, 3));
        CHECK(builder.shape(conv) == Shape{64, 112, 112});
        const LayerIndex pool = builder.add_pool("pool1", conv, LayerKind::max_pool, square_window(3, 2, 1));
        CHECK(builder.shape(pool) == Shape{64, 56, 56});
        const LayerIndex mean = builder.add_global_pool("mean", pool, LayerKind::global_average_pool);
        CHECK(builder.shape(mean) == Shape{64, 1, 1});
        const LayerIndex classes = builder.add_fully_connected("classes", mean, 1000);
        CHECK(builder.shape(classes) == Shape{1000, 1, 1});
        const Network network = builder.finish(classes);
        CHECK(network.layer(mean).window == Window{56, 56, 1, 1, 0, 0, 0, 0});
    }
    SECTION("MobileNet: a depthwise convolution keeps its channels") {
        const LayerIndex input = builder.add_input("input", {32, 112, 112});
        const LayerIndex conv = builder.add_convolution("depthwise", input, 32, square_window(3, 2, 1), 32, false);
        CHECK(builder.shape(conv) == Shape{32, 56, 56});
    }
    SECTION("VGG: 512x7x7 flattens to 25088") {
        const LayerIndex input = builder.add_input("input", {512, 7, 7});
        CHECK(builder.shape(builder.add_flatten("flatten", input)) == Shape{25088, 1, 1});
    }
    SECTION("concat adds channels, add keeps them, pad grows the image") {
        const LayerIndex input = builder.add_input("input", {16, 56, 40});
        const LayerIndex left = builder.add_convolution("left", input, 64, square_window(1, 1));
        const LayerIndex right = builder.add_convolution("right", input, 64, square_window(3, 1, 1));
        const std::array both{left, right};
        CHECK(builder.shape(builder.add_concat("concat", both)) == Shape{128, 56, 40});
        CHECK(builder.shape(builder.add_add("add", both)) == Shape{64, 56, 40});
        CHECK(builder.shape(builder.add_pad("pad", input, {1, 1, 1, 1, 1, 2, 3, 4})) == Shape{16, 59, 47});
    }
}

TEST_CASE("Same padding gives ceil(in / stride) and puts the odd element at the bottom and right") {
    // Independent statement of the rule: try every size and compare with the ceiling.
    for (std::int32_t size = 1; size <= 32; ++size) {
        for (std::int32_t kernel = 1; kernel <= 7; ++kernel) {
            for (std::int32_t stride = 1; stride <= 4; ++stride) {
                const Window window = same_padding(square_window(kernel, stride), {1, size, 2 * size});
                NetworkBuilder builder;
                const LayerIndex input = builder.add_input("input", {1, size, 2 * size});
                const LayerIndex conv = builder.add_convolution("conv", input, 1, window);
                const auto expected = [&](std::int32_t extent) {
                    return static_cast<std::int32_t>(std::ceil(static_cast<double>(extent) / stride));
                };
                REQUIRE(builder.shape(conv) == Shape{1, expected(size), expected(2 * size)});
                REQUIRE((window.pad_bottom == window.pad_top || window.pad_bottom == window.pad_top + 1));
                REQUIRE((window.pad_right == window.pad_left || window.pad_right == window.pad_left + 1));
            }
        }
    }
    // TensorFlow's 7x7 stride 2 on 224: five rows, two of them above.
    const Window stem = same_padding(square_window(7, 2), {3, 224, 224});
    CHECK(stem.pad_top == 2);
    CHECK(stem.pad_bottom == 3);
}

TEST_CASE("An impossible layer is refused with its name, kind, shapes and reason") {
    NetworkBuilder builder;
    builder.reset();
    const LayerIndex input = builder.add_input("input", {64, 56, 56});
    const LayerIndex half = builder.add_pool("half", input, LayerKind::max_pool, square_window(2, 2));
    const LayerIndex narrow = builder.add_convolution("narrow", input, 32, square_window(1, 1));
    const std::size_t size = builder.size();

    struct Case {
        std::string what;
        std::function<void()> add;
    };
    const std::array unequal{input, half};
    const std::array channels{input, narrow};
    const std::array one{input};
    const std::vector<Case> cases = {
        {"layer 'c' (concat): operands 64x56x56 and 64x28x28 differ in height and width",
         [&] { builder.add_concat("c", unequal); }},
        {"layer 'c' (concat): 1 operands; at least 2 are needed", [&] { builder.add_concat("c", one); }},
        {"layer 'a' (add): operands 64x56x56 and 32x56x56 differ", [&] { builder.add_add("a", channels); }},
        {"layer 'f' (fully_connected): input 64x56x56 is not a vector; a flatten or global pool layer makes one",
         [&] { builder.add_fully_connected("f", input, 10); }},
        {"layer 'k' (conv): window 57x57 is larger than the padded input 56x56 (input 64x56x56)",
         [&] { builder.add_convolution("k", input, 8, square_window(57, 1)); }},
        {"layer 'k' (conv): window 60x60 is larger than the padded input 58x58 (input 64x56x56)",
         [&] { builder.add_convolution("k", input, 8, square_window(60, 1, 1)); }},
        {"layer 'k' (max_pool): padding 2, 2, 2, 2 is not smaller than the kernel 2x2",
         [&] { builder.add_pool("k", input, LayerKind::max_pool, square_window(2, 2, 2)); }},
        {"layer 'g' (conv): 3 groups do not divide 64 input and 9 output channels",
         [&] { builder.add_convolution("g", input, 9, square_window(1, 1), 3); }},
        {"layer 'g' (conv): 0 groups do not divide 64 input and 9 output channels",
         [&] { builder.add_convolution("g", input, 9, square_window(1, 1), 0); }},
        {"layer 'z' (conv): number of output channels 0 is not from 1 to 1048576",
         [&] { builder.add_convolution("z", input, 0, square_window(1, 1)); }},
        {"layer 'z' (conv): kernel 0x0 is not at least 1x1",
         [&] { builder.add_convolution("z", input, 1, square_window(0, 1)); }},
        {"layer 'z' (average_pool): stride 0x0 is not at least 1x1",
         [&] { builder.add_pool("z", input, LayerKind::average_pool, square_window(1, 0)); }},
        {"layer 'z' (pad): padding -1 is not from 0 to 65536",
         [&] {
             builder.add_pad("z", input, {1, 1, 1, 1, 0, -1, 0, 0});
         }},
        {"layer 'z' (pad): output height 65537 is not from 1 to 65536",
         [&] {
             builder.add_pad("z", input, {1, 1, 1, 1, 65481, 0, 0, 0});
         }},
        {"layer 'narrow' (flatten): another layer has this name", [&] { builder.add_flatten("narrow", input); }},
        {"layer 3 (flatten) has no name", [&] { builder.add_flatten("", input); }},
        {"layer 'x' (flatten): operand 3 does not exist; 3 layers were added before",
         [&] { builder.add_flatten("x", 3); }},
        {"layer 'x' (input): the network has an input already, 'input'",
         [&] {
             builder.add_input("x", {1, 1, 1});
         }},
        {"layer 'x' (activation): an activation layer without an activation; 'identity' changes nothing",
         [&] { builder.add_activation("x", input, Activation::none); }},
    };
    for (const Case& wrong : cases) {
        CHECK(error_of(wrong.add).what() == wrong.what);
        CHECK(builder.size() == size);
    }
    const InvalidNetwork error = error_of([&] { builder.add_concat("c", unequal); });
    CHECK(error.layer() == "c");
    CHECK(error.reason() == "operands 64x56x56 and 64x28x28 differ in height and width");

    // What was refused has left nothing behind: its name is free and the network can be finished.
    const LayerIndex both =
        builder.add_concat("c", std::array{narrow, builder.add_convolution("wide", input, 64, square_window(3, 1, 1))});
    const LayerIndex pooled = builder.add_pool("pooled", both, LayerKind::max_pool, square_window(2, 2));
    const LayerIndex end = builder.add_concat("end", std::array{pooled, half});
    CHECK(builder.finish(end).size() == 7);
}

TEST_CASE("Sizes that would overflow the counts are refused") {
    NetworkBuilder builder;
    CHECK(error_of([&] {
              builder.add_input("i", {1, 65537, 1});
          }).reason() == "output height 65537 is not from 1 to 65536");
    CHECK(error_of([&] {
              builder.add_input("i", {1 << 20, 65536, 65536});
          }).reason() == "number of output elements 4503599627370496 is not from 1 to 2147483648");
    const LayerIndex input = builder.add_input("i", {1024, 1024, 1024});
    CHECK(error_of([&] { builder.add_flatten("f", input); }).reason() ==
          "number of output channels 1073741824 is not from 1 to 1048576");
    CHECK(error_of([&] { builder.add_convolution("c", input, 1024, square_window(9, 1, 4)); }).reason() ==
          "more than 70368744177664 multiply-adds");
}

TEST_CASE("A network keeps layers, operands and names, and one that pays for unused layers is refused") {
    NetworkBuilder builder;
    builder.reset("small");
    const LayerIndex input = builder.add_input("image", {3, 8, 8});
    const LayerIndex conv = builder.add_convolution("conv", input, 4, square_window(3, 1, 1), 1, false);
    const LayerIndex norm = builder.add_batch_normalization("norm", conv, BatchNormalizationForm::elementwise, false);
    const LayerIndex relu = builder.add_activation("relu", norm, Activation::relu);
    const LayerIndex sum = builder.add_add("sum", std::array{relu, conv, relu});

    const Network network = builder.finish(sum);
    CHECK(network.name() == "small");
    CHECK(network.size() == 5);
    CHECK(network.output() == sum);
    CHECK(network.layer_name(norm) == "norm");
    CHECK(network.layer(norm).normalization_form == BatchNormalizationForm::elementwise);
    CHECK_FALSE(network.layer(norm).foldable);
    CHECK_FALSE(network.layer(conv).bias);
    CHECK(network.layer(relu).activation == Activation::relu);
    const auto operands = network.operands(sum);
    CHECK(std::vector<LayerIndex>(operands.begin(), operands.end()) == std::vector<LayerIndex>{relu, conv, relu});
    CHECK(network.operands(input).empty());
    CHECK(network.operand_shape(sum, 1) == Shape{4, 8, 8});

    const InvalidNetwork error = error_of([&] { builder.finish(norm); });
    CHECK(error.layer() == "sum");
    CHECK(error.reason() == "does not lead to the output 'norm'");
    NetworkBuilder nothing;
    CHECK(std::string(error_of([&] { nothing.finish(0); }).what()) == "the network has no input layer");
}

TEST_CASE("A builder that is reset builds the same network as a new one, also into existing storage") {
    const auto fill = [](NetworkBuilder& builder, int layers) {
        LayerIndex last = builder.add_input("input", {2, 4, 4});
        for (int i = 0; i < layers; ++i) {
            last = builder.add_activation("relu" + std::to_string(i), last, Activation::relu);
        }
        return last;
    };
    NetworkBuilder used;
    used.reset("first");
    Network network = used.finish(fill(used, 700));  // more than the first name table holds
    CHECK(network.layer_name(700) == "relu699");

    used.reset("second");
    used.finish_into(network, fill(used, 3));
    NetworkBuilder fresh;
    fresh.reset("second");
    CHECK(network == fresh.finish(fill(fresh, 3)));
    CHECK(network.size() == 4);
    CHECK(network.name() == "second");
}
