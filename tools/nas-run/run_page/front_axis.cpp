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

// Whether a value lies apart from all else by more than `widest_gap` times what that spans; `ordered` either way.
bool is_far_off(const picture::Axis& axis, double value, std::span<const double> ordered,
                std::span<const double> always) {
    auto [low, high] = std::minmax({axis.part(ordered.front()), axis.part(ordered.back())});
    for (const double other : always) {
        low = std::min(low, axis.part(other));
        high = std::max(high, axis.part(other));
    }
    const double place = axis.part(value);
    return std::max(low - place, place - high) > widest_gap * (high - low);
}

// How many of the first values, at most so many, are far off together.
std::size_t first_far_off(const picture::Axis& axis, std::span<const double> ordered, std::span<const double> always,
                          std::size_t most) {
    while (most > 0 && !is_far_off(axis, ordered[most - 1], ordered.subspan(most), always)) {
        --most;
    }
    return most;
}

// Of the front's values, ascending, those that leave each other room.
std::span<const double> without_far_off(std::span<const double> front, std::span<const double> always) {
    const picture::Axis axis = axis_over(front, always);
    std::size_t left = front.size() / members_for_each_far_off;
    while (left > 0) {
        const std::size_t least = first_far_off(axis, front, always, left);
        front = front.subspan(least);
        const std::vector<double> descending(front.rbegin(), front.rend());
        const std::size_t largest = first_far_off(axis, descending, always, left - least);
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
