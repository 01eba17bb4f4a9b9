// SPDX-License-Identifier: Apache-2.0
#include "engine/secure/lowering.hpp"

#include <array>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/arch/canonical_hash.hpp"
#include "engine/arch/counts.hpp"
#include "engine/arch/network_builder.hpp"
#include "tests/engine/arch/random_graph.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::secure;
using arch::Activation;
using arch::LayerIndex;
using arch::LayerKind;
using arch::NetworkBuilder;
using arch::Window;

namespace {

using Lines = std::vector<std::string>;

Window square_window(std::int32_t kernel, std::int32_t stride, std::int32_t padding = 0) {
    return {kernel, kernel, stride, stride, padding, padding, padding, padding};
}

// One operation as a line that a person can check: `conv 3x8x8 > 4x8x8 3x3/1 pads 1 1 1 1`, `relu 256 truncates`.
std::string line_of(const Operation& operation) {
    std::string line(to_text(operation.kind));
    switch (operation.kind) {
        case OperationKind::relu:
        case OperationKind::truncation:
        case OperationKind::multiply:
            line += ' ' + std::to_string(operation.elements);
            break;
        default:
            line += ' ' + to_text(operation.input) + " > " + to_text(operation.output);
            break;
    }
    const Window& window = operation.window;
    if (operation.kind == OperationKind::convolution || operation.kind == OperationKind::max_pool ||
        operation.kind == OperationKind::average_pool) {
        line += ' ' + std::to_string(window.kernel_height) + 'x' + std::to_string(window.kernel_width) + '/' +
                std::to_string(window.stride_height);
        CHECK(window.stride_height == window.stride_width);
        if (window.pad_top + window.pad_bottom + window.pad_left + window.pad_right > 0) {
            line += " pads " + std::to_string(window.pad_top) + ' ' + std::to_string(window.pad_bottom) + ' ' +
                    std::to_string(window.pad_left) + ' ' + std::to_string(window.pad_right);
        }
    }
    if (operation.truncates) {
        line += " truncates";
    }
    if (operation.normalization != BatchNormalizationKind::none) {
        line += ' ' + std::string(to_text(operation.normalization));
    }
    CHECK(operation.elements == operation.output.elements());
    return line;
}

Lines lines_of(const arch::Network& network) {
    Lowering lowering;
    SecureProgram program;
    const auto unsupported = lowering.lower(network, program);
    REQUIRE_FALSE(unsupported.has_value());
    Lines lines;
    for (const Operation& operation : program.operations) {
        lines.push_back(line_of(operation));
    }
    return lines;
}

// A network over an 8x8 image of 4 channels.
Lines lines_of(const std::function<LayerIndex(NetworkBuilder&, LayerIndex)>& fill) {
    NetworkBuilder builder;
    const LayerIndex input = builder.add_input("input", {4, 8, 8});
    return lines_of(builder.finish(fill(builder, input)));
}

Unsupported unsupported_of(const std::function<LayerIndex(NetworkBuilder&, LayerIndex)>& fill,
                           arch::Shape image = {4, 8, 8}) {
    NetworkBuilder builder;
    const LayerIndex input = builder.add_input("input", image);
    Lowering lowering;
    SecureProgram program;
    program.operations.resize(3);
    const auto unsupported = lowering.lower(builder.finish(fill(builder, input)), program);
    REQUIRE(unsupported.has_value());
    CHECK(program.operations.empty());
    return *unsupported;
}

}  // namespace

TEST_CASE("A ReLU truncates a product and nothing else") {
    CHECK(lines_of([](NetworkBuilder& b, LayerIndex input) {
              const LayerIndex conv = b.add_convolution("conv", input, 2, square_window(3, 1));
              const LayerIndex first = b.add_activation("first", conv, Activation::relu);
              return b.add_activation("second", first, Activation::relu);
          }) == Lines{"conv 4x8x8 > 2x6x6 3x3/1", "relu 72 truncates", "relu 72"});
}

