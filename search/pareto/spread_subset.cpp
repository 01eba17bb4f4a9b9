// SPDX-License-Identifier: Apache-2.0
#include "search/pareto/spread_subset.hpp"

#include <algorithm>
#include <limits>
#include <span>

namespace sotto::pareto {
namespace {

double squared_distance(std::span<const double> first, std::span<const double> second) {
    double sum = 0;
    for (std::size_t k = 0; k < first.size(); ++k) {
        sum += (first[k] - second[k]) * (first[k] - second[k]);
    }
    return sum;
}

std::size_t least_of(const Points& points, std::size_t coordinate) {
    std::size_t least = 0;
    for (std::size_t i = 1; i < points.count(); ++i) {
        if (points[i][coordinate] < points[least][coordinate]) {
            least = i;
        }
    }
    return least;
}

}  // namespace

std::vector<std::size_t> spread_subset(const Points& points, std::size_t count) {
    constexpr double chosen_already = -1;
    count = std::min(count, points.count());
    std::vector<std::size_t> chosen;
    std::vector<double> distances(points.count(), std::numeric_limits<double>::infinity());
    const auto choose = [&](std::size_t index) {
        chosen.push_back(index);
        for (std::size_t i = 0; i < points.count(); ++i) {
            distances[i] = std::min(distances[i], squared_distance(points[i], points[index]));
        }
        distances[index] = chosen_already;
    };
    for (std::size_t k = 0; k < points.objectives && chosen.size() < count; ++k) {
        const std::size_t end = least_of(points, k);
        if (distances[end] != chosen_already) {
            choose(end);
        }
    }
    while (chosen.size() < count) {
        choose(static_cast<std::size_t>(std::max_element(distances.begin(), distances.end()) - distances.begin()));
    }
    return chosen;
}

}  // namespace sotto::pareto
