// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-run/run_page/front_axis.hpp"

#include <algorithm>
#include <cstddef>

namespace sotto::tools {
namespace {

constexpr std::size_t members_for_each_far_off = 20;
constexpr double widest_gap = 2;

picture::Axis axis_over(std::span<const double> front, std::span<const double> always) {
    picture::Axis axis;
    for (const std::span<const double> values : {front, always}) {
        std::ranges::for_each(values, [&](double value) { axis.include(value); });
    }
    axis.choose_scale();
    axis.widen();
    return axis;
}

// Whether a value lies apart from all else by more than `widest_gap` times what that spans.
bool is_far_off(const picture::Axis& axis, double value, std::span<const double> ascending,
                std::span<const double> always) {
    double low = axis.part(ascending.front());
    double high = axis.part(ascending.back());
    for (const double other : always) {
        low = std::min(low, axis.part(other));
        high = std::max(high, axis.part(other));
    }
    const double place = axis.part(value);
    return std::max(low - place, place - high) > widest_gap * (high - low);
}

// How many of the least values, at most so many, are far off together.
std::size_t far_off_at_the_start(const picture::Axis& axis, std::span<const double> ascending,
                                 std::span<const double> always, std::size_t most) {
    while (most > 0 && !is_far_off(axis, ascending[most - 1], ascending.subspan(most), always)) {
        --most;
    }
    return most;
}

// The same of the largest values.
std::size_t far_off_at_the_end(const picture::Axis& axis, std::span<const double> ascending,
                               std::span<const double> always, std::size_t most) {
    const auto rest = [&](std::size_t count) { return ascending.first(ascending.size() - count); };
    while (most > 0 && !is_far_off(axis, ascending[ascending.size() - most], rest(most), always)) {
        --most;
    }
    return most;
}

// Of the front's values, ascending, those that leave each other room.
std::span<const double> without_far_off(std::span<const double> front, std::span<const double> always) {
    const picture::Axis axis = axis_over(front, always);
    std::size_t left = front.size() / members_for_each_far_off;
    while (left > 0) {
        const std::size_t least = far_off_at_the_start(axis, front, always, left);
        front = front.subspan(least);
        const std::size_t largest = far_off_at_the_end(axis, front, always, left - least);
        front = front.first(front.size() - largest);
        if (least + largest == 0) {
            break;
        }
        left -= least + largest;
    }
    return front;
}

}  // namespace

picture::Axis front_axis(std::vector<double> front, std::span<const double> always) {
    std::ranges::sort(front);
    return axis_over(without_far_off(front, always), always);
}

}  // namespace sotto::tools
