// SPDX-License-Identifier: Apache-2.0
#include "engine/evaluate/evaluation_cache.hpp"

#include "tests/support/catch.hpp"

namespace sotto::evaluate {
namespace {

Evaluation numbered(std::uint64_t number) {
    Evaluation evaluation;
    evaluation.status = Evaluation::Status::complete;
    evaluation.hash = {number, number * 3};
    evaluation.metrics = {static_cast<double>(number)};
    return evaluation;
}

const Evaluation* find(EvaluationCache& cache, std::uint64_t number) {
    return cache.find({number, number * 3});
}

}  // namespace

TEST_CASE("The cache never holds more than its capacity") {
    for (const std::size_t capacity : {0U, 1U, 2U, 7U, 64U}) {
        EvaluationCache cache(capacity);
        for (std::uint64_t number = 0; number < 1000; ++number) {
            cache.insert(numbered(number));
            find(cache, number / 2);
            REQUIRE(cache.size() <= capacity);
        }
    }
}

TEST_CASE("The cache gives back what was inserted") {
    EvaluationCache cache(100);
    for (std::uint64_t number = 0; number < 50; ++number) {
        cache.insert(numbered(number));
    }
    for (std::uint64_t number = 0; number < 50; ++number) {
        REQUIRE(find(cache, number) != nullptr);
        REQUIRE(find(cache, number)->metrics == std::vector<double>{static_cast<double>(number)});
    }
    REQUIRE(find(cache, 50) == nullptr);
}

TEST_CASE("The cache keeps what is used and forgets what is not") {
    EvaluationCache cache(20);
    for (std::uint64_t number = 0; number < 500; ++number) {
        cache.insert(numbered(number));
        REQUIRE(find(cache, 0) != nullptr);
    }
    REQUIRE(find(cache, 1) == nullptr);
    REQUIRE(find(cache, 499) != nullptr);
}

}  // namespace sotto::evaluate
