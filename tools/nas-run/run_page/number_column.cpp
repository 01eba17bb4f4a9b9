// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-run/run_page/number_column.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <limits>

namespace sotto::tools {
namespace {

constexpr int digits_of_smallest = 4;
constexpr int most_decimals = 6;
constexpr double most_ratio = 1e7;
constexpr double most_value = 1e15;

std::string with_commas(std::string digits) {
    const std::size_t begin = digits.starts_with('-') ? 1 : 0;
    const std::size_t point = std::min(digits.find('.'), digits.size());
    for (std::size_t at = point; at > begin + 3;) {
        at -= 3;
        digits.insert(at, 1, ',');
    }
    return digits;
}

}  // namespace

NumberColumn::NumberColumn(std::span<const double> values) {
    double least = std::numeric_limits<double>::infinity();
    double most = 0;
    bool is_whole = true;
    for (const double value : values) {
        if (!std::isfinite(value)) {
            continue;
        }
        is_whole = is_whole && value == std::trunc(value);
        most = std::max(most, std::abs(value));
        if (value != 0) {
            least = std::min(least, std::abs(value));
        }
    }
    is_wide_ = most >= most_value || (!is_whole && most / least > most_ratio);
    if (!is_whole && !is_wide_) {
        decimals_ = std::clamp(digits_of_smallest - 1 - static_cast<int>(std::floor(std::log10(least))), 0, 12);
        is_wide_ = decimals_ > most_decimals;
    }
}

std::string NumberColumn::text(double value) const {
    if (!std::isfinite(value)) {
        return {};
    }
    std::array<char, 64> text;
    if (is_wide_) {
        std::snprintf(text.data(), text.size(), "%.4g", value);
        return text.data();
    }
    std::snprintf(text.data(), text.size(), "%.*f", decimals_, value);
    return with_commas(text.data());
}

std::string grouped(std::uint64_t value) {
    return with_commas(std::to_string(value));
}

}  // namespace sotto::tools
