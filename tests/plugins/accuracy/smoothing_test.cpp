// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/smoothing.hpp"

#include <cstdint>
#include <utility>

#include "tests/plugins/accuracy/flat_network.hpp"
#include "tests/support/catch.hpp"

using namespace sotto::accuracy;
using sotto::accuracy_test::FlatNetwork;

namespace {

double share(FlatNetwork network) {
    return smoothing_share(Graph(network.view()));
}

std::uint32_t mean_pool(FlatNetwork& n, std::uint32_t from) {
    return n.pool(from, SOTTO_LAYER_AVERAGE_POOL, 3, 1, 1);
}

}  // namespace

TEST_CASE("in a chain the share of smoothing pools is their number over all") {
    FlatNetwork n;
    auto x = n.convolution(n.input(3, 16, 16), 8, 3, 1, 1);
    x = mean_pool(n, n.relu(x));
    x = n.convolution(x, 8, 3, 1, 1);
    x = n.pool(mean_pool(n, x), SOTTO_LAYER_MAX_POOL, 2, 2);  // which reduces and does not count
    n.fully_connected(n.global_pool(x), 4);
    CHECK(share(std::move(n)) == Approx(2.0 / 5));
}

TEST_CASE("beside a shortcut a pool counts by the variance that it leaves") {
    // White noise of variance 1: a mean of 3 x 3 leaves 1/9, so a tenth of the sum's variance comes through the pool.
    FlatNetwork n;
    const auto x = n.normalization(n.convolution(n.input(3, 16, 16), 8, 3, 1, 1));
    n.fully_connected(n.global_pool(n.add({x, mean_pool(n, x)})), 4);
    CHECK(share(std::move(n)) == Approx(0.1 / 2.1));
}

TEST_CASE("a second pool leaves more of the variance than the first") {
    // Along one axis a mean of three has correlations 1, 2/3, 1/3; the mean of three of those has
    // (3 + 2 x 2 x 2/3 + 2 x 1/3) / 9 = 19/27 of its variance: 1/9 (19/27)^2 in all.
    FlatNetwork n;
    const auto x = n.normalization(n.convolution(n.input(3, 16, 16), 8, 3, 1, 1));
    const double left = 19.0 / 27 * 19.0 / 27 / 9;
    n.fully_connected(n.global_pool(n.add({x, mean_pool(n, mean_pool(n, x))})), 4);
    const double pools = 2 * left / (1 + left);
    CHECK(share(std::move(n)) == Approx(pools / (2 + pools)));
}

TEST_CASE("a stride thins correlations out and a normalisation restores variance") {
    // Every second mean of three: correlations 1, 1/3, so a further mean of three leaves (3 + 4/3) / 9 = 13/27.
    FlatNetwork n;
    auto x = mean_pool(n, n.convolution(n.input(3, 16, 16), 8, 3, 1, 1));
    x = n.normalization(n.convolution(x, 8, 1, 2));
    const double left = 13.0 / 27 * 13.0 / 27;
    n.fully_connected(n.global_pool(n.add({x, mean_pool(n, x)})), 4);
    const double pools = 1 + left / (1 + left);
    CHECK(share(std::move(n)) == Approx(pools / (3 + pools)));
}

TEST_CASE("operands of a concatenation count by their channels") {
    FlatNetwork n;
    const auto x = n.convolution(n.input(3, 16, 16), 6, 3, 1, 1);
    const auto wide = n.convolution(x, 18, 1);
    n.fully_connected(n.global_pool(n.concat({wide, mean_pool(n, x)})), 4);
    // A quarter of the walks go through the pool, three quarters through the second convolution.
    CHECK(share(std::move(n)) == Approx(0.25 / (0.25 + 2.75)));
}

TEST_CASE("activations and networks without pools do not change the share") {
    for (const std::int32_t activation : {SOTTO_ACTIVATION_RELU, SOTTO_ACTIVATION_SQUARE, SOTTO_ACTIVATION_IDENTITY}) {
        FlatNetwork n;
        const auto x = n.normalization(n.convolution(n.input(3, 16, 16), 8, 3, 1, 1));
        const auto y = n.activation(x, activation);
        n.fully_connected(n.global_pool(n.add({y, mean_pool(n, y)})), 4);
        CHECK(share(std::move(n)) == Approx(0.1 / 2.1));
    }
    CHECK(share(sotto::accuracy_test::squeezenet()) == 0);
}
