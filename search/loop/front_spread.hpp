// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <vector>

#include "engine/plugin/description.hpp"
#include "engine/plugin/registry.hpp"
#include "search/loop/front.hpp"
#include "search/loop/run_configuration.hpp"

namespace sotto::search {

/// Indices into the objectives of a run, each in one of the two.
struct ObjectiveRoles {
    std::vector<std::size_t> scores;  ///< metrics of accuracy proxies
    std::vector<std::size_t> costs;   ///< the others: metrics of the cost model, and counts
};

ObjectiveRoles objective_roles(const RunConfiguration& configuration, plugin::Registry& registry);

/// `count` of the members (all where there are fewer), spread evenly (pareto::spread_subset): costs on a logarithmic
/// scale where all of them are over 0, every objective divided by its range, scores before costs. `metrics`: what
/// members hold. Indices in the order chosen. A function of the members, not of the threads that found them.
std::vector<std::size_t> spread_members(const RunConfiguration& configuration, const ObjectiveRoles& roles,
                                        std::span<const plugin::Metric> metrics, std::span<const Member* const> members,
                                        std::size_t count);

/// The ids of `count` members of the front that spread evenly (spread_members), or of all. A larger count adds to those
/// of a smaller one.
std::set<std::uint64_t> spread_ids(const RunConfiguration& configuration, plugin::Registry& registry,
                                   std::span<const plugin::Metric> metrics, std::span<const Member> front,
                                   std::size_t count);

}  // namespace sotto::search
