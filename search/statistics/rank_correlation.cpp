// SPDX-License-Identifier: Apache-2.0
#include "search/statistics/rank_correlation.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <vector>

namespace sotto::statistics {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();
constexpr double deviations_of_95_percent = 1.959963984540054;

RankCorrelation with_interval(double value, double variance, std::size_t pairs) {
    if (std::isnan(value) || pairs < 5) {
        return {value, nothing, nothing};
    }
    // A perfect correlation has no finite z.
    constexpr double most = 1 - 1e-12;
    const double z = std::atanh(std::clamp(value, -most, most));
    const double reach = deviations_of_95_percent * std::sqrt(variance);
    return {value, std::tanh(z - reach), std::tanh(z + reach)};
}

/// Pairs within runs of equal neighbours.
template <typename Equal>
double tied_pairs(std::size_t count, Equal&& equal) {
    double pairs = 0;
    for (std::size_t begin = 0; begin < count;) {
        std::size_t end = begin + 1;
        while (end < count && equal(end - 1, end)) {
            ++end;
        }
        const auto run = static_cast<double>(end - begin);
        pairs += run * (run - 1) / 2;
        begin = end;
    }
    return pairs;
}

/// Sorts, and counts the pairs that stood in the wrong order.
double sort_and_count(std::vector<double>& values, std::vector<double>& scratch, std::size_t begin, std::size_t end) {
    if (end - begin < 2) {
        return 0;
    }
    const std::size_t middle = begin + (end - begin) / 2;
    double wrong = sort_and_count(values, scratch, begin, middle) + sort_and_count(values, scratch, middle, end);
    std::size_t left = begin;
    std::size_t right = middle;
    for (std::size_t at = begin; at < end; ++at) {
        if (right == end || (left < middle && values[left] <= values[right])) {
            scratch[at] = values[left++];
        } else {
            wrong += static_cast<double>(middle - left);
            scratch[at] = values[right++];
        }
    }
    std::copy(scratch.begin() + static_cast<std::ptrdiff_t>(begin), scratch.begin() + static_cast<std::ptrdiff_t>(end),
              values.begin() + static_cast<std::ptrdiff_t>(begin));
    return wrong;
}

}  // namespace

std::vector<double> ranks(std::span<const double> values) {
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
    std::vector<double> result(values.size());
    for (std::size_t begin = 0; begin < order.size();) {
        std::size_t end = begin;
        while (end < order.size() && values[order[end]] == values[order[begin]]) {
            ++end;
        }
        for (std::size_t at = begin; at < end; ++at) {
            result[order[at]] = static_cast<double>(begin + end - 1) / 2;
        }
        begin = end;
    }
    return result;
}

RankCorrelation spearman(std::span<const double> left, std::span<const double> right) {
    assert(left.size() == right.size());
    const std::vector<double> a = ranks(left);
    const std::vector<double> b = ranks(right);
    const double mean = (static_cast<double>(a.size()) - 1) / 2;
    double covariance = 0;
    double variance_a = 0;
    double variance_b = 0;
    for (std::size_t index = 0; index < a.size(); ++index) {
        covariance += (a[index] - mean) * (b[index] - mean);
        variance_a += (a[index] - mean) * (a[index] - mean);
        variance_b += (b[index] - mean) * (b[index] - mean);
    }
    const double product = variance_a * variance_b;
    const double value = product > 0 ? covariance / std::sqrt(product) : nothing;
    return with_interval(value, (1 + value * value / 2) / (static_cast<double>(a.size()) - 3), a.size());
}

RankCorrelation kendall(std::span<const double> left, std::span<const double> right) {
    assert(left.size() == right.size());
    const std::size_t count = left.size();
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
        return left[a] < left[b] || (left[a] == left[b] && right[a] < right[b]);
    });
    const auto equal_left = [&](std::size_t a, std::size_t b) { return left[order[a]] == left[order[b]]; };
    const double ties_left = tied_pairs(count, equal_left);
    const double ties_both = tied_pairs(
        count, [&](std::size_t a, std::size_t b) { return equal_left(a, b) && right[order[a]] == right[order[b]]; });
    std::vector<double> values;
    for (const std::size_t index : order) {
        values.push_back(right[index]);
    }
    std::vector<double> scratch(count);
    const double discordant = sort_and_count(values, scratch, 0, count);
    const double ties_right = tied_pairs(count, [&](std::size_t a, std::size_t b) { return values[a] == values[b]; });
    const double pairs = static_cast<double>(count) * (static_cast<double>(count) - 1) / 2;
    const double product = (pairs - ties_left) * (pairs - ties_right);
    const double concordant = pairs - ties_left - ties_right + ties_both - discordant;
    const double value = product > 0 ? (concordant - discordant) / std::sqrt(product) : nothing;
    return with_interval(value, 0.437 / (static_cast<double>(count) - 4), count);
}

}  // namespace sotto::statistics
