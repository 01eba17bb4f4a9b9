// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "plugins/accuracy/candidate_error.hpp"
#include "plugins/accuracy/ensemble_score.hpp"
#include "plugins/accuracy/ensemble_weights.hpp"
#include "tests/plugins/accuracy/flat_network.hpp"
#include "tests/plugins/accuracy/proxy_library.hpp"
#include "tests/plugins/accuracy/squeezenet_scores.hpp"
#include "tests/support/catch.hpp"

using namespace sotto::accuracy_test;
namespace accuracy = sotto::accuracy;

namespace {

std::vector<double> metrics(FlatNetwork network, std::uint64_t seed = 1) {
    return metrics_of("ensemble", std::move(network), seed);
}

double score(const SqueezeNetVariant& variant) {
    return score_of("ensemble", variant);
}

/// Residual blocks of two convolutions, with or without their shortcuts, or with a pool in the shortcut.
FlatNetwork blocks(int count, bool shortcut, bool pooled = false) {
    FlatNetwork n;
    auto x = n.normalization(n.convolution(n.input(3, 32, 32), 16, 3, 1, 1));
    for (int block = 0; block < count; ++block) {
        auto y = n.normalization(n.convolution(n.relu(x), 16, 3, 1, 1));
        y = n.normalization(n.convolution(n.relu(y), 16, 3, 1, 1));
        const auto beside = pooled ? n.pool(x, SOTTO_LAYER_AVERAGE_POOL, 3, 1, 1) : x;
        x = shortcut ? n.add({y, beside}) : y;
    }
    n.fully_connected(n.global_pool(n.relu(x)), 10);
    return n;
}

}  // namespace

TEST_CASE("capacity is the documented sum of what synflow and NASWOT give") {
    FlatNetwork network;
    auto x = network.input(3, 32, 32);
    for (int layer = 0; layer < 6; ++layer) {
        x = network.convolution(x, 12, 3, 1, 1);
        x = layer % 2 == 0 ? network.relu(x) : x;
    }
    network.fully_connected(network.global_pool(x), 10);
    const double c = 3.0 / 7;
    const double synflow = ProxyLibrary::get().create("synflow").evaluate(network.view(), 5).metrics.at(0);
    const double naswot = ProxyLibrary::get().create("naswot").evaluate(network.view(), 5).metrics.at(0);
    const std::vector<double> found = metrics(network, 5);
    REQUIRE(found.size() == 4);
    CHECK(found[1] == Approx(12 * std::log(1 + c * synflow) + naswot / 16).epsilon(1e-12));
    CHECK(found[3] == 0);
    // At 224x224 activation units are counted at another resolution than they are compared at.
    SqueezeNetVariant large;
    large.image = 224;
    CHECK(metrics(squeezenet(large), 5).at(1) == metrics_of("combined", squeezenet(large), 5).at(0));
    // docs/accuracy_proxies.md, "The ensemble"
    CHECK(found[0] == Approx(0.04837 * found[1] + 2.753 * (1 + found[2]) + 4.329 * (2 + found[3])).epsilon(1e-4));
}

TEST_CASE("a chain loses trainability beyond 25 layers with weights and a residual network does not") {
    CHECK(metrics(blocks(11, false))[3] == 0);  // 24
    CHECK(metrics(blocks(19, false))[3] == Approx(-std::log(40.0 / 25)));
    CHECK(metrics(blocks(19, true))[3] == 0);
    CHECK(metrics(blocks(19, false))[0] < metrics(blocks(19, true))[0]);
}

TEST_CASE("pools that smooth at full resolution cost") {
    CHECK(metrics(blocks(4, true))[2] == 0);
    CHECK(metrics(blocks(4, true, true))[2] < metrics(blocks(4, true))[2]);
    CHECK(metrics(blocks(4, true, true))[0] < metrics(blocks(4, true))[0]);
}

TEST_CASE("without activations the ensemble is 0 and with any it is more") {
    CHECK(score(with_all(SOTTO_ACTIVATION_NONE)) == 0);
    CHECK(score(with_all(SOTTO_ACTIVATION_IDENTITY)) == 0);
    CHECK(metrics(squeezenet(with_all(SOTTO_ACTIVATION_IDENTITY))) == std::vector<double>{0, 0, -1, -2});
    SqueezeNetVariant one = with_all(SOTTO_ACTIVATION_NONE);
    one.fires = 0;
    one.activations[0] = SOTTO_ACTIVATION_SQUARE;
    CHECK(score(one) > 0);
}

TEST_CASE("a part counts per standard deviation in the space") {
    const accuracy::EnsembleWeights shipped = accuracy::shipped_weights();
    const accuracy::EnsembleParts deviations = accuracy::fitted_deviations;
    const auto text = [](double a, double b, double c) {
        return "accuracy.ensemble 9 1, accuracy.capacity 30 " + std::to_string(a) + ", accuracy.sharpness -1 " +
               std::to_string(b) + ", accuracy.trainability 0 " + std::to_string(c);
    };
    const accuracy::EnsembleWeights same =
        accuracy::weights_for_space(text(deviations[0], deviations[1], deviations[2]));
    const accuracy::EnsembleWeights other = accuracy::weights_for_space(text(deviations[0] / 2, deviations[1] * 3, 0));
    for (std::size_t part = 0; part < shipped.size(); ++part) {
        CHECK(same[part] == Approx(shipped[part]).epsilon(1e-4));
    }
    CHECK(other[0] == Approx(shipped[0] * 2).epsilon(1e-4));
    CHECK(other[1] == Approx(shipped[1] / 3).epsilon(1e-4));
    CHECK(other[2] == Approx(shipped[2] * 4));  // no more than that
}

TEST_CASE("what nas-run did not write is refused as a fit") {
    for (const std::string text :
         {"1", "accuracy.capacity 1 1", "accuracy.capacity 1 1, accuracy.sharpness 1 1, accuracy.trainability 1",
          "accuracy.capacity 1 1, accuracy.sharpness 1 x, accuracy.trainability 1 1",
          "accuracy.capacity 1 1, accuracy.sharpness 1 -1, accuracy.trainability 1 1",
          "accuracy.capacity 1 1, accuracy.sharpness 1 nan, accuracy.trainability 1 1",
          "accuracy.capacity 1 1, accuracy.capacity 1 1, accuracy.sharpness 1 1, accuracy.trainability 1 1"}) {
        INFO(text);
        CHECK_THROWS_AS(accuracy::weights_for_space(text), accuracy::CandidateError);
        std::string problem;
        CHECK(ProxyLibrary::get().create("ensemble", {{"fitted", text}}, &problem).instance() == nullptr);
        CHECK(problem.find("'fitted'") != std::string::npos);
    }
}

TEST_CASE("the shipped weights are not negative and every part counts") {
    for (const double weight : accuracy::shipped_weights()) {
        CHECK(weight > 0);
    }
}
