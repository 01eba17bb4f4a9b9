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

double space_volume(const Points& points, std::span<const double> reference) {
    Staircase staircase;
    double volume = 0;
    double area = 0;
    double reached = 0;
    for (const auto& [third, second, first] : points_below<3>(points, reference)) {
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

}  // namespace

double hypervolume(const Points& points, std::span<const double> reference) {
    if (points.objectives != 2 && points.objectives != 3) {
        throw std::invalid_argument("hypervolume of " + std::to_string(points.objectives) +
                                    " objectives: only 2 and 3 are supported");
    }
    if (reference.size() != points.objectives) {
        throw std::invalid_argument("hypervolume of " + std::to_string(points.objectives) +
                                    " objectives: the reference has " + std::to_string(reference.size()));
    }
    if (!std::ranges::all_of(reference, [](double value) { return std::isfinite(value); })) {
        throw std::invalid_argument("hypervolume: the reference is not finite");
    }
    return points.objectives == 2 ? plane_volume(points, reference) : space_volume(points, reference);
}

}  // namespace sotto::pareto
