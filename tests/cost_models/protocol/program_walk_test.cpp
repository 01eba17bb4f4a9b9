// SPDX-License-Identifier: Apache-2.0
// Columns of single operations against counts by hand; docs/cost_models.md has the definitions.
#include "cost_models/protocol/program_walk.hpp"

#include <vector>

#include "tests/cost_models/protocol/operations.hpp"
#include "tests/support/catch.hpp"

using namespace sotto::protocol;
using namespace sotto::protocol::test;

namespace {

double value(const Step& step, Column column) {
    for (std::size_t i = 0; i < step.row.size; ++i) {
        if (step.row.columns[i] == column) {
            return step.row.values[i];
        }
    }
    return 0;
}

std::vector<Step> steps_of(const char* engine, Coupling coupling, const std::vector<sotto_operation>& program) {
    const EngineProfile& profile = *find_profile(engine);
    WalkState state(profile);
    std::vector<Step> steps(program.size());
    for (std::size_t i = 0; i < program.size(); ++i) {
        REQUIRE(is_well_formed(program[i]));
        REQUIRE(walk(profile, coupling, program[i], i + 1 < program.size() ? program[i + 1].kind : 0, state, steps[i]));
    }
    return steps;
}

}  // namespace

TEST_CASE("A convolution whose padded channel fills a ciphertext has one group for each channel") {
    const Step step = steps_of("opencheetah-2023", Coupling::separated, {convolution({64, 56, 56}, 64, 3, 1, 1)})[0];
    CHECK(step.kind == CostKind::convolution);
    CHECK(value(step, Column::conv_operations) == 1);
    CHECK(value(step, Column::conv_input_ciphertexts) == 64);  // 58 x 58 <= 4096, two channels do not fit
    CHECK(value(step, Column::conv_output_ciphertexts) == 64);
    CHECK(value(step, Column::conv_polynomial_products) == 64 * 64);
    CHECK(value(step, Column::conv_scalar_products) == 0);
    CHECK(value(step, Column::conv_results) == 56 * 56 * 64);
    CHECK(value(step, Column::conv_weights) == 9 * 64 * 64);
    CHECK(value(step, Column::link_upload_bytes) == Approx(64 * 62420).epsilon(0.002));
    CHECK(value(step, Column::link_linear_messages) == 2);
    CHECK(value(step, Column::conv_macs) == 0);  // of coupled models alone
}

TEST_CASE("A convolution of one pixel reads every stride-th and multiplies single channels by scalars") {
    // Two of the three channels share a ciphertext (40 x 40), the third is alone.
    const Step step = steps_of("opencheetah-2023", Coupling::separated, {convolution({3, 80, 80}, 48, 1, 2, 0)})[0];
    CHECK(value(step, Column::conv_input_ciphertexts) == 2);
    CHECK(value(step, Column::conv_polynomial_products) == 48);
    CHECK(value(step, Column::conv_scalar_products) == 48);
    CHECK(value(step, Column::conv_results) == 40 * 40 * 48);
}

TEST_CASE("A strided convolution has more results than outputs") {
    const Step step = steps_of("opencheetah-2022", Coupling::coupled, {convolution({3, 30, 30}, 8, 3, 2, 0)})[0];
    CHECK(value(step, Column::conv_results) == 28 * 28 * 8);
    CHECK(value(step, Column::conv_outputs) == 14 * 14 * 8);
    CHECK(value(step, Column::conv_patch_elements) == 14 * 14 * 9 * 3);
    CHECK(value(step, Column::conv_macs) == 14 * 14 * 9 * 3 * 8);
}

TEST_CASE("Outputs that a pool takes are not compared first") {
    const sotto_operation conv = convolution({3, 30, 30}, 8, 3, 1, 0);
    const auto outputs_to_compare = [&](const sotto_operation& next) {
        return value(steps_of("opencheetah-2022", Coupling::coupled, {conv, next})[0], Column::conv_outputs_to_compare);
    };
    CHECK(outputs_to_compare(max_pool({8, 28, 28}, 2)) == 0);
    CHECK(outputs_to_compare(average_pool({8, 28, 28}, 2)) == 0);
    CHECK(outputs_to_compare(relu(28 * 28 * 8, true)) == 28 * 28 * 8);
}

TEST_CASE("Normalisations are convolutions of a pixel, columns of their own or elementwise products") {
    const sotto_operation homomorphic = normalization({12, 7, 7}, SOTTO_NORMALIZATION_HOMOMORPHIC);
    const sotto_operation elementwise = normalization({12, 7, 7}, SOTTO_NORMALIZATION_ELEMENTWISE);
    const auto coupled = steps_of("opencheetah-2022", Coupling::coupled, {homomorphic, elementwise});
    CHECK(coupled[0].kind == CostKind::normalization);
    CHECK(value(coupled[0], Column::conv_scalar_products) == 12);
    CHECK(value(coupled[0], Column::conv_results) == 0);
    CHECK(coupled[1].kind == CostKind::product);
    CHECK(value(coupled[1], Column::product_elements) == 12 * 49);
    // The engine of 2023 runs all of them homomorphically.
    const auto separated = steps_of("opencheetah-2023", Coupling::separated, {homomorphic, elementwise});
    for (const Step& step : separated) {
        CHECK(step.kind == CostKind::normalization);
        CHECK(value(step, Column::normalization_ciphertexts) == 12);
        CHECK(value(step, Column::normalization_elements) == 12 * 49);
    }
}

