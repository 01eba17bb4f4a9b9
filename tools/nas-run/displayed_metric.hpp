// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "engine/plugin/description.hpp"
#include "search/loop/front.hpp"

namespace sotto::tools {

/// A metric as people are shown it: latencies in seconds, everything else in its own unit.
struct DisplayedMetric {
    std::size_t index = 0;  ///< into the run's metrics
    std::string name;       ///< `latency.total` for `latency.total_ms`
    std::string unit;       ///< empty where it has none
    double unit_size = 1;   ///< of the unit shown, in the metric's own
    bool is_latency = false;

    double of(double value) const noexcept { return value / unit_size; }
    double of(const search::Member& member) const { return of(member.metrics[index]); }
    /// `latency.total [s]`
    std::string title() const;
};

DisplayedMetric displayed_metric(std::span<const plugin::Metric> metrics, std::size_t index);

std::optional<std::size_t> find_metric(std::span<const plugin::Metric> metrics, std::string_view name);

}  // namespace sotto::tools