TEST_CASE("A product that is read at single scale is truncated once") {
    // conv -> {conv, square}: both need the truncated value.
    CHECK(lines_of([](NetworkBuilder& b, LayerIndex input) {
              const LayerIndex conv = b.add_convolution("conv", input, 2, square_window(1, 1));
              const LayerIndex next = b.add_convolution("next", conv, 2, square_window(3, 1, 1));
              const LayerIndex square = b.add_activation("square", conv, Activation::square);
              return b.add_concat("concat", std::array{next, square});
          }) == Lines{"conv 4x8x8 > 2x8x8 1x1/1", "trunc 128", "conv 2x8x8 > 2x8x8 3x3/1 pads 1 1 1 1", "mul 128"});
}

TEST_CASE("A sum is taken at the higher scale and truncated once, after it") {
    const Lines three = lines_of([](NetworkBuilder& b, LayerIndex input) {
        const LayerIndex left = b.add_convolution("left", input, 4, square_window(1, 1));
        const LayerIndex right = b.add_convolution("right", input, 4, square_window(3, 1, 1));
        const LayerIndex sum = b.add_add("sum", std::array{left, input, right});
        return b.add_activation("square", sum, Activation::square);
    });
    REQUIRE(three.size() == 4);  // both convolutions first, in an order of no importance here
    CHECK(Lines{three[2], three[3]} == Lines{"trunc 256", "mul 256"});
    // The identity branch is scaled up.
    const Lines lines = lines_of([](NetworkBuilder& b, LayerIndex input) {
        const LayerIndex conv = b.add_convolution("conv", input, 4, square_window(1, 1));
        const LayerIndex sum = b.add_add("sum", std::array{conv, input});
        const LayerIndex flat = b.add_flatten("flat", sum);
        return b.add_fully_connected("classes", flat, 10);
    });
    CHECK(lines == Lines{"conv 4x8x8 > 4x8x8 1x1/1", "trunc 256", "fc 256x1x1 > 10x1x1"});
    CHECK(lines_of([](NetworkBuilder& b, LayerIndex input) {
              const LayerIndex twice = b.add_add("twice", std::array{input, input});
              return b.add_convolution("conv", twice, 1, square_window(8, 1));
          }) == Lines{"conv 4x8x8 > 1x1x1 8x8/1"});
}

TEST_CASE("Concat truncates products only where scales differ") {
    const auto joined = [](bool activated) {
        return lines_of([activated](NetworkBuilder& b, LayerIndex input) {
            LayerIndex left = b.add_convolution("left", input, 2, square_window(1, 1));
            if (activated) {
                left = b.add_activation("relu", left, Activation::relu);
            }
            const LayerIndex right = b.add_convolution("right", input, 3, square_window(1, 1));
            const LayerIndex both = b.add_concat("both", std::array{left, right});
            return b.add_activation("end", both, Activation::relu);
        });
    };
    CHECK(joined(true) ==
          Lines{"conv 4x8x8 > 2x8x8 1x1/1", "relu 128 truncates", "conv 4x8x8 > 3x8x8 1x1/1", "trunc 192", "relu 320"});
    CHECK(joined(false) == Lines{"conv 4x8x8 > 2x8x8 1x1/1", "conv 4x8x8 > 3x8x8 1x1/1", "relu 320 truncates"});
}

TEST_CASE("The output is not truncated") {
    CHECK(lines_of([](NetworkBuilder& b, LayerIndex input) {
              return b.add_activation("square", input, Activation::square);
          }) == Lines{"mul 256"});
    CHECK(lines_of([](NetworkBuilder&, LayerIndex input) { return input; }).empty());
}

