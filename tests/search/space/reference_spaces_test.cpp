// SPDX-License-Identifier: Apache-2.0
// configs/*_space.yaml: their baselines are the reference networks they name, their sizes are those of closed forms.
#include <algorithm>
#include <array>
#include <cmath>
#include <string>

#include "engine/arch/canonical_hash.hpp"
#include "engine/arch/counts.hpp"
#include "engine/arch/network_yaml.hpp"
#include "engine/secure/lowering.hpp"
#include "search/space/space.hpp"
#include "tests/search/space/decoded.hpp"
#include "tests/support/catch.hpp"

namespace sotto::search {
namespace {

const std::string configs = SOTTO_SOURCE_DIRECTORY "/configs/";

arch::Network baseline_of(const Space& space) {
    REQUIRE(space.baseline().has_value());
    return decoded(space, *space.baseline());
}

TEST_CASE("the baselines of the ResNet and DenseNet spaces are the measured networks") {
    for (const auto& [space, reference] : {std::pair{"resnet_space.yaml", "networks/resnet50.yaml"},
                                           std::pair{"densenet_space.yaml", "networks/densenet121.yaml"},
                                           std::pair{"squeezenet_space.yaml", "networks/squeezenet.yaml"}}) {
        INFO(space);
        const arch::Network network = baseline_of(Space::load_file(configs + space));
        CHECK(arch::canonical_hash(network) == arch::canonical_hash(arch::read_network_file(configs + reference)));
    }
}

std::size_t missed_folds(const arch::Network& network) {
    const auto layers = network.layers();
    return static_cast<std::size_t>(std::count_if(layers.begin(), layers.end(), [](const arch::Layer& layer) {
        return layer.kind == arch::LayerKind::batch_normalization && !layer.foldable;
    }));
}

// What the measured networks have that no rule explains is kept for them alone.
TEST_CASE("no other member of the ResNet and DenseNet spaces has a fold that the compiler missed") {
    for (const std::string name : {"resnet_space.yaml", "densenet_space.yaml"}) {
        INFO(name);
        const Space space = Space::load_file(configs + name);
        CHECK(missed_folds(baseline_of(space)) == 1);
        std::size_t missed = 0;
        for (std::uint32_t i = 0; i < 300; ++i) {
            random::Stream stream(5, 0, i, random::Purpose::test);
            missed += missed_folds(decoded(space, space.sample(stream)));
        }
        CHECK(missed == 0);
    }
}

TEST_CASE("ResNet-50 with its normalisations behind the convolutions has the size of the published one") {
    const Space space = Space::load_file(configs + "resnet_space.yaml");
    std::string text = space.to_text(*space.baseline());
    const auto replace = [&text](const std::string& from, const std::string& to) {
        const std::size_t at = text.find(from);
        REQUIRE(at != std::string::npos);
        text.replace(at, from.size(), to);
    };
    replace("form=preactivation", "form=postactivation stem_activation=relu stem_order=activation_first");
    replace(" head_activation=relu head_order=activation_first", "");
    const arch::Network network = decoded(space, space.parse_genome(text));
    // torchvision's ResNet-50: 25,557,032 parameters for 1,000 classes; this one has 1,001.
    CHECK(arch::count(network).parameters == 25'557'032 + 2049);
    // Every normalisation is folded.
    secure::SecureProgram program;
    REQUIRE(!secure::Lowering().lower(network, program));
    for (const secure::Operation& operation : program.operations) {
        CHECK(operation.kind != secure::OperationKind::batch_normalization);
    }
}

TEST_CASE("the baseline of the mobile space has the layout of MobileNetV2 and no grouped convolution") {
    const arch::Network network = baseline_of(Space::load_file(configs + "mobile_space.yaml"));
    // Table 2 of the paper: expansion, channels, blocks, stride. A fused block is a 3x3 convolution to the expanded
    // channels and a 1x1 convolution back; with an expansion of 1 the former is all.
    constexpr std::array<std::array<std::int64_t, 3>, 7> table{
        {{1, 16, 1}, {6, 24, 2}, {6, 32, 3}, {6, 64, 4}, {6, 96, 3}, {6, 160, 3}, {6, 320, 1}}};
    std::int64_t parameters = 3 * 9 * 32 + 2 * 32;
    std::int64_t channels = 32;
    std::int64_t sums = 0;
    for (const auto& [expansion, width, blocks] : table) {
        for (std::int64_t block = 0; block < blocks; ++block) {
            const std::int64_t hidden = expansion > 1 ? expansion * channels : width;
            parameters += channels * hidden * 9 + 2 * hidden;
            parameters += expansion > 1 ? hidden * width + 2 * width : 0;
            channels = width;
        }
        sums += blocks - 1;
    }
    parameters += 320 * 1280 + 2 * 1280 + 1280 * 1000 + 1000;
    CHECK(arch::count(network).parameters == parameters);
    std::int64_t sums_found = 0;
    for (const arch::Layer& layer : network.layers()) {
        sums_found += layer.kind == arch::LayerKind::add ? 1 : 0;
        CHECK(layer.groups == 1);
        if (layer.kind == arch::LayerKind::global_average_pool) {
            CHECK(layer.window.kernel_height == 7);
        }
    }
    CHECK(sums_found == sums);
}

// Depthwise convolutions are why the mobile space is as it is: were one lowered, the space should have them.
TEST_CASE("every sample of the spaces for a run is lowered") {
    for (const std::string name : {"densenet", "fashion_small", "mobile", "nasbench201", "resnet", "squeezenet"}) {
        INFO(name);
        const Space space = Space::load_file(configs + name + "_space.yaml");
        secure::Lowering lowering;
        secure::SecureProgram program;
        for (std::uint32_t i = 0; i < 200; ++i) {
            random::Stream stream(6, 0, i, random::Purpose::test);
            const auto unsupported = lowering.lower(decoded(space, space.sample(stream)), program);
            INFO((unsupported ? unsupported->layer + ": " + unsupported->reason : ""));
            CHECK(!unsupported);
        }
    }
}

TEST_CASE("every space for a run reaches networks with a tenth of the comparisons of its baseline") {
    for (const std::string name : {"densenet", "fashion_small", "mobile", "nasbench201", "resnet", "squeezenet"}) {
        INFO(name);
        const Space space = Space::load_file(configs + name + "_space.yaml");
        const std::int64_t baseline = arch::count(baseline_of(space)).comparisons;
        bool fewer = false;
        for (std::uint32_t i = 0; i < 400; ++i) {
            random::Stream stream(7, 0, i, random::Purpose::test);
            const std::int64_t comparisons = arch::count(decoded(space, space.sample(stream))).comparisons;
            fewer = fewer || comparisons * 10 < baseline;
        }
        CHECK(fewer);
    }
}

double geometric(double ratio, int first, int last) {
    double sum = 0;
    for (int exponent = first; exponent <= last; ++exponent) {
        sum += std::pow(ratio, exponent);
    }
    return sum;
}

TEST_CASE("the sizes of the spaces for a run are those of their closed forms") {
    const auto log10_size = [](const std::string& name) {
        return Space::load_file(configs + name + "_space.yaml").log10_size();
    };
    CHECK(log10_size("nasbench201") == Approx(std::log10(15'625)));  // 5^6

    // Stem: with a stride of 2 one of two pools, with 4 none too; a pool has an order where there is an activation to
    // order.
    {
        // Preactivation: no stem activation, a head activation with an order unless it is none.
        const double preactivation = (2 + 3) * (2 * 2 + 1);
        const double postactivation = 3 * (2 * 2 + (2 * 2 + 1));
        const double stage = 6 * geometric(5 * 3 * 3 * 3 * 3, 1, 6);
        const double later = 3 * stage;
        CHECK(log10_size("resnet") ==
              Approx(std::log10(5 * 3 * (preactivation + postactivation) * stage) + 3 * std::log10(later)));
    }
    {
        const double stem = 5 * 3 * 3 * (2 * 2 + (2 * 2 + 1));
        const double head = 2 * 2 + 1;
        const double layer = 3 * (1 + 3 * 3);
        const double last = 7 * geometric(layer, 2, 24);
        const double block = last * 4 * 3 * 2 * 3;
        CHECK(log10_size("densenet") ==
              Approx(std::log10(stem * head * last) + std::log10(block + block * block + block * block * block)));
    }
    {
        const double fused = 5 * 3 * 3;
        const double position = 1 + 2 * fused;
        const double around = 4 * 2 * 3 * 5 * (2 * 2 + 1);
        // Seven stages with a first block each, four of them with a choice of downsampling; 17 further positions.
        CHECK(log10_size("mobile") ==
              Approx(std::log10(around) + 7 * std::log10(6 * fused) + 4 * std::log10(4) + 17 * std::log10(position)));
    }
    {
        const double stem = 5 * 2 * 2 * 3 * (2 * 2 + 1);
        const double head = 2 + 1 + 1;
        const double fire = 6 * 4 * 5 * 3 * 3 * 2;
        double fires = 0;
        for (int count = 1; count <= 6; ++count) {
            for (int downsampling = 1; downsampling <= 6; ++downsampling) {
                fires += std::pow(fire, count) * (downsampling <= count ? 4 : 1);
            }
        }
        CHECK(log10_size("fashion_small") == Approx(std::log10(stem * head * fires)));
    }
}

}  // namespace
}  // namespace sotto::search
