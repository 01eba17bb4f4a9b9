// SPDX-License-Identifier: Apache-2.0
#include "engine/arch/counts.hpp"

#include <array>
#include <string>

#include "engine/arch/network_builder.hpp"
#include "engine/arch/network_yaml.hpp"
#include "tests/support/catch.hpp"

using namespace sotto::arch;

namespace {

Window square_window(std::int32_t kernel, std::int32_t stride = 1, std::int32_t padding = 0) {
    return {kernel, kernel, stride, stride, padding, padding, padding, padding};
}

Network reference(const std::string& name) {
    return read_network_file(std::string(SOTTO_SOURCE_DIRECTORY) + "/configs/networks/" + name + ".yaml");
}

class Model {
  public:
    explicit Model(Shape image) { last_ = builder_.add_input("input", image); }

    std::string next_name() const { return "layer" + std::to_string(builder_.size()); }
    LayerIndex last() const { return last_; }
    Network finish() const { return builder_.finish(last_); }

    Model& conv(std::int32_t channels, const Window& window, bool bias) {
        last_ = builder_.add_convolution(next_name(), last_, channels, window, 1, bias);
        return *this;
    }
    Model& norm() {
        last_ = builder_.add_batch_normalization(next_name(), last_);
        return *this;
    }
    Model& relu() {
        last_ = builder_.add_activation(next_name(), last_, Activation::relu);
        return *this;
    }
    Model& max_pool(const Window& window) {
        last_ = builder_.add_pool(next_name(), last_, LayerKind::max_pool, window);
        return *this;
    }
    Model& mean() {
        last_ = builder_.add_global_pool(next_name(), last_, LayerKind::global_average_pool);
        return *this;
    }
    Model& classes(std::int32_t count) {
        last_ = builder_.add_fully_connected(next_name(), last_, count);
        return *this;
    }
    Model& flatten() {
        last_ = builder_.add_flatten(next_name(), last_);
        return *this;
    }
    Model& add(LayerIndex other) {
        last_ = builder_.add_add(next_name(), std::array{last_, other});
        return *this;
    }
    Model& fire(std::int32_t squeeze, std::int32_t expand) {
        const LayerIndex squeezed = conv(squeeze, square_window(1), true).relu().last();
        const LayerIndex narrow = conv(expand, square_window(1), true).relu().last();
        last_ = squeezed;
        conv(expand, square_window(3, 1, 1), true).relu();
        last_ = builder_.add_concat(next_name(), std::array{narrow, last_});
        return *this;
    }
    Model& from(LayerIndex layer) {
        last_ = layer;
        return *this;
    }

  private:
    NetworkBuilder builder_;
    LayerIndex last_ = 0;
};

}  // namespace

// Parameters and multiply-adds (`_ops`, in 10^9) are those torchvision publishes with its weights.

TEST_CASE("ResNet-18: 11,689,512 parameters, 1.814e9 multiply-adds") {
    const Counts counts = count(reference("resnet18"));
    CHECK(counts.parameters == 11689512);
    CHECK(counts.multiply_adds / 1000000 == 1814);
    // Per image: 64x112x112 in the stem, then 4, 4, 4 and 4 activations of a stage.
    CHECK(counts.relu_elements == 64 * 112 * 112 + 4 * (64 * 56 * 56 + 128 * 28 * 28 + 256 * 14 * 14 + 512 * 7 * 7));
    CHECK(counts.comparisons == counts.relu_elements + 64 * 56 * 56 * 8);
}

TEST_CASE("ResNet-50: 25,557,032 parameters, 4.089e9 multiply-adds") {
    Model model({3, 224, 224});
    model.conv(64, square_window(7, 2, 3), false).norm().relu().max_pool(square_window(3, 2, 1));
    const std::array<int, 4> blocks{3, 4, 6, 3};
    for (std::size_t stage = 0; stage < 4; ++stage) {
        const std::int32_t width = 64 << stage;
        for (int block = 0; block < blocks[stage]; ++block) {
            const std::int32_t stride = stage > 0 && block == 0 ? 2 : 1;
            const LayerIndex input = model.last();
            LayerIndex shortcut = input;
            if (block == 0) {
                shortcut = model.conv(4 * width, square_window(1, stride), false).norm().last();
            }
            model.from(input).conv(width, square_window(1), false).norm().relu();
            model.conv(width, square_window(3, stride, 1), false).norm().relu();
            model.conv(4 * width, square_window(1), false).norm().add(shortcut).relu();
        }
    }
    const Counts counts = count(model.mean().classes(1000).finish());
    CHECK(counts.parameters == 25557032);
    CHECK(counts.multiply_adds / 1000000 == 4089);
}

