// SPDX-License-Identifier: Apache-2.0
#include "search/halving/halving_order.hpp"

#include <algorithm>
#include <numeric>
#include <random>

#include "tests/support/catch.hpp"

using sotto::search::halving_order;

namespace {

using Order = std::vector<std::size_t>;

// Ranks by their definition: rank r is not dominated by anything of rank r or more.
std::vector<int> ranks_by_definition(const std::vector<double>& scores, const std::vector<double>& costs) {
    const auto beats = [&](std::size_t a, std::size_t b) {
        return scores[a] <= scores[b] && costs[a] <= costs[b] && (scores[a] < scores[b] || costs[a] < costs[b]);
    };
    std::vector<int> ranks(scores.size(), -1);
    for (int rank = 0; std::count(ranks.begin(), ranks.end(), -1) > 0; ++rank) {
        const std::vector<int> before = ranks;
        for (std::size_t i = 0; i < scores.size(); ++i) {
            bool is_beaten = false;
            for (std::size_t j = 0; j < scores.size(); ++j) {
                is_beaten = is_beaten || (before[j] == -1 && beats(j, i));
            }
            if (before[i] == -1 && !is_beaten) {
                ranks[i] = rank;
            }
        }
    }
    return ranks;
}

}  // namespace

TEST_CASE("a network that is slower and no better goes behind all that nothing beats") {
    // Scores to be minimised: errors of .1, .2, .15 and .5; the third is slower and worse than the first.
    const std::vector<double> errors = {0.10, 0.20, 0.15, 0.50};
    const std::vector<double> latencies = {30, 10, 40, 5};
    const std::vector<std::uint64_t> ids = {11, 12, 13, 14};
    CHECK(halving_order(errors, {latencies, 1}, ids) == Order{0, 1, 3, 2});
}

TEST_CASE("without costs the score alone decides") {
    const std::vector<double> errors = {0.3, 0.1, 0.2};
    const std::vector<std::uint64_t> ids = {1, 2, 3};
    CHECK(halving_order(errors, {{}, 0}, ids) == Order{1, 2, 0});
}

TEST_CASE("of equals the earlier candidate comes first") {
    const std::vector<double> errors = {0.5, 0.5, 0.5};
    const std::vector<double> latencies = {7, 7, 7};
    const std::vector<std::uint64_t> ids = {9, 4, 6};
    CHECK(halving_order(errors, {latencies, 1}, ids) == Order{1, 2, 0});
    CHECK(halving_order({}, {{}, 1}, {}).empty());
}

TEST_CASE("the order is by non-domination as defined and then by score") {
    std::mt19937_64 draws(5);
    std::uniform_int_distribution<int> value(0, 9);
    for (int round = 0; round < 100; ++round) {
        std::vector<double> errors;
        std::vector<double> latencies;
        std::vector<std::uint64_t> ids;
        for (std::uint64_t i = 0; i < 15; ++i) {
            errors.push_back(value(draws));
            latencies.push_back(value(draws));
            ids.push_back(100 - i);
        }
        const std::vector<int> ranks = ranks_by_definition(errors, latencies);
        Order expected(15);
        std::iota(expected.begin(), expected.end(), std::size_t{0});
        std::sort(expected.begin(), expected.end(), [&](std::size_t a, std::size_t b) {
            return std::tuple(ranks[a], errors[a], latencies[a], ids[a]) <
                   std::tuple(ranks[b], errors[b], latencies[b], ids[b]);
        });
        CHECK(halving_order(errors, {latencies, 1}, ids) == expected);
    }
}