TEST_CASE("Weights of a fully connected layer collide in caches by the twos in its columns") {
    const auto steps =
        steps_of("opencheetah-2022", Coupling::coupled,
                 {fully_connected(16384, 1024), fully_connected(25088, 1024), fully_connected(28224, 1024)});
    const double uncached = 16384.0 * 1024 - 1e6;
    CHECK(value(steps[0], Column::fc_weights) == 16384 * 1024);
    CHECK(value(steps[0], Column::fc_root_weights) == 4096);
    CHECK(value(steps[0], Column::fc_uncached_weights_2_kib) == uncached);
    CHECK(value(steps[0], Column::fc_uncached_weights_8_kib) == uncached);
    CHECK(value(steps[0], Column::fc_uncached_weights_beyond_8_kib) == 4 * uncached);   // 2^14
    CHECK(value(steps[1], Column::fc_uncached_weights_2_kib) == 25088.0 * 1024 - 1e6);  // 2^9
    CHECK(value(steps[1], Column::fc_uncached_weights_8_kib) == 0);
    CHECK(value(steps[2], Column::fc_uncached_weights_2_kib) == 0);  // 2^6
}

TEST_CASE("A ReLU draws 28 transfers an element and touches new memory once") {
    const auto steps =
        steps_of("opencheetah-2023", Coupling::separated, {relu(76800, true), relu(76800, true), relu(153600, true)});
    CHECK(value(steps[0], Column::relu_transfers) == 76800 * 28);
    CHECK(value(steps[0], Column::memory_transfers_out_of_cache) == 76800 * 28 - 1500000);
    CHECK(value(steps[0], Column::memory_transfers_first_touch) == 76800 * 28);
    CHECK(value(steps[1], Column::memory_transfers_first_touch) == 0);
    CHECK(value(steps[2], Column::memory_transfers_first_touch) == 76800 * 28);
    CHECK(value(steps[0], Column::link_nonlinear_bytes) == 777632 + 2275280);  // as measured
    CHECK(value(steps[0], Column::link_nonlinear_messages) == 14);
    CHECK(value(steps[0], Column::link_nonlinear_server_messages) == 12);
}

TEST_CASE("The operation that runs a pool dry has the refill, and its bytes") {
    // 2,150,400 transfers each; the pool holds 10,001,853.
    const auto steps = steps_of("opencheetah-2023", Coupling::separated, std::vector(10, relu(76800, true)));
    for (std::size_t i = 0; i < steps.size(); ++i) {
        INFO(i);
        const double refills = i == 4 || i == 9 ? 1 : 0;
        CHECK(value(steps[i], Column::pool_refills) == refills);
        CHECK(steps[i].server_sent_bytes == 2275280 + refills * 559456);
    }
}

TEST_CASE("Pools compare in rounds, and the first average pool is told apart") {
    const auto steps =
        steps_of("opencheetah-2023", Coupling::separated,
                 {max_pool({10, 30, 30}, 3), average_pool({10, 10, 10}, 2), average_pool({10, 10, 10}, 2)});
    CHECK(value(steps[0], Column::max_pool_comparisons) == 8);
    CHECK(value(steps[0], Column::max_pool_transfers) == 8 * 1000 * 55);
    CHECK(value(steps[0], Column::link_nonlinear_messages) == 12 * 8 + 1);
    CHECK(value(steps[1], Column::average_pool_first) == 1);
    CHECK(value(steps[2], Column::average_pool_first) == 0);
    CHECK(value(steps[1], Column::average_pool_transfers) == value(steps[2], Column::average_pool_transfers));
}

TEST_CASE("A coupled program remembers that a linear operation ran") {
    const auto steps = steps_of("opencheetah-2022", Coupling::coupled,
                                {relu(10000, false), convolution({3, 30, 30}, 8, 3, 1, 0), relu(10000, false)});
    CHECK(value(steps[0], Column::nonlinear_transfers) == 10000 * 49);
    CHECK(value(steps[0], Column::nonlinear_root_transfers) == 100 * 49);
    CHECK(value(steps[0], Column::nonlinear_root_transfers_after_linear) == 0);
    CHECK(value(steps[2], Column::nonlinear_root_transfers_after_linear) == 100 * 49);
}

TEST_CASE("Argmax and unknown kinds have no columns and malformed sizes are noticed") {
    const EngineProfile& profile = *find_profile("opencheetah-2023");
    WalkState state(profile);
    Step step;
    sotto_operation argmax = relu(1000, false);
    argmax.kind = SOTTO_OPERATION_ARGMAX;
    argmax.input = {1000, 1, 1};
    CHECK_FALSE(walk(profile, Coupling::separated, argmax, 0, state, step));
    argmax.kind = 77;
    CHECK_FALSE(walk(profile, Coupling::separated, argmax, 0, state, step));

    CHECK_FALSE(is_well_formed(relu(0, false)));
    sotto_operation conv = convolution({3, 8, 8}, 4, 3, 1, 0);
    conv.window.stride_width = 0;
    CHECK_FALSE(is_well_formed(conv));
    conv = convolution({3, 8, 8}, 4, 3, 1, 0);
    conv.window.kernel_height = 9;
    CHECK_FALSE(is_well_formed(conv));
}