TEST_CASE("A ReLU that feeds only a max pool is executed after it") {
    CHECK(lines_of([](NetworkBuilder& b, LayerIndex input) {
              const LayerIndex conv = b.add_convolution("conv", input, 2, square_window(1, 1));
              const LayerIndex relu = b.add_activation("relu", conv, Activation::relu);
              return b.add_pool("pool", relu, LayerKind::max_pool, square_window(2, 2));
          }) == Lines{"conv 4x8x8 > 2x8x8 1x1/1", "maxpool 2x8x8 > 2x4x4 2x2/2", "relu 32 truncates"});
    // Through an identity, a second and a global pool.
    CHECK(lines_of([](NetworkBuilder& b, LayerIndex input) {
              const LayerIndex relu = b.add_activation("relu", input, Activation::relu);
              const LayerIndex same = b.add_activation("same", relu, Activation::identity);
              const LayerIndex pool = b.add_pool("pool", same, LayerKind::max_pool, square_window(2, 2));
              return b.add_global_pool("global", pool, LayerKind::global_max_pool);
          }) == Lines{"maxpool 4x8x8 > 4x4x4 2x2/2", "maxpool 4x4x4 > 4x1x1 4x4/1", "relu 4"});
    // Not where it has another reader, and not into an average pool or through a concat.
    CHECK(lines_of([](NetworkBuilder& b, LayerIndex input) {
              const LayerIndex relu = b.add_activation("relu", input, Activation::relu);
              const LayerIndex pool = b.add_pool("pool", relu, LayerKind::max_pool, square_window(3, 1, 1));
              return b.add_add("sum", std::array{relu, pool});
          }) == Lines{"relu 256", "maxpool 4x8x8 > 4x8x8 3x3/1 pads 1 1 1 1"});
    CHECK(lines_of([](NetworkBuilder& b, LayerIndex input) {
              const LayerIndex relu = b.add_activation("relu", input, Activation::relu);
              return b.add_pool("pool", relu, LayerKind::average_pool, square_window(2, 2));
          }) == Lines{"relu 256", "avgpool 4x8x8 > 4x4x4 2x2/2"});
    CHECK(lines_of([](NetworkBuilder& b, LayerIndex input) {
              const LayerIndex relu = b.add_activation("relu", input, Activation::relu);
              const LayerIndex both = b.add_concat("both", std::array{input, relu});
              return b.add_pool("pool", both, LayerKind::max_pool, square_window(2, 2));
          }) == Lines{"relu 256", "maxpool 8x8x8 > 8x4x4 2x2/2"});
}

TEST_CASE("Pooling keeps the scale") {
    CHECK(lines_of([](NetworkBuilder& b, LayerIndex input) {
              const LayerIndex conv = b.add_convolution("conv", input, 2, square_window(1, 1));
              const LayerIndex pool = b.add_pool("pool", conv, LayerKind::average_pool, square_window(2, 2));
              return b.add_convolution("next", pool, 2, square_window(1, 1));
          }) ==
          Lines{"conv 4x8x8 > 2x8x8 1x1/1", "avgpool 2x8x8 > 2x4x4 2x2/2", "trunc 32", "conv 2x4x4 > 2x4x4 1x1/1"});
}

TEST_CASE("Batch normalisation is folded into the linear operation that alone feeds it") {
    const auto after = [](bool foldable, bool shared) {
        return lines_of([foldable, shared](NetworkBuilder& b, LayerIndex input) {
            const LayerIndex conv = b.add_convolution("conv", input, 4, square_window(1, 1));
            const LayerIndex norm =
                b.add_batch_normalization("norm", conv, arch::BatchNormalizationForm::automatic, foldable);
            const LayerIndex relu = b.add_activation("relu", norm, Activation::relu);
            return shared ? b.add_add("sum", std::array{relu, conv}) : relu;
        });
    };
    CHECK(after(true, false) == Lines{"conv 4x8x8 > 4x8x8 1x1/1", "relu 256 truncates"});
    // 8x8x4: one ciphertext per channel is 4, three per 4096 elements are 3.
    CHECK(after(false, false) ==
          Lines{"conv 4x8x8 > 4x8x8 1x1/1", "trunc 256", "bn 4x8x8 > 4x8x8 elementwise", "relu 256 truncates"});
    CHECK(after(true, true) ==
          Lines{"conv 4x8x8 > 4x8x8 1x1/1", "trunc 256", "bn 4x8x8 > 4x8x8 elementwise", "relu 256 truncates"});
    CHECK(lines_of([](NetworkBuilder& b, LayerIndex input) {
              const LayerIndex flat = b.add_flatten("flat", input);
              const LayerIndex dense = b.add_fully_connected("dense", flat, 5);
              const LayerIndex same = b.add_activation("same", dense, Activation::identity);
              const LayerIndex first = b.add_batch_normalization("first", same);
              return b.add_batch_normalization("second", first);
          }) == Lines{"fc 256x1x1 > 5x1x1"});
}

