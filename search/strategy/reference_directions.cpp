// SPDX-License-Identifier: Apache-2.0
#include "search/strategy/reference_directions.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>

#include "search/strategy/strategy.hpp"

namespace sotto::search {
namespace {

// Compositions of `divisions` into `objectives` parts.
std::size_t composition_count(std::size_t objectives, std::size_t divisions) {
    std::size_t count = 1;
    for (std::size_t k = 1; k < objectives; ++k) {
        count = count * (divisions + k) / k;
    }
    return count;
}

void compose(std::size_t left, std::size_t divisions, std::vector<double>& point, std::size_t at,
             std::vector<double>& points) {
    if (at + 1 == point.size()) {
        point[at] = static_cast<double>(left) / static_cast<double>(divisions);
        points.insert(points.end(), point.begin(), point.end());
        return;
    }
    for (std::size_t part = 0; part <= left; ++part) {
        point[at] = static_cast<double>(part) / static_cast<double>(divisions);
        compose(left - part, divisions, point, at + 1, points);
    }
}

}  // namespace

std::vector<double> even_directions(std::size_t objectives, std::size_t divisions) {
    assert(objectives > 0 && divisions > 0);
    std::vector<double> points;
    std::vector<double> point(objectives);
    compose(divisions, divisions, point, 0, points);
    return points;
}

ReferenceDirections::ReferenceDirections(std::size_t objectives, std::size_t population) : objectives_(objectives) {
    std::size_t divisions = 1;
    while (objectives > 1 && composition_count(objectives, divisions + 1) <= population) {
        ++divisions;
    }
    directions_ = even_directions(objectives, divisions);
    for (std::size_t i = 0; i < directions_.size(); i += objectives_) {
        double squares = 0;
        for (std::size_t k = 0; k < objectives_; ++k) {
            squares += directions_[i + k] * directions_[i + k];
        }
        for (std::size_t k = 0; k < objectives_; ++k) {
            directions_[i + k] /= std::sqrt(squares);
        }
    }
}

void ReferenceDirections::choose(const pareto::Points& points, std::vector<std::uint32_t>& chosen,
                                 std::span<const std::uint32_t> front, std::size_t wanted) {
    assert(wanted <= front.size());
    scale(points, chosen, front);
    niches_.assign(count(), {});
    double distance = 0;
    for (const std::uint32_t position : chosen) {
        ++niches_[nearest(points[position], distance)].members;
    }
    distances_.resize(front.size());
    for (std::uint32_t k = 0; k < front.size(); ++k) {
        niches_[nearest(points[front[k]], distances_[k])].waiting.push_back(k);
    }
    for (Niche& niche : niches_) {
        std::ranges::sort(niche.waiting, [&](std::uint32_t a, std::uint32_t b) {
            return distances_[a] != distances_[b] ? distances_[a] > distances_[b] : front[a] > front[b];
        });
    }
    // One round for each number of members: the niches that have so many take their nearest in turn.
    for (std::uint32_t members = 0; wanted > 0; ++members) {
        for (std::size_t k = 0; k < niches_.size() && wanted > 0; ++k) {
            Niche& niche = niches_[k];
            if (niche.members == members && !niche.waiting.empty()) {
                chosen.push_back(front[niche.waiting.back()]);
                niche.waiting.pop_back();
                ++niche.members;
                --wanted;
            }
        }
    }
}

void ReferenceDirections::scale(const pareto::Points& points, std::span<const std::uint32_t> chosen,
                                std::span<const std::uint32_t> front) {
    ideal_.assign(objectives_, INFINITY);
    extent_.assign(objectives_, -INFINITY);
    for (const std::span<const std::uint32_t> part : {chosen, front}) {
        for (const std::uint32_t position : part) {
            for (std::size_t k = 0; k < objectives_; ++k) {
                ideal_[k] = std::min(ideal_[k], points[position][k]);
                extent_[k] = std::max(extent_[k], points[position][k]);
            }
        }
    }
    for (std::size_t k = 0; k < objectives_; ++k) {
        extent_[k] = extent_[k] > ideal_[k] ? extent_[k] - ideal_[k] : 1;
    }
}

std::size_t ReferenceDirections::nearest(std::span<const double> point, double& distance) const {
    double squares = 0;
    std::array<double, maximum_objectives> values{};
    for (std::size_t k = 0; k < objectives_; ++k) {
        values[k] = (point[k] - ideal_[k]) / extent_[k];
        squares += values[k] * values[k];
    }
    std::size_t best = 0;
    double longest = -1;
    for (std::size_t i = 0; i < count(); ++i) {
        double along = 0;
        for (std::size_t k = 0; k < objectives_; ++k) {
            along += values[k] * directions_[i * objectives_ + k];
        }
        if (along > longest) {
            longest = along;
            best = i;
        }
    }
    distance = std::max(0.0, squares - longest * longest);
    return best;
}

}  // namespace sotto::search
