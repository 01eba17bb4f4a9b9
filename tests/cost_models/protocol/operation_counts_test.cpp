// SPDX-License-Identifier: Apache-2.0
#include "cost_models/protocol/operation_counts.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <random>

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

// A well-formed operation within the ranges of a measurement table, small and large sizes alike often.
class RandomOperations {
  public:
    sotto_operation next() {
        constexpr std::array kinds = {SOTTO_OPERATION_CONVOLUTION,  SOTTO_OPERATION_CONVOLUTION,
                                      SOTTO_OPERATION_RELU,         SOTTO_OPERATION_MAX_POOL,
                                      SOTTO_OPERATION_AVERAGE_POOL, SOTTO_OPERATION_BATCH_NORMALIZATION,
                                      SOTTO_OPERATION_TRUNCATION,   SOTTO_OPERATION_FULLY_CONNECTED,
                                      SOTTO_OPERATION_MULTIPLY,     SOTTO_OPERATION_ARGMAX};
        sotto_operation operation{};
        operation.struct_size = sizeof operation;
        operation.kind = kinds[static_cast<std::size_t>(whole(0, kinds.size() - 1))];
        operation.truncates = static_cast<std::int32_t>(whole(0, 1));
        operation.normalization = static_cast<std::int32_t>(whole(
            SOTTO_NORMALIZATION_NONE, std::max(SOTTO_NORMALIZATION_HOMOMORPHIC, SOTTO_NORMALIZATION_ELEMENTWISE)));
        operation.input = {size(1 << 24), size(65536), size(65536)};
        operation.output = operation.input;
        if (operation.kind == SOTTO_OPERATION_FULLY_CONNECTED || operation.kind == SOTTO_OPERATION_ARGMAX) {
            operation.input = {size(1 << 24), 1, 1};
            operation.output = {size(1 << 24), 1, 1};
        }
        sotto_window& window = operation.window;
        window = {0, 0, size(65536), size(65536), pad(), pad(), pad(), pad()};
        const std::int32_t high = operation.input.height + window.pad_top + window.pad_bottom;
        const std::int32_t wide = operation.input.width + window.pad_left + window.pad_right;
        window.kernel_height = size(std::min(high, 65536));
        window.kernel_width = size(std::min(wide, 65536));
        if (operation.kind == SOTTO_OPERATION_CONVOLUTION || operation.kind == SOTTO_OPERATION_MAX_POOL ||
            operation.kind == SOTTO_OPERATION_AVERAGE_POOL) {
            operation.output.height = (high - window.kernel_height) / window.stride_height + 1;
            operation.output.width = (wide - window.kernel_width) / window.stride_width + 1;
            if (operation.kind == SOTTO_OPERATION_CONVOLUTION) {
                operation.output.channels = size(1 << 24);
            }
        }
        operation.elements = std::min(std::int64_t{1} << 40, std::int64_t{operation.output.channels} *
                                                                 operation.output.height * operation.output.width);
        return operation;
    }

  private:
    std::int64_t whole(std::int64_t least, std::int64_t most) {
        return std::uniform_int_distribution<std::int64_t>(least, most)(generator_);
    }
    std::int32_t size(std::int64_t most) {
        const double logarithm = std::uniform_real_distribution<>(0, std::log2(static_cast<double>(most)))(generator_);
        return static_cast<std::int32_t>(std::clamp<std::int64_t>(std::llround(std::exp2(logarithm)), 1, most));
    }
    std::int32_t pad() { return whole(0, 2) == 0 ? size(65536) : 0; }

    std::mt19937_64 generator_{7};
};

}  // namespace

TEST_CASE("Counts of well-formed operations are finite and not negative") {
    RandomOperations operations;
    int counted = 0;
    int sliced = 0;
    for (int i = 0; i < 20'000; ++i) {
        const sotto_operation operation = operations.next();
        for (const EngineProfile& profile : profiles()) {
            OperationCounts counts;
            if (!count(profile, operation, counts)) {
                // A kernel that no polynomial holds, or an engine whose linear operations are not known.
                CHECK((std::int64_t{operation.window.kernel_height} * operation.window.kernel_width > 4096 ||
                       profile.parameters().linear == LinearProtocol::unknown));
                CHECK(counts == OperationCounts{});
                continue;
            }
            ++counted;
            const bool is_convolution = operation.kind == SOTTO_OPERATION_CONVOLUTION;
            sliced += is_convolution && counts.input_ciphertexts > operation.input.channels ? 1 : 0;
            const std::array values = {counts.input_ciphertexts,
                                       counts.output_ciphertexts,
                                       counts.scalar_products,
                                       counts.polynomial_products,
                                       counts.client_ots,
                                       counts.server_ots,
                                       counts.bit_triples,
                                       counts.extension_ots,
                                       counts.forward_draws,
                                       counts.backward_draws,
                                       counts.client_sent_bytes,
                                       counts.server_sent_bytes,
                                       counts.flows,
                                       counts.elements,
                                       counts.results,
                                       counts.macs,
                                       counts.parameters,
                                       counts.cache_conflict_parameters,
                                       counts.severe_cache_conflict_parameters};
            const bool are_sound = std::all_of(values.begin(), values.end(),
                                               [](double value) { return std::isfinite(value) && value >= 0; });
            INFO("operation " << i << " under " << profile.name() << ": kind " << operation.kind);
            CHECK(are_sound);
            // Every value that a linear operation gives back comes in a ciphertext of 4096.
            if (is_convolution) {
                CHECK(counts.output_ciphertexts >= operation.output.channels);
                CHECK(counts.results <= counts.output_ciphertexts * 4096);
            }
        }
    }
    CHECK(counted > 40'000);
    CHECK(sliced > 1'000);
}

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

TEST_CASE("A tournament of n has the levels of a binary tree over n") {
    const EngineProfile& profile = *find_profile("opencheetah-2022");
    sotto_operation argmax = elementwise(SOTTO_OPERATION_ARGMAX);
    argmax.elements = 1;
    // A level of up to 16 nodes has 8 comparisons, each with one transfer back.
    for (const auto& [classes, levels] :
         {std::pair{1, 0}, {2, 1}, {3, 2}, {4, 2}, {5, 3}, {8, 3}, {9, 4}, {10, 4}, {16, 4}}) {
        argmax.input = {classes, 1, 1};
        OperationCounts counts;
        REQUIRE(count(profile, argmax, counts));
        INFO(classes << " classes");
        CHECK(counts.client_ots == 8 * levels);
    }
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
