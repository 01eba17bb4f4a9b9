// SPDX-License-Identifier: Apache-2.0
#include "tools/picture/axis.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <initializer_list>

namespace sotto::picture {
namespace {

constexpr double logarithmic_from = 20;
constexpr double margin = 0.04;

}  // namespace

void Axis::include(double value) {
    if (std::isfinite(value)) {
        low_ = empty_ ? value : std::min(low_, value);
        high_ = empty_ ? value : std::max(high_, value);
        empty_ = false;
    }
}

void Axis::choose_scale() {
    scale_ = !empty_ && low_ > 0 && high_ / low_ >= logarithmic_from ? Scale::logarithmic : Scale::linear;
}

void Axis::widen() {
    if (scale_ == Scale::logarithmic) {
        const double factor = std::pow(high_ / low_, margin);
        low_ /= factor;
        high_ *= factor;
        return;
    }
    // What differs in the last digits alone is one value to a reader.
    const double least_span = std::max(1e-9, 1e-9 * std::max(std::abs(low_), std::abs(high_)));
    const double span = high_ - low_ > least_span ? high_ - low_ : std::max(1e-9, std::abs(high_));
    low_ -= margin * span;
    high_ += margin * span;
}

double Axis::position(double value) const {
    return scale_ == Scale::logarithmic ? std::log(value) : value;
}

double Axis::part(double value) const {
    return (position(value) - position(low_)) / (position(high_) - position(low_));
}

bool Axis::holds(double value) const {
    return value >= low_ && value <= high_;
}

double Axis::nearest(double value) const {
    return std::clamp(value, low_, high_);
}

std::vector<double> Axis::ticks(std::size_t most) const {
    if (scale_ == Scale::logarithmic) {
        std::vector<double> values = logarithmic_ticks(most);
        if (values.size() >= 2) {
            return values;
        }
    }
    return linear_ticks(most);
}

std::vector<double> Axis::linear_ticks(std::size_t most) const {
    const double rough = (high_ - low_) / static_cast<double>(std::max<std::size_t>(most, 2));
    const double power = std::pow(10, std::floor(std::log10(rough)));
    const double ratio = rough / power;
    const double fine = power * (ratio <= 1 ? 1 : ratio <= 2 ? 2 : ratio <= 5 ? 5 : 10);
    const double step = whole_numbers_ ? std::max(1.0, fine) : fine;
    const double first = std::ceil(low_ / step);
    std::vector<double> values;
    for (double number = first; number * step <= high_ && values.size() <= most; ++number) {
        values.push_back(number * step + 0.0);  // no -0
    }
    return values;
}

std::vector<double> Axis::logarithmic_ticks(std::size_t most) const {
    const int first = static_cast<int>(std::floor(std::log10(low_)));
    const int last = static_cast<int>(std::ceil(std::log10(high_)));
    std::vector<double> values;
    const auto collect = [&](int every, std::initializer_list<int> multiples) {
        values.clear();
        for (int decade = first - (first % every + every) % every; decade <= last; decade += every) {
            for (const int multiple : multiples) {
                const double value = multiple * std::pow(10, decade);
                if (holds(value)) {
                    values.push_back(value);
                }
            }
        }
        return values.size() <= most;
    };
    if (collect(1, {1, 2, 5}) || collect(1, {1, 3}) || collect(1, {1})) {
        return values;
    }
    for (int every = 2; !collect(every, {1}); ++every) {
    }
    return values;
}

std::string tick_text(double value) {
    struct Unit {
        double size;
        const char* name;
    };
    constexpr std::array<Unit, 3> units = {{{1e9, "G"}, {1e6, "M"}, {1e4, "k"}}};
    std::array<char, 40> text;
    for (const Unit& unit : units) {
        if (std::abs(value) >= unit.size && std::abs(value) < 1e12) {
            // Thousands, but from ten thousand on: four digits are read at a glance.
            const double size = unit.size == 1e4 ? 1e3 : unit.size;
            std::snprintf(text.data(), text.size(), "%.6g%s", value / size, unit.name);
            return text.data();
        }
    }
    std::snprintf(text.data(), text.size(), "%.6g", value);
    return text.data();
}

}  // namespace sotto::picture
