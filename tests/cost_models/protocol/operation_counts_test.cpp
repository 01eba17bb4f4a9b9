// SPDX-License-Identifier: Apache-2.0
#include "cost_models/protocol/operation_counts.hpp"

#include <cmath>
#include <cstring>

#include "cost_models/protocol/comparison_counts.hpp"
#include "tests/support/catch.hpp"

namespace {

using namespace sotto::protocol;

constexpr double many = 1 << 20;  // elements: constants of an operation vanish beside them

EngineProfile engine(const char* name, int bit_length) {
    EngineParameters parameters = find_profile(name)->parameters();
    parameters.bit_length = bit_length;
    return find_profile(name)->with(parameters);
}

sotto_operation elementwise(int kind, bool truncates = false) {
    sotto_operation operation{};
    operation.struct_size = sizeof operation;
    operation.kind = kind;
    operation.truncates = truncates ? 1 : 0;
    operation.elements = static_cast<std::int64_t>(many);
    return operation;
}

struct PerElement {
    double server_ots, client_ots, bytes;
};

PerElement per_element(const EngineProfile& profile, const sotto_operation& operation, double divisor = many) {
    OperationCounts counts;
    REQUIRE(count(profile, operation, counts));
    return {counts.server_ots / divisor, counts.client_ots / divisor,
            (counts.client_sent_bytes + counts.server_sent_bytes) / divisor};
}

}  // namespace

TEST_CASE("Counts at 37 bits are those read off OpenCheetah at 37 bits") {
    const EngineProfile profile = engine("opencheetah-2023", 37);
    const PerElement scaled = per_element(profile, elementwise(SOTTO_OPERATION_RELU, true));
    CHECK(scaled.server_ots == 19);
    CHECK(scaled.client_ots == 1);
    CHECK(scaled.bytes == Approx(32.75).epsilon(1e-4));

    const PerElement plain = per_element(profile, elementwise(SOTTO_OPERATION_RELU));
    CHECK(plain.server_ots == 25);
    CHECK(plain.client_ots == 1);
    CHECK(plain.bytes == Approx(40.75).epsilon(1e-4));

    const PerElement truncation = per_element(profile, elementwise(SOTTO_OPERATION_TRUNCATION));
    CHECK(truncation.server_ots == 2);
    CHECK(truncation.client_ots == 0);
    CHECK(truncation.bytes == Approx(2.5).epsilon(1e-4));

    sotto_operation pool = elementwise(SOTTO_OPERATION_MAX_POOL);
    pool.window = {3, 3, 2, 2, 0, 0, 0, 0};
    const PerElement comparison = per_element(profile, pool, 8 * many);
    CHECK(comparison.server_ots == 37);
    CHECK(comparison.client_ots == 1);
    CHECK(comparison.bytes == Approx(56.75).epsilon(1e-4));

    sotto_operation average = elementwise(SOTTO_OPERATION_AVERAGE_POOL);
    average.window = {2, 2, 2, 2, 0, 0, 0, 0};
    CHECK(per_element(profile, average).server_ots == 46);
    average.window = {7, 7, 7, 7, 0, 0, 0, 0};
    CHECK(per_element(profile, average).server_ots <= 62);
}

TEST_CASE("Linear operations need no oblivious transfers") {
    const EngineProfile& profile = *find_profile("opencheetah-2022");
    sotto_operation operation = elementwise(SOTTO_OPERATION_CONVOLUTION);
    operation.input = {16, 28, 28};
    operation.output = {32, 28, 28};
    operation.window = {3, 3, 1, 1, 1, 1, 1, 1};
    for (const int kind : {SOTTO_OPERATION_CONVOLUTION, SOTTO_OPERATION_FULLY_CONNECTED,
                           SOTTO_OPERATION_BATCH_NORMALIZATION, SOTTO_OPERATION_MULTIPLY}) {
        operation.kind = kind;
        OperationCounts counts;
        REQUIRE(count(profile, operation, counts));
        CHECK(counts.server_ots == 0);
        CHECK(counts.client_ots == 0);
        CHECK(counts.bit_triples == 0);
        CHECK(counts.flows == 2);
        CHECK(counts.input_ciphertexts > 0);
        CHECK(counts.macs > 0);
    }
}

TEST_CASE("What is not known is answered false with no counts") {
    OperationCounts counts;
    counts.flows = 7;
    CHECK_FALSE(count(*find_profile("opencheetah-2023"), elementwise(999), counts));
    CHECK(counts == OperationCounts{});
    CHECK_FALSE(count(*find_profile("cryptflow2"), elementwise(SOTTO_OPERATION_CONVOLUTION), counts));
    CHECK(counts == OperationCounts{});
}

TEST_CASE("CrypTFlow2 comparisons stay below the bound of the paper") {
    // Theorem on the comparison of l bits with 4-bit digits: less than lambda l + 14 l bits, lambda = 128; a ReLU adds
    // a selection of 2 (lambda + 2 l) bits.
    for (const int bit_length : {32, 37, 41}) {
        const EngineProfile profile = engine("cryptflow2", bit_length);
        const double bits = 8 * per_element(profile, elementwise(SOTTO_OPERATION_RELU)).bytes;
        const double compared = bit_length - 1;
        const double selection = 2.0 * (128 + 2 * bit_length);
        INFO(bit_length << " bits: " << bits);
        CHECK(bits < (128 + 14) * compared + selection);
        CHECK(bits > 0.9 * (128 + 14) * compared);
    }
}

TEST_CASE("A tournament of n makes n - 1 comparisons") {
    EngineParameters parameters = find_profile("opencheetah-2022")->parameters();
    parameters.bit_length = 41;
    const EngineProfile profile = find_profile("opencheetah-2022")->with(parameters);
    sotto_operation argmax = elementwise(SOTTO_OPERATION_ARGMAX);
    argmax.input = {1024, 1, 1};
    argmax.elements = 1;
    OperationCounts counts;
    REQUIRE(count(profile, argmax, counts));
    // 512 + ... + 8 come in eights, 4 + 2 + 1 are rounded up to 8 each: 1016 + 24 comparisons of 40 + 1 transfers.
    CHECK(counts.server_ots == 1040 * 41);
    CHECK(counts.client_ots == 1040);
}

TEST_CASE("Exact comparisons at 37 bits draw 49 transfers forward and 13 backward") {
    // 9 digits of 4 transfers, 12 bit triples, a selection each way; a truncation after a ReLU takes two more.
    const EngineProfile& profile = *find_profile("opencheetah-2022");
    REQUIRE(profile.parameters().bit_length == 37);
    OperationCounts counts;
    REQUIRE(count(profile, elementwise(SOTTO_OPERATION_RELU), counts));
    CHECK(counts.forward_draws == 49 * many);
    CHECK(counts.backward_draws == 13 * many);
    REQUIRE(count(profile, elementwise(SOTTO_OPERATION_RELU, true), counts));
    CHECK(counts.forward_draws == 51 * many);
    CHECK(counts.backward_draws == 13 * many);
    // 10 digits of all 37 bits, 14 triples.
    REQUIRE(count(profile, elementwise(SOTTO_OPERATION_TRUNCATION), counts));
    CHECK(counts.forward_draws == 55 * many);
    CHECK(counts.backward_draws == 14 * many);
}
