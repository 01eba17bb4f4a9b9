// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cassert>
#include <vector>

namespace sotto::pareto {

/// The non-dominated points of a plane, both coordinates to be minimised: `first` ascends, `second` descends strictly.
/// Finding a place costs O(log n); an insertion moves the points behind it.
class Staircase {
  public:
    /// A point is nowhere worse than (first, second); equal points cover each other.
    bool covers(double first, double second) const {
        const auto after = behind(first);
        return after != steps_.begin() && (after - 1)->second <= second;
    }

    /// Adds a point that is not covered and takes away those it covers.
    void insert(double first, double second) {
        assert(!covers(first, second));
        const auto from = std::lower_bound(steps_.begin(), steps_.end(), first,
                                           [](const Step& step, double value) { return step.first < value; });
        auto to = from;
        while (to != steps_.end() && to->second >= second) {
            ++to;
        }
        if (from == to) {
            steps_.insert(from, {first, second});
        } else {
            *from = {first, second};
            steps_.erase(from + 1, to);
        }
    }

    /// The area that (first, second) would add to what is dominated within the corner (first_bound, second_bound). The
    /// point is not covered and lies below the corner, and so do all points of the staircase.
    double area_gain(double first, double second, double first_bound, double second_bound) const {
        auto next = behind(first);
        double left = first;
        double top = next == steps_.begin() ? second_bound : (next - 1)->second;
        double area = 0;
        for (; next != steps_.end(); ++next) {
            area += (next->first - left) * (top - second);
            if (next->second <= second) {
                return area;
            }
            left = next->first;
            top = next->second;
        }
        return area + (first_bound - left) * (top - second);
    }

  private:
    struct Step {
        double first;
        double second;
    };

    std::vector<Step>::const_iterator behind(double first) const {
        return std::upper_bound(steps_.begin(), steps_.end(), first,
                                [](double value, const Step& step) { return value < step.first; });
    }

    std::vector<Step> steps_;
};

}  // namespace sotto::pareto
