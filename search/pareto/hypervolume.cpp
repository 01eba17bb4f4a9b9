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

// What `point` adds to the volume that `base` dominates, which is in ascending order, none of it covering the point: a
// sweep of the part of the base's points that lies within the box of the point.
double volume_gain(std::span<const SpacePoint> base, const SpacePoint& point, std::span<const double> reference) {
    const auto& [own_third, own_second, own_first] = point;
    Staircase staircase;
    double volume = 0;
    double area = (reference[0] - own_first) * (reference[1] - own_second);  // not covered yet
    double reached = own_third;
    for (const auto& [third, second, first] : base) {
        const double within_first = std::max(first, own_first);
        const double within_second = std::max(second, own_second);
        if (staircase.covers(within_first, within_second)) {
            continue;
        }
        const double within_third = std::max(third, own_third);
        volume += area * (within_third - reached);
        reached = within_third;
        if (first <= own_first && second <= own_second) {
            return volume;
        }
        area -= staircase.area_gain(within_first, within_second, reference[0], reference[1]);
        staircase.insert(within_first, within_second);
    }
    return volume + area * (reference[2] - reached);
}

// The volume that some points dominate, as points are added.
class GrowingVolume {
  public:
    explicit GrowingVolume(std::span<const double> reference) : reference_(reference) {}

    bool covers(const SpacePoint& point) const {
        return std::ranges::any_of(points_, [&](const SpacePoint& other) { return pareto::covers(other, point); });
    }

    /// Of a point that is not covered: what it adds.
    double add(const SpacePoint& point) {
        const double gain = volume_gain(points_, point, reference_);
        std::erase_if(points_, [&](const SpacePoint& other) { return pareto::covers(point, other); });
        points_.insert(std::upper_bound(points_.begin(), points_.end(), point), point);
        return gain;
    }

  private:
    std::span<const double> reference_;
    std::vector<SpacePoint> points_;  // in ascending order
};

// Slabs along the fourth objective: each is as high as the step to the next point, and its base is what the points
// reached so far dominate in the other three.
double slab_volume(const Points& points, std::span<const double> reference) {
    GrowingVolume base(reference);
    double volume = 0;
    double area = 0;
    double reached = 0;
    for (const auto& [fourth, third, second, first] : points_below<4>(points, reference)) {
        const SpacePoint point{third, second, first};
        if (base.covers(point)) {
            continue;
        }
        volume += area * (fourth - reached);
        reached = fourth;
        area += base.add(point);
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

constexpr std::size_t most_objectives = 4;

// The part of a point's box that lies within the box of another one.
struct Part {
    double volume = 1;
    std::array<double, most_objectives> corner{};
};

std::vector<Part> parts_within(const Points& points, std::span<const double> box, std::span<const double> reference) {
    std::vector<Part> parts;
    for (std::size_t i = 0; i < points.count(); ++i) {
        Part part;
        for (std::size_t k = 0; k < box.size(); ++k) {
            part.corner[k] = std::max(points[i][k], box[k]);
            part.volume *= std::max(0.0, reference[k] - part.corner[k]);
        }
        if (part.volume > 0) {
            parts.push_back(part);
        }
    }
    return parts;
}

void check(const Points& points, std::span<const double> reference) {
    if (points.objectives < 1 || points.objectives > most_objectives) {
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
}

}  // namespace

double hypervolume(const Points& points, std::span<const double> reference) {
    check(points, reference);
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

double hypervolume_gain(const Points& points, std::span<const double> point, std::span<const double> reference) {
    check(points, reference);
    if (point.size() != points.objectives) {
        throw std::invalid_argument("hypervolume of " + std::to_string(points.objectives) +
                                    " objectives: the point has " + std::to_string(point.size()));
    }
    const auto objectives = static_cast<std::ptrdiff_t>(point.size());
    double box = 1;
    for (std::size_t k = 0; k < point.size(); ++k) {
        box *= std::max(0.0, reference[k] - point[k]);
    }
    if (box == 0) {
        return 0;
    }
    std::vector<Part> parts = parts_within(points, point, reference);
    // The largest part is covered by no other. What it covers goes, and so on: few are left after a few passes.
    std::vector<double> corners;
    while (!parts.empty()) {
        const Part largest = *std::ranges::max_element(parts, {}, &Part::volume);
        corners.insert(corners.end(), largest.corner.begin(), largest.corner.begin() + objectives);
        std::erase_if(parts, [&](const Part& part) {
            return std::ranges::equal(largest.corner, part.corner, [](double a, double b) { return a <= b; });
        });
    }
    return std::max(0.0, box - hypervolume({corners, points.objectives}, reference));
}

}  // namespace sotto::pareto
