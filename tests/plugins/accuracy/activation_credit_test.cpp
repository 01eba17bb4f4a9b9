// SPDX-License-Identifier: Apache-2.0
// What every score that may be an objective owes to activations, depth and width.
#include <cstddef>
#include <string>

#include "tests/plugins/accuracy/squeezenet_scores.hpp"
#include "tests/support/catch.hpp"

using namespace sotto::accuracy_test;

TEST_CASE("a score falls with every block that loses its activations") {
    const std::string id = GENERATE("combined", "ensemble");
    for (const bool from_the_end : {true, false}) {
        SqueezeNetVariant variant;
        double before = mean_score_of(id, variant);
        for (std::size_t lost = 0; lost < 10; ++lost) {
            variant.activations[from_the_end ? 9 - lost : lost] = SOTTO_ACTIVATION_NONE;
            const double now = mean_score_of(id, variant);
            INFO(id << ", " << (from_the_end ? "last " : "first ") << lost + 1 << " blocks linear");
            CHECK(now < before);
            before = now;
        }
    }
}

TEST_CASE("keeping one block's activations is worth less than one fire module that keeps them all") {
    const std::string id = GENERATE("combined", "ensemble");
    const double one_fire = score_of(id, {.fires = 0x01});
    for (std::size_t kept = 0; kept < 10; ++kept) {
        SqueezeNetVariant variant = with_all(SOTTO_ACTIVATION_NONE);
        variant.activations[kept] = SOTTO_ACTIVATION_RELU;
        INFO(id << ", block " << kept);
        CHECK(score_of(id, variant) < one_fire);
    }
}

TEST_CASE("squares score between ReLU and nothing") {
    const std::string id = GENERATE("combined", "ensemble");
    CAPTURE(id);
    CHECK(score_of(id, with_all(SOTTO_ACTIVATION_SQUARE)) < score_of(id, {}));
    CHECK(score_of(id, with_all(SOTTO_ACTIVATION_SQUARE)) > score_of(id, with_all(SOTTO_ACTIVATION_NONE)));
    SqueezeNetVariant half;
    for (std::size_t block = 0; block < 10; block += 2) {
        half.activations[block] = SOTTO_ACTIVATION_SQUARE;
    }
    CHECK(mean_score_of(id, half) < mean_score_of(id, {}));
    CHECK(mean_score_of(id, half) > mean_score_of(id, with_all(SOTTO_ACTIVATION_SQUARE)));
}

TEST_CASE("depth and width raise a score") {
    const std::string id = GENERATE("combined", "ensemble");
    CAPTURE(id);
    CHECK(mean_score_of(id, {.fires = 0x01}) < mean_score_of(id, {.fires = 0x0F}));
    CHECK(mean_score_of(id, {.fires = 0x0F}) < mean_score_of(id, {}));
    CHECK(mean_score_of(id, {.width = 0.5}) < mean_score_of(id, {}));
    CHECK(mean_score_of(id, {.width = 2}) > mean_score_of(id, {}));
}
