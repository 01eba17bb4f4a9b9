// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "engine/plugin/description.hpp"

namespace sotto::tools {

/// A metric that was asked for, and who gives it.
struct ChosenMetric {
    plugin::Metric metric;
    std::size_t giver = 0;  ///< index into MetricChoice::plug_ins; their number: the network's own counts
};

struct MetricChoice {
    std::vector<plugin::Description> plug_ins;
    std::vector<ChosenMetric> metrics;  ///< in the order they were asked for, those of one pattern by name
    std::vector<std::string> notes;     ///< what a pattern left out, and why
};

/// A plug-in that declares more than this for a candidate is not run because a pattern happens to fit: its metrics have
/// to be named. 10 seconds.
inline constexpr double costliest_of_pattern_us = 1e7;

/// Whether a request is a pattern: `*` stands for any text.
bool is_pattern(std::string_view request);

/// The metrics that `requests` name, given by as few of `known` as will do: the plug-in that gives most of what is
/// missing is taken first, of equals the cheaper, so that proxies that share passes share them. `counts` are what every
/// network has. Throws input::InputError for a name that nobody gives and a pattern that nothing fits.
MetricChoice choose_metrics(const std::vector<std::string>& requests, std::span<const plugin::Metric> counts,
                            std::span<const plugin::Description> known);

}  // namespace sotto::tools
