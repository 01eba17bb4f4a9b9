// SPDX-License-Identifier: Apache-2.0
#include "cost_models/protocol/oblivious_transfer_pool.hpp"

#include "tests/support/catch.hpp"

namespace {

using namespace sotto::protocol;

OperationCounts draws(double forward, double backward) {
    OperationCounts counts;
    counts.forward_draws = forward;
    counts.backward_draws = backward;
    return counts;
}

constexpr double one_refill = 10'001'853;

}  // namespace

TEST_CASE("A pool is refilled when an operation draws more than is left") {
    ObliviousTransferPool pool(*find_profile("opencheetah-2023"));
    // One was drawn to fill it.
    CHECK(pool.advance(draws(one_refill - 1, 0)).forward == 0);
    const Refills refills = pool.advance(draws(1, 0));
    CHECK(refills.forward == 1);
    CHECK(refills.backward == 0);
    CHECK(refills.server_sent_bytes == 559'456);
    CHECK(refills.client_sent_bytes == 0);
    CHECK(refills.flows == 1);
    CHECK(pool.advance(draws(one_refill - 1, 0)).forward == 0);
    CHECK(pool.advance(draws(3 * one_refill, 1)).forward == 3);
}

TEST_CASE("Directions have pools of their own") {
    ObliviousTransferPool pool(*find_profile("opencheetah-2023"));
    CHECK(pool.advance(draws(9e6, 9e6)) == Refills{});
    const Refills refills = pool.advance(draws(0, 2e6));
    CHECK(refills.forward == 0);
    CHECK(refills.backward == 1);
    CHECK(refills.client_sent_bytes == 559'456);
    CHECK(refills.server_sent_bytes == 0);
    CHECK(pool.forward_drawn() == 9e6 + 1);
    CHECK(pool.backward_drawn() == 11e6 + 1);
}

TEST_CASE("Refills do not depend on how draws are split among operations") {
    ObliviousTransferPool whole(*find_profile("opencheetah-2023"));
    ObliviousTransferPool parts = whole;
    double sum = 0;
    for (int part = 0; part < 1000; ++part) {
        sum += parts.advance(draws(123'457, 7'001)).forward;
    }
    CHECK(whole.advance(draws(123'457'000, 7'001'000)).forward == sum);
}

TEST_CASE("Each thread has a pool and odd threads send the other way") {
    const EngineProfile& single = *find_profile("opencheetah-2023");
    EngineParameters parameters = single.parameters();
    parameters.threads = 4;
    const EngineProfile four = single.with(parameters);

    sotto_operation relu{};
    relu.struct_size = sizeof relu;
    relu.kind = SOTTO_OPERATION_RELU;
    relu.elements = 4'000'000;
    OperationCounts one_thread;
    OperationCounts four_threads;
    REQUIRE(count(single, relu, one_thread));
    REQUIRE(count(four, relu, four_threads));
    CHECK(four_threads.forward_draws == one_thread.forward_draws / 4);
    CHECK(four_threads.server_ots + four_threads.client_ots == one_thread.server_ots + one_thread.client_ots);
    CHECK(four_threads.server_ots == four_threads.client_ots);

    ObliviousTransferPool pool(four);
    const Refills refills = pool.advance(four_threads);
    // 38 forward and 10 backward draws an element, a million elements a thread.
    CHECK(refills.forward == 3);
    CHECK(refills.backward == 0);
    CHECK(refills.server_sent_bytes == 3 * 2 * 559'456);
    CHECK(refills.client_sent_bytes == 3 * 2 * 559'456);
}

TEST_CASE("The first transfers by extension of a program need base transfers") {
    const EngineProfile& profile = *find_profile("opencheetah-2023");
    ObliviousTransferPool pool(profile);
    sotto_operation pool_operation{};
    pool_operation.struct_size = sizeof pool_operation;
    pool_operation.kind = SOTTO_OPERATION_AVERAGE_POOL;
    pool_operation.elements = 64;
    pool_operation.window = {2, 2, 2, 2, 0, 0, 0, 0};
    OperationCounts counts;
    REQUIRE(count(profile, pool_operation, counts));
    CHECK(pool.advance(counts).client_sent_bytes > 0);
    CHECK(pool.advance(counts) == Refills{});
}