TEST_CASE("Batch normalisation runs in the cheaper of its two kinds, or as the network states") {
    const auto kind = [](arch::Shape shape, arch::BatchNormalizationForm form) {
        NetworkBuilder builder;
        const LayerIndex input = builder.add_input("input", shape);
        return lines_of(builder.finish(builder.add_batch_normalization("norm", input, form)));
    };
    using Form = arch::BatchNormalizationForm;
    // 56x56x64: 64 < 3 x 49. 28x28x128: 128 >= 3 x 25. 65x65 takes two ciphertexts per channel: 8 < 3 x 5.
    CHECK(kind({64, 56, 56}, Form::automatic) == Lines{"bn 64x56x56 > 64x56x56 homomorphic"});
    CHECK(kind({128, 28, 28}, Form::automatic) == Lines{"bn 128x28x28 > 128x28x28 elementwise"});
    CHECK(kind({4, 65, 65}, Form::automatic) == Lines{"bn 4x65x65 > 4x65x65 homomorphic"});
    CHECK(kind({2, 1, 1}, Form::automatic) == Lines{"bn 2x1x1 > 2x1x1 homomorphic"});
    CHECK(kind({3, 1, 1}, Form::automatic) == Lines{"bn 3x1x1 > 3x1x1 elementwise"});
    CHECK(kind({64, 56, 56}, Form::elementwise) == Lines{"bn 64x56x56 > 64x56x56 elementwise"});
    CHECK(kind({128, 28, 28}, Form::homomorphic) == Lines{"bn 128x28x28 > 128x28x28 homomorphic"});
}

TEST_CASE("Padding is VALID or SAME, any other is done beforehand") {
    const auto conv = [](Window window, arch::Shape image) {
        NetworkBuilder builder;
        const LayerIndex input = builder.add_input("input", image);
        return lines_of(builder.finish(builder.add_convolution("conv", input, 1, window)));
    };
    const auto pool = [](Window window, arch::Shape image) {
        NetworkBuilder builder;
        const LayerIndex input = builder.add_input("input", image);
        return lines_of(builder.finish(builder.add_pool("pool", input, LayerKind::max_pool, window)));
    };
    const auto same = [](std::int32_t kernel, std::int32_t stride, arch::Shape image) {
        return arch::same_padding(square_window(kernel, stride), image);
    };
    // SAME: the odd element at the top and left of a convolution, at the bottom and right of a pool.
    const arch::Shape image{1, 224, 224};
    CHECK(conv(same(7, 2, image), image) == Lines{"conv 1x224x224 > 1x112x112 7x7/2 pads 3 2 3 2"});
    CHECK(conv(same(3, 2, image), image) == Lines{"conv 1x224x224 > 1x112x112 3x3/2 pads 1 0 1 0"});
    CHECK(conv(same(5, 2, image), image) == Lines{"conv 1x224x224 > 1x112x112 5x5/2 pads 2 1 2 1"});
    CHECK(pool(same(3, 2, image), image) == Lines{"maxpool 1x224x224 > 1x112x112 3x3/2 pads 0 1 0 1"});
    CHECK(conv(square_window(3, 1, 1), image) == Lines{"conv 1x224x224 > 1x224x224 3x3/1 pads 1 1 1 1"});
    // A stride-2 1x1 convolution needs none.
    CHECK(conv(square_window(1, 2), {1, 56, 56}) == Lines{"conv 1x56x56 > 1x28x28 1x1/2"});
    // PyTorch's paddings are not SAME at stride 2.
    CHECK(conv(square_window(7, 2, 3), image) == Lines{"conv 1x230x230 > 1x112x112 7x7/2"});
    CHECK(conv(square_window(3, 2, 1), {1, 56, 56}) == Lines{"conv 1x58x58 > 1x28x28 3x3/2"});
    CHECK(pool(square_window(3, 2, 1), {1, 112, 112}) == Lines{"maxpool 1x114x114 > 1x56x56 3x3/2"});
    // SAME in one direction alone.
    CHECK(conv({1, 3, 1, 1, 0, 0, 1, 1}, {1, 8, 8}) == Lines{"conv 1x8x8 > 1x8x8 1x3/1 pads 0 0 1 1"});
    CHECK(conv({3, 3, 1, 1, 0, 0, 1, 1}, {1, 8, 8}) == Lines{"conv 1x8x10 > 1x6x8 3x3/1"});
    // A pad layer is the same as padding beforehand, and what it pads is truncated before it.
    CHECK(lines_of([](NetworkBuilder& b, LayerIndex input) {
              const LayerIndex first = b.add_convolution("first", input, 2, square_window(1, 1));
              const LayerIndex pad = b.add_pad("pad", first, square_window(1, 1, 1));
              return b.add_convolution("second", pad, 2, square_window(3, 1));
          }) == Lines{"conv 4x8x8 > 2x8x8 1x1/1", "trunc 128", "conv 2x10x10 > 2x8x8 3x3/1"});
}

