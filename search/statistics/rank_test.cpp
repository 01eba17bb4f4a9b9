// SPDX-License-Identifier: Apache-2.0
#include "search/statistics/rank_test.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <vector>

namespace sotto::statistics {
namespace {

struct Ranks {
    std::vector<std::uint32_t> doubled;  // twice the midrank of each value, in ascending order: whole numbers
    std::uint32_t doubled_sum_of_first = 0;
    double tie_term = 0;  // sum of t^3 - t over groups of t equal values
};

Ranks joint_ranks(std::span<const double> first, std::span<const double> second) {
    struct Value {
        double value;
        bool is_first;
    };
    std::vector<Value> values;
    for (const double value : first) {
        values.push_back({value, true});
    }
    for (const double value : second) {
        values.push_back({value, false});
    }
    std::sort(values.begin(), values.end(), [](const Value& a, const Value& b) { return a.value < b.value; });
    Ranks ranks;
    for (std::size_t begin = 0; begin < values.size();) {
        std::size_t end = begin;
        while (end < values.size() && values[end].value == values[begin].value) {
            ++end;
        }
        const auto doubled = static_cast<std::uint32_t>(begin + 1 + end);
        for (std::size_t i = begin; i < end; ++i) {
            ranks.doubled.push_back(doubled);
            ranks.doubled_sum_of_first += values[i].is_first ? doubled : 0;
        }
        const auto equal = static_cast<double>(end - begin);
        ranks.tie_term += equal * equal * equal - equal;
        begin = end;
    }
    return ranks;
}

// Of all ways to choose `count` of the ranks, the share whose sum is at least as far from its mean.
double exact_p_value(const Ranks& ranks, std::size_t count) {
    std::size_t most = 0;
    for (const std::uint32_t rank : ranks.doubled) {
        most += rank;
    }
    // ways[k][s]: choices of k ranks with doubled sum s.
    std::vector<std::vector<double>> ways(count + 1, std::vector<double>(most + 1, 0));
    ways[0][0] = 1;
    std::size_t reached = 0;
    for (const std::uint32_t rank : ranks.doubled) {
        reached += rank;
        for (std::size_t k = count; k > 0; --k) {
            for (std::size_t sum = reached; sum >= rank; --sum) {
                ways[k][sum] += ways[k - 1][sum - rank];
            }
        }
    }
    // Deviations times the number of values are whole numbers, so that equal ones compare equal.
    const auto values = static_cast<std::int64_t>(ranks.doubled.size());
    const std::int64_t mean = static_cast<std::int64_t>(most) * static_cast<std::int64_t>(count);
    const auto deviation = [&](std::size_t sum) { return std::abs(static_cast<std::int64_t>(sum) * values - mean); };
    const std::int64_t observed = deviation(ranks.doubled_sum_of_first);
    double as_far = 0;
    double all = 0;
    for (std::size_t sum = 0; sum <= most; ++sum) {
        all += ways[count][sum];
        as_far += deviation(sum) >= observed ? ways[count][sum] : 0;
    }
    return as_far / all;
}

double normal_p_value(const Ranks& ranks, double u, double first, double second) {
    const double values = first + second;
    const double variance = first * second / 12 * (values + 1 - ranks.tie_term / (values * (values - 1)));
    if (variance <= 0) {
        return 1;
    }
    const double deviation = std::max(0.0, std::abs(u - first * second / 2) - 0.5);
    return std::min(1.0, std::erfc(deviation / std::sqrt(variance) / std::sqrt(2.0)));
}

}  // namespace

RankTest rank_test(std::span<const double> first, std::span<const double> second) {
    assert(!first.empty() && !second.empty());
    const Ranks ranks = joint_ranks(first, second);
    const auto size = static_cast<double>(first.size());
    const auto other_size = static_cast<double>(second.size());
    RankTest result;
    result.u = ranks.doubled_sum_of_first / 2.0 - size * (size + 1) / 2;
    result.a12 = result.u / (size * other_size);
    result.exact = ranks.doubled.size() <= most_exact_values;
    result.p_value =
        result.exact ? exact_p_value(ranks, first.size()) : normal_p_value(ranks, result.u, size, other_size);
    return result;
}

const char* effect_name(double a12) {
    const double strength = std::abs(a12 - 0.5);
    return strength < 0.06 ? "negligible" : strength < 0.14 ? "small" : strength < 0.21 ? "medium" : "large";
}

}  // namespace sotto::statistics
