// SPDX-License-Identifier: Apache-2.0
#include "search/loop/front_spread.hpp"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <string>

#include "search/pareto/spread_subset.hpp"

namespace sotto::search {
namespace {

// Divides each coordinate by its range; a coordinate in which all agree becomes 0.
void scale(std::vector<double>& rows, std::size_t coordinates) {
    for (std::size_t k = 0; k < coordinates; ++k) {
        double least = std::numeric_limits<double>::infinity();
        double most = -least;
        for (std::size_t at = k; at < rows.size(); at += coordinates) {
            least = std::min(least, rows[at]);
            most = std::max(most, rows[at]);
        }
        for (std::size_t at = k; at < rows.size(); at += coordinates) {
            rows[at] = most > least ? (rows[at] - least) / (most - least) : 0;
        }
    }
}

}  // namespace

ObjectiveRoles objective_roles(const RunConfiguration& configuration, plugin::Registry& registry) {
    std::vector<std::string> scores;
    for (const evaluate::Stage& proxy : configuration.accuracy) {
        for (const plugin::Metric& metric : registry.describe(proxy.kind, proxy.id, proxy.isolation).metrics) {
            scores.push_back(metric.name);
        }
    }
    ObjectiveRoles roles;
    for (std::size_t k = 0; k < configuration.objectives.size(); ++k) {
        const bool is_score = std::ranges::find(scores, configuration.objectives[k].metric) != scores.end();
        (is_score ? roles.scores : roles.costs).push_back(k);
    }
    return roles;
}

std::vector<std::size_t> spread_members(const RunConfiguration& configuration, const ObjectiveRoles& roles,
                                        std::span<const plugin::Metric> metrics, std::span<const Member* const> members,
                                        std::size_t count) {
    std::vector<std::size_t> coordinates = roles.scores;
    coordinates.insert(coordinates.end(), roles.costs.begin(), roles.costs.end());
    std::vector<double> rows(members.size() * coordinates.size());
    for (std::size_t k = 0; k < coordinates.size(); ++k) {
        const Objective& objective = configuration.objectives[coordinates[k]];
        const auto named = std::ranges::find(metrics, objective.metric, &plugin::Metric::name);
        assert(named != metrics.end() && "names were checked when the configuration was read");
        const auto metric = static_cast<std::size_t>(named - metrics.begin());
        const bool is_logarithmic = k >= roles.scores.size() && std::ranges::all_of(members, [&](const Member* member) {
                                        return member->metrics[metric] > 0;
                                    });
        for (std::size_t i = 0; i < members.size(); ++i) {
            const double value = members[i]->metrics[metric];
            rows[i * coordinates.size() + k] = objective.minimized(is_logarithmic ? std::log(value) : value);
        }
    }
    scale(rows, coordinates.size());
    return pareto::spread_subset({rows, coordinates.size()}, count);
}

std::set<std::uint64_t> spread_ids(const RunConfiguration& configuration, plugin::Registry& registry,
                                   std::span<const plugin::Metric> metrics, std::span<const Member> front,
                                   std::size_t count) {
    std::vector<const Member*> members;
    for (const Member& member : front) {
        members.push_back(&member);
    }
    std::set<std::uint64_t> ids;
    for (const std::size_t index :
         spread_members(configuration, objective_roles(configuration, registry), metrics, members, count)) {
        ids.insert(members[index]->id);
    }
    return ids;
}

}  // namespace sotto::search
