// SPDX-License-Identifier: Apache-2.0
#include "search/halving/halving_order.hpp"

#include <algorithm>
#include <numeric>
#include <random>
#include <tuple>
#include <vector>

#include "tests/support/catch.hpp"

using sotto::search::halving_order;

namespace {

using Order = std::vector<std::size_t>;

// A network's score and costs, all to be minimised.
using Rows = std::vector<std::vector<double>>;

// Ranks by their definition: rank r is not dominated by anything of rank r or more.
std::vector<int> ranks_by_definition(const Rows& rows) {
    const auto beats = [&](std::size_t a, std::size_t b) {
        bool nowhere_worse = true;
        for (std::size_t k = 0; k < rows[a].size(); ++k) {
            nowhere_worse = nowhere_worse && rows[a][k] <= rows[b][k];
        }
        return nowhere_worse && rows[a] != rows[b];
    };
    std::vector<int> ranks(rows.size(), -1);
    for (int rank = 0; std::count(ranks.begin(), ranks.end(), -1) > 0; ++rank) {
        const std::vector<int> before = ranks;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            bool is_beaten = false;
            for (std::size_t j = 0; j < rows.size(); ++j) {
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

TEST_CASE("a network that is better in one of two costs is not beaten") {
    // Errors, and then for each network its latency and its bytes.
    const std::vector<double> errors = {0.10, 0.20, 0.30, 0.25};
    const std::vector<double> costs = {30, 30, 40, 20, 35, 40, 50, 10};
    const std::vector<std::uint64_t> ids = {11, 12, 13, 14};
    // The third is worse than the first in everything. The second has fewer bytes than the first at a higher latency,
    // the fourth fewer still.
    CHECK(halving_order(errors, {costs, 2}, ids) == Order{0, 1, 3, 2});
    // Of equal scores and first costs the second cost decides.
    const std::vector<double> equal = {0.5, 0.5, 0.5};
    const std::vector<double> close = {7, 3, 7, 1, 7, 2};
    const std::vector<std::uint64_t> three = {1, 2, 3};
    CHECK(halving_order(equal, {close, 2}, three) == Order{1, 2, 0});
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
    for (const std::size_t costs : {0U, 1U, 2U, 3U}) {
        for (int round = 0; round < 50; ++round) {
            std::vector<double> errors;
            std::vector<double> values;
            Rows rows(15);
            std::vector<std::uint64_t> ids;
            for (std::vector<double>& row : rows) {
                errors.push_back(value(draws));
                row.push_back(errors.back());
                for (std::size_t k = 0; k < costs; ++k) {
                    values.push_back(value(draws));
                    row.push_back(values.back());
                }
                ids.push_back(100 - ids.size());
            }
            const std::vector<int> ranks = ranks_by_definition(rows);
            Order expected(rows.size());
            std::iota(expected.begin(), expected.end(), std::size_t{0});
            std::sort(expected.begin(), expected.end(), [&](std::size_t a, std::size_t b) {
                return std::tie(ranks[a], rows[a], ids[a]) < std::tie(ranks[b], rows[b], ids[b]);
            });
            INFO(costs << " costs, round " << round);
            CHECK(halving_order(errors, {values, costs}, ids) == expected);
        }
    }
}
