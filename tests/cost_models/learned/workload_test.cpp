// SPDX-License-Identifier: Apache-2.0
#include "cost_models/learned/workload.hpp"

#include <cmath>
#include <stdexcept>

#include "tests/cost_models/learned/sample_programs.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::learned;

TEST_CASE("refills of a program are the pools that its transfers use up") {
    // 28 forward draws per element (docs/protocol_counts.md): 100,000 elements take 2.8 million of 10,001,853.
    const std::vector<sotto_operation> program(20, sample::relu(100000));
    const std::vector<Workload> work = workloads(sample::engine(), program);
    double refills = 0;
    for (std::size_t i = 0; i < work.size(); ++i) {
        refills += work[i].refills;
        const double drawn = 28.0 * 100000 * static_cast<double>(i + 1) / 10001853;
        CHECK(work[i].forward_after == Approx(drawn - std::floor(drawn)).margin(1e-5));
    }
    const double forward = std::floor(28.0 * 100000 * 20 / 10001853);
    const double backward = std::floor(work.front().counts.backward_draws * 20 / 10001853);
    CHECK(refills == forward + backward);
    CHECK(work.front().forward_before == Approx(0).margin(1e-6));
    CHECK(work[1].forward_before == work[0].forward_after);
}

TEST_CASE("only transfers beyond the largest operation so far touch fresh memory") {
    const std::vector<sotto_operation> program = {sample::relu(800), sample::relu(400), sample::relu(1600)};
    const std::vector<Workload> work = workloads(sample::engine(), program);
    const auto draws = [](const Workload& one) { return one.counts.forward_draws + one.counts.backward_draws; };
    CHECK(work[0].first_touch_draws == draws(work[0]));
    CHECK(work[1].first_touch_draws == 0);
    CHECK(work[2].first_touch_draws == draws(work[2]) - draws(work[0]));
}

TEST_CASE("an operation knows what stands right before it") {
    const std::vector<sotto_operation> program = {
        sample::relu(8),  sample::fully_connected(2048, 10), sample::relu(10),
        sample::relu(10), sample::convolution(3, 8, 4, 3),   sample::max_pool(4, 8)};
    const std::vector<Workload> work = workloads(sample::engine(), program);
    CHECK_FALSE(work[0].follows_linear);
    CHECK(work[2].follows_linear);
    CHECK(work[2].matrix_before == 20480);
    CHECK(work[2].conflicts_before == 20480);  // 2048 is a multiple of 1024
    CHECK(work[2].severe_before == 0);
    CHECK_FALSE(work[3].follows_linear);
    CHECK(work[3].matrix_before == 0);
    CHECK(work[5].follows_linear);
    CHECK(work[5].matrix_before == 0);
    CHECK(work[5].comparisons == 3);
    CHECK(work[4].gathered_elements == 9 * 3 * 64);
}

TEST_CASE("operations without a protocol are refused by name and number") {
    sotto_operation argmax = sample::relu(10);
    argmax.kind = SOTTO_OPERATION_ARGMAX;
    const std::vector<sotto_operation> program = {sample::relu(8), argmax};
    CHECK_THROWS_WITH(workloads(sample::engine(), program), matchers::contains_text("operation 1 (argmax)"));
    sotto_operation flat = sample::convolution(3, 8, 4, 3);
    flat.window.stride_height = 0;
    ProgramState state(sample::engine());
    Workload work;
    CHECK_FALSE(next_workload(sample::engine(), flat, state, work));
    CHECK(state.is_first);
}

TEST_CASE("keys tell operations apart by everything but their layer") {
    sotto_operation one = sample::convolution(3, 8, 4, 3);
    sotto_operation other = one;
    other.layer = 7;
    CHECK(operation_key(one) == operation_key(other));
    other.window.pad_left = 0;
    CHECK_FALSE(operation_key(one) == operation_key(other));
    CHECK_FALSE(operation_key(sample::relu(8, true)) == operation_key(sample::relu(8, false)));
}