TEST_CASE("DenseNet-121: 7,978,856 parameters, 2.834e9 multiply-adds") {
    const Counts counts = count(reference("densenet121"));
    CHECK(counts.parameters == 7978856);
    CHECK(counts.multiply_adds / 1000000 == 2834);
}

TEST_CASE("SqueezeNet 1.1: 1,235,496 parameters, 0.349e9 multiply-adds at 224x224") {
    CHECK(count(reference("squeezenet")).parameters == 1235496);
    // The published figure is for 224x224; the reference network is the one measured, at 227x227.
    Model model({3, 224, 224});
    model.conv(64, square_window(3, 2), true).relu().max_pool(square_window(3, 2)).fire(16, 64).fire(16, 64);
    model.max_pool(square_window(3, 2)).fire(32, 128).fire(32, 128).max_pool(square_window(3, 2));
    model.fire(48, 192).fire(48, 192).fire(64, 256).fire(64, 256).conv(1000, square_window(1), true).relu().mean();
    const Counts counts = count(model.finish());
    CHECK(counts.parameters == 1235496);
    CHECK(counts.multiply_adds / 1000000 == 349);
}

TEST_CASE("SqueezeNet 1.0: 1,248,424 parameters, 0.819e9 multiply-adds") {
    Model model({3, 224, 224});
    model.conv(96, square_window(7, 2), true).relu().max_pool(square_window(3, 2));
    // torchvision's pools round their size up, which is padding at the bottom and right where it matters: 54 to 27.
    model.fire(16, 64).fire(16, 64).fire(32, 128).max_pool({3, 3, 2, 2, 0, 1, 0, 1});
    model.fire(32, 128).fire(48, 192).fire(48, 192).fire(64, 256).max_pool(square_window(3, 2)).fire(64, 256);
    const Counts counts = count(model.conv(1000, square_window(1), true).relu().mean().finish());
    CHECK(counts.parameters == 1248424);
    CHECK((counts.multiply_adds + 500000) / 1000000 == 819);
}

TEST_CASE("VGG-16: 138,357,544 parameters, 15.47e9 multiply-adds") {
    Model model({3, 224, 224});
    for (const auto& [repeats, channels] :
         {std::pair{2, 64}, std::pair{2, 128}, std::pair{3, 256}, std::pair{3, 512}, std::pair{3, 512}}) {
        for (int i = 0; i < repeats; ++i) {
            model.conv(channels, square_window(3, 1, 1), true).relu();
        }
        model.max_pool(square_window(2, 2));
    }
    const Counts counts = count(model.flatten().classes(4096).relu().classes(4096).relu().classes(1000).finish());
    CHECK(counts.parameters == 138357544);
    CHECK(counts.multiply_adds / 10000000 == 1547);
    CHECK(counts.relu_elements == 2 * 64 * 224 * 224 + 2 * 128 * 112 * 112 + 3 * 256 * 56 * 56 + 3 * 512 * 28 * 28 +
                                      3 * 512 * 14 * 14 + 2 * 4096);
    // 2x2 windows: three comparisons an output.
    CHECK(counts.comparisons - counts.relu_elements ==
          3 * (64 * 112 * 112 + 128 * 56 * 56 + 256 * 28 * 28 + 512 * 14 * 14 + 512 * 7 * 7));
}

TEST_CASE("Groups divide the weights, square and identity are no comparisons, a global max pool is") {
    NetworkBuilder builder;
    const LayerIndex input = builder.add_input("input", {6, 10, 12});
    const LayerIndex conv = builder.add_convolution("conv", input, 4, {3, 5, 1, 1, 1, 1, 2, 2}, 2, true);
    const LayerIndex square = builder.add_activation("square", conv, Activation::square);
    const LayerIndex same = builder.add_activation("same", square, Activation::identity);
    const LayerIndex most = builder.add_global_pool("most", same, LayerKind::global_max_pool);
    const LayerIndex classes = builder.add_fully_connected("classes", most, 7, false);
    const Counts counts = count(builder.finish(classes));
    CHECK(counts.parameters == 4 * 3 * (3 * 5) + 4 + 4 * 7);
    CHECK(counts.multiply_adds == 4 * 10 * 12 * 3 * (3 * 5) + 4 * 7);
    CHECK(counts.relu_elements == 0);
    CHECK(counts.comparisons == 4 * (10 * 12 - 1));
}
