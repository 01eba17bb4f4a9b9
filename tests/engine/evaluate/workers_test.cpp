// SPDX-License-Identifier: Apache-2.0
#include "engine/evaluate/workers.hpp"

#include <atomic>
#include <latch>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/catch.hpp"

namespace sotto::evaluate {

TEST_CASE("Workers run every item once, with slots in range and to themselves") {
    for (const std::size_t threads : {1U, 2U, 4U}) {
        Workers workers(threads);
        REQUIRE(workers.slots() == threads);
        std::vector<std::atomic<int>> runs(1000);
        std::vector<std::atomic<int>> in_slot(threads);
        std::atomic<bool> shared_a_slot = false;
        workers.run(runs.size(), [&](std::size_t item, std::size_t slot) {
            if (slot >= threads || in_slot[slot]++ != 0) {
                shared_a_slot = true;
            }
            ++runs[item];
            --in_slot[slot];
            return true;
        });
        REQUIRE_FALSE(shared_a_slot);
        for (const std::atomic<int>& count : runs) {
            REQUIRE(count == 1);
        }
    }
}

TEST_CASE("Workers run as many items at once as there are threads") {
    Workers workers(3);
    std::latch all_here(3);
    workers.run(3, [&](std::size_t, std::size_t) {
        all_here.arrive_and_wait();
        return true;
    });
    SUCCEED("each of three items waited for the other two");
}

TEST_CASE("Every item below one that stops the work has run") {
    for (const std::size_t threads : {1U, 2U, 4U}) {
        Workers workers(threads);
        for (const std::size_t stop_at : {0U, 1U, 17U, 99U}) {
            std::vector<std::atomic<int>> runs(100);
            workers.run(runs.size(), [&](std::size_t item, std::size_t) {
                ++runs[item];
                return item != stop_at;
            });
            for (std::size_t item = 0; item <= stop_at; ++item) {
                REQUIRE(runs[item] == 1);
            }
            if (threads == 1 && stop_at + 1 < runs.size()) {
                REQUIRE(runs[stop_at + 1] == 0);
            }
        }
    }
}

TEST_CASE("Of several exceptions the one of the lowest item is thrown") {
    for (const std::size_t threads : {1U, 2U, 4U}) {
        Workers workers(threads);
        for (int repeat = 0; repeat < 20; ++repeat) {
            std::string text;
            try {
                workers.run(50, [](std::size_t item, std::size_t) -> bool {
                    if (item >= 5) {
                        throw std::runtime_error(std::to_string(item));
                    }
                    return true;
                });
            } catch (const std::runtime_error& error) {
                text = error.what();
            }
            REQUIRE(text == "5");
        }
    }
}

}  // namespace sotto::evaluate
