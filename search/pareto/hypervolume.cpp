// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <string>

#include "search/pareto/pareto.hpp"
#include "search/pareto/staircase.hpp"

namespace sotto::pareto {
namespace {

template <std::size_t Objectives>
std::vector<std::array<double, Objectives>> points_below(const Points& points, std::span<const double> reference) {
    std::vector<std::array<double, Objectives>> below;
    below.reserve(points.count());
    for (std::size_t i = 0; i < points.count(); ++i) {
        const std::span<const double> point = points[i];
        if (std::equal(point.begin(), point.end(), reference.begin(), [](double a, double b) { return a < b; })) {
            std::array<double, Objectives>& kept = below.emplace_back();
            // The last objective leads: the sweep goes along it.
            std::reverse_copy(point.begin(), point.end(), kept.begin());
        }
    }
    std::sort(below.begin(), below.end());
    return below;
}

double plane_volume(const Points& points, std::span<const double> reference) {
    double area = 0;
    double bound = reference[0];
    for (const auto& [second, first] : points_below<2>(points, reference)) {
        if (first < bound) {
            area += (bound - first) * (reference[1] - second);
            bound = first;
        }
    }
    return area;
}

using SpacePoint = std::array<double, 3>;  // third, second, first

/// `points` in ascending order and below `reference`.
double swept_volume(std::span<const SpacePoint> points, std::span<const double> reference) {
    Staircase staircase;
    double volume = 0;
    double area = 0;
    double reached = 0;
    for (const auto& [third, second, first] : points) {
        if (staircase.covers(first, second)) {
            continue;
        }
        volume += area * (third - reached);
        reached = third;
        area += staircase.area_gain(first, second, reference[0], reference[1]);
        staircase.insert(first, second);
    }
    return volume + area * (reference[2] - reached);
}

double space_volume(const Points& points, std::span<const double> reference) {
    return swept_volume(points_below<3>(points, reference), reference);
}

bool covers(const SpacePoint& a, const SpacePoint& b) {
    return a[0] <= b[0] && a[1] <= b[1] && a[2] <= b[2];
}

// Slabs along the fourth objective: each is as high as the step to the next point, and its base is what the points
// reached so far dominate in the other three.
double slab_volume(const Points& points, std::span<const double> reference) {
    std::vector<SpacePoint> base;
    double volume = 0;
    double area = 0;
    double reached = 0;
    for (const auto& [fourth, third, second, first] : points_below<4>(points, reference)) {
        const SpacePoint point{third, second, first};
        if (std::ranges::any_of(base, [&](const SpacePoint& other) { return covers(other, point); })) {
            continue;
        }
        volume += area * (fourth - reached);
        reached = fourth;
        std::erase_if(base, [&](const SpacePoint& other) { return covers(point, other); });
        base.insert(std::upper_bound(base.begin(), base.end(), point), point);
        area = swept_volume(base, reference);
    }
    return volume + area * (reference[3] - reached);
}

double length(const Points& points, std::span<const double> reference) {
    double best = reference[0];
    for (const double value : points.values) {
        best = std::min(best, value);
    }
    return reference[0] - best;
}

}  // namespace

double hypervolume(const Points& points, std::span<const double> reference) {
    if (points.objectives < 1 || points.objectives > 4) {
        throw std::invalid_argument("hypervolume of " + std::to_string(points.objectives) +
                                    " objectives: 1 to 4 are supported");
    }
    if (reference.size() != points.objectives) {
        throw std::invalid_argument("hypervolume of " + std::to_string(points.objectives) +
                                    " objectives: the reference has " + std::to_string(reference.size()));
    }
    if (!std::ranges::all_of(reference, [](double value) { return std::isfinite(value); })) {
        throw std::invalid_argument("hypervolume: the reference is not finite");
    }
    switch (points.objectives) {
        case 1:
            return length(points, reference);
        case 2:
            return plane_volume(points, reference);
        case 3:
            return space_volume(points, reference);
        default:
            return slab_volume(points, reference);
    }
}

}  // namespace sotto::pareto
