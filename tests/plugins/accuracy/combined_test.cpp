// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/plugins/accuracy/flat_network.hpp"
#include "tests/plugins/accuracy/proxy_library.hpp"
#include "tests/plugins/accuracy/squeezenet_scores.hpp"
#include "tests/support/catch.hpp"

using namespace sotto::accuracy_test;

namespace {

std::vector<double> metrics(FlatNetwork network, std::uint64_t seed = 1) {
    return metrics_of("combined", std::move(network), seed);
}

double score(const SqueezeNetVariant& variant) {
    return score_of("combined", variant);
}

double mean_score(const SqueezeNetVariant& variant) {
    return mean_score_of("combined", variant);
}

}  // namespace

TEST_CASE("SqueezeNet without activations scores below SqueezeNet and below every shallower one that keeps them") {
    const double linear = score(with_all(SOTTO_ACTIVATION_NONE));
    CHECK(linear < score({}));
    // Every way to drop fire modules, down to one, and none at all.
    for (std::uint32_t fires = 0; fires <= 0xFF; ++fires) {
        INFO("fire modules " << fires);
        CHECK(linear < score({.fires = fires}));
    }
}

TEST_CASE("the same holds for identity activations") {
    CHECK(score(with_all(SOTTO_ACTIVATION_IDENTITY)) == 0);
    CHECK(score({.fires = 1}) > 0);
}

TEST_CASE("width alone does not make up for depth") {
    CHECK(mean_score({.fires = 0x01, .width = 3}) < mean_score({}));
}

TEST_CASE("resolution that is thrown away early costs") {
    const auto network = [](std::int32_t stem_stride) {
        FlatNetwork n;
        auto x = n.relu(n.convolution(n.input(3, 224, 224), 32, 3, stem_stride, 1));
        for (int block = 0; block < 6; ++block) {
            x = n.relu(n.convolution(x, 32, 3, 1, 1));
        }
        n.fully_connected(n.global_pool(x), 10);
        return n;
    };
    CHECK(metrics(network(2))[0] > metrics(network(4))[0]);
    CHECK(metrics(network(4))[0] > metrics(network(8))[0]);
}

TEST_CASE("a network that needs larger images than asked for gains nothing by it") {
    // Three unpadded poolings of a stem with stride 2 do not fit 64 rows and columns, and fit 96.
    const auto network = [](std::int32_t pools) {
        FlatNetwork n;
        auto x = n.relu(n.convolution(n.input(3, 224, 224), 16, 3, 2, 1));
        for (std::int32_t pool = 0; pool < pools; ++pool) {
            x = n.pool(x, SOTTO_LAYER_MAX_POOL, 4, 3);
        }
        n.fully_connected(n.global_pool(n.relu(n.convolution(x, 16, 1))), 10);
        return n;
    };
    FlatNetwork needs_more = network(3);
    REQUIRE(ProxyLibrary::get().create("naswot", {{"input_size", "64"}}).evaluate(needs_more.view(), 1).status ==
            SOTTO_UNSUPPORTED);
    // At 96 rows and columns its first layer has 2.25 times the units that it would have at 64: ln 2.25 = 0.81,
    // uncorrected.
    // What is left after the synaptic flow's part, which does not depend on resolution.
    const auto capacity = [](const std::vector<double>& all) { return all[0] - 12 * std::log(1 + all[1] * 2 / 3); };
    CHECK(capacity(metrics(needs_more)) == Approx(capacity(metrics(network(2)))).margin(0.2));
}

TEST_CASE("combined serves the metrics of synflow and NASWOT from one call") {
    FlatNetwork network = squeezenet({.fires = 0x0F});
    const std::vector<double> all = metrics(network, 9);
    REQUIRE(all.size() == 3);
    CHECK(all[1] ==
          ProxyLibrary::get().create("synflow", {{"input_size", "64"}}).evaluate(network.view(), 9).metrics.at(0));
    CHECK(all[2] ==
          ProxyLibrary::get().create("naswot", {{"input_size", "64"}}).evaluate(network.view(), 9).metrics.at(0));
}

TEST_CASE("the combined score of a chain is the documented formula") {
    // 7 weighted layers, of which 6 are followed by a ReLU, at the images' own size: ln(own units / units) is 0.
    FlatNetwork network;
    auto x = network.input(3, 32, 32);
    for (int layer = 0; layer < 6; ++layer) {
        x = network.relu(network.convolution(x, 8, 3, 1, 1));
    }
    network.fully_connected(network.global_pool(x), 10);
    const std::vector<double> all = metrics(network);
    CHECK(all[0] == Approx(12 * std::log(1 + all[1] * 6 / 7) + all[2] / 16));
}

TEST_CASE("a long chain and an empty one are finite") {
    FlatNetwork deep;
    auto x = deep.input(3, 32, 32);
    for (int layer = 0; layer < 120; ++layer) {
        x = deep.relu(deep.convolution(x, 16, 3, 1, 1));
    }
    deep.global_pool(x);
    CHECK(std::isfinite(metrics(deep)[0]));

    FlatNetwork tiny;
    tiny.relu(tiny.convolution(tiny.input(1, 1, 1), 1, 1));
    CHECK(std::isfinite(metrics(tiny)[0]));
    CHECK(metrics(tiny)[0] > 0);
}