TEST_CASE("What the profile cannot express is named") {
    const auto conv = [](Window window, std::int32_t groups, std::int32_t channels) {
        return [=](NetworkBuilder& b, LayerIndex input) {
            return b.add_convolution("odd", input, channels, window, groups);
        };
    };
    CHECK(unsupported_of(conv(square_window(3, 1, 1), 4, 4)).layer == "odd");
    CHECK(unsupported_of(conv(square_window(3, 1, 1), 4, 4)).reason == "depthwise convolution (4 groups)");
    CHECK(unsupported_of(conv(square_window(3, 1, 1), 2, 4)).reason == "grouped convolution (2 groups)");
    CHECK(unsupported_of(conv({3, 3, 2, 1, 0, 0, 0, 0}, 1, 4)).reason == "stride 2x1 is not square");
    CHECK(unsupported_of(conv(square_window(65, 1), 1, 1), {1, 100, 100}).reason ==
          "kernel 65x65 is larger than the 64x64 tile of a ciphertext");
    CHECK(unsupported_of([](NetworkBuilder& b, LayerIndex input) {
              return b.add_pool("pool", input, LayerKind::max_pool, {2, 2, 1, 2, 0, 0, 0, 0});
          }).reason == "stride 1x2 is not square");
    // The first in execution order is named.
    CHECK(unsupported_of([](NetworkBuilder& b, LayerIndex input) {
              const LayerIndex deep = b.add_convolution("deep", input, 4, square_window(1, 1), 2);
              const LayerIndex deeper = b.add_convolution("deeper", deep, 4, square_window(1, 1), 4);
              const LayerIndex shallow = b.add_convolution("shallow", input, 4, square_window(1, 1), 2);
              return b.add_add("sum", std::array{deeper, shallow});
          }).layer == "shallow");
    CHECK_THROWS_AS(Lowering("athos"), std::invalid_argument);
    CHECK_THROWS_WITH(Lowering("athos"), "unknown lowering profile 'athos'; known: athos-cheetah");
    CHECK(lowering_profiles().front().name == "athos-cheetah");
}

TEST_CASE("ReLUs move but none is lost: operations have the ReLU elements that the rewrites leave") {
    NetworkBuilder builder;
    const LayerIndex input = builder.add_input("input", {3, 16, 16});
    const LayerIndex conv = builder.add_convolution("conv", input, 8, square_window(3, 1, 1));
    const LayerIndex early = builder.add_activation("early", conv, Activation::relu);
    const LayerIndex pool = builder.add_pool("pool", early, LayerKind::max_pool, square_window(2, 2));
    const LayerIndex deep = builder.add_convolution("deep", pool, 8, square_window(3, 1, 1));
    const LayerIndex late = builder.add_activation("late", deep, Activation::relu);
    const arch::Network network = builder.finish(late);
    Lowering lowering;
    SecureProgram program;
    REQUIRE_FALSE(lowering.lower(network, program).has_value());
    std::int64_t relu_elements = 0;
    std::int64_t comparisons = 0;
    for (const Operation& operation : program.operations) {
        if (operation.kind == OperationKind::relu) {
            relu_elements += operation.elements;
            comparisons += operation.elements;
        } else if (operation.kind == OperationKind::max_pool) {
            comparisons += operation.elements * (operation.window.kernel_height * operation.window.kernel_width - 1);
        }
    }
    // As written: 8x16x16 + 8x8x8 ReLUs. The pool quarters the first of them.
    const arch::Counts counts = arch::count(network);
    CHECK(counts.relu_elements == 2048 + 512);
    CHECK(relu_elements == 512 + 512);
    CHECK(counts.comparisons - comparisons == counts.relu_elements - relu_elements);
}

TEST_CASE("A program depends on the graph alone, not on names or the order of layers") {
    Lowering lowering;
    SecureProgram program;
    SecureProgram other_program;
    std::size_t operations = 0;
    for (std::uint32_t seed = 0; seed < 200; ++seed) {
        random::Stream stream(12, 0, seed, random::Purpose::test);
        const test::Graph graph = test::random_graph(stream, 3 + stream.below(40));
        const arch::Network network = test::build(graph);
        const arch::Network other = test::build(test::reordered(graph, stream), "x");
        REQUIRE_FALSE(lowering.lower(network, program).has_value());
        REQUIRE_FALSE(lowering.lower(other, other_program).has_value());
        REQUIRE(to_csv(program, "n") == to_csv(other_program, "n"));
        operations += program.operations.size();
    }
    CHECK(operations > 2000);
}

TEST_CASE("Operations name the layer they come from") {
    NetworkBuilder builder;
    const LayerIndex input = builder.add_input("input", {4, 8, 8});
    const LayerIndex conv = builder.add_convolution("conv", input, 2, square_window(1, 1));
    const LayerIndex norm = builder.add_batch_normalization("norm", conv);
    const LayerIndex relu = builder.add_activation("relu", norm, Activation::relu);
    const LayerIndex pool = builder.add_pool("pool", relu, LayerKind::max_pool, square_window(2, 2));
    const LayerIndex next = builder.add_convolution("next", pool, 2, square_window(1, 1));
    const LayerIndex square = builder.add_activation("square", next, Activation::square);
    SecureProgram program;
    Lowering lowering;
    REQUIRE_FALSE(lowering.lower(builder.finish(square), program).has_value());
    std::vector<LayerIndex> layers;
    for (const Operation& operation : program.operations) {
        layers.push_back(operation.layer);
    }
    CHECK(layers == std::vector<LayerIndex>{conv, pool, relu, next, next, square});  // the second `next` truncates it
}

TEST_CASE("The table of a program has the columns of the measurement table") {
    NetworkBuilder builder;
    const LayerIndex input = builder.add_input("input", {4, 8, 8});
    const LayerIndex conv =
        builder.add_convolution("conv", input, 2, arch::same_padding(square_window(2, 1), {4, 8, 8}));
    const LayerIndex relu = builder.add_activation("relu", conv, Activation::relu);
    const LayerIndex norm = builder.add_batch_normalization("norm", relu);
    const LayerIndex flat = builder.add_flatten("flat", norm);
    const LayerIndex classes = builder.add_fully_connected("classes", flat, 10);
    const LayerIndex square = builder.add_activation("square", classes, Activation::square);
    SecureProgram program;
    Lowering lowering;
    REQUIRE_FALSE(lowering.lower(builder.finish(square), program).has_value());
    CHECK(to_csv(program, "a,b") ==
          "network,run,position,op,in_h,in_w,in_c,out_h,out_w,out_c,k_h,k_w,stride_h,stride_w,pad_top,pad_bottom,"
          "pad_left,pad_right,numel,truncates,bn_kind\n"
          "\"a,b\",1,0,conv,8,8,4,8,8,2,2,2,1,1,1,0,1,0,128,,\n"
          "\"a,b\",1,1,relu,,,,,,,,,,,,,,,128,1,\n"
          "\"a,b\",1,2,bn,8,8,2,8,8,2,,,,,,,,,128,,homomorphic\n"
          "\"a,b\",1,3,trunc,,,,,,,,,,,,,,,128,,\n"
          "\"a,b\",1,4,fc,,,128,,,10,,,,,,,,,10,,\n"
          "\"a,b\",1,5,trunc,,,,,,,,,,,,,,,10,,\n"
          "\"a,b\",1,6,mul,1,1,10,1,1,10,,,,,,,,,10,,\n");
}
