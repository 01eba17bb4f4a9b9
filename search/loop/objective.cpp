// SPDX-License-Identifier: Apache-2.0
#include "search/loop/objective.hpp"

#include <cmath>

namespace sotto::search {
namespace {

double magnitude(double value) {
    return value == 0 ? 1 : std::abs(value);
}

}  // namespace

std::string_view to_text(Goal goal) {
    return goal == Goal::minimize ? "minimize" : "maximize";
}

std::optional<std::size_t> latency_metric(std::span<const plugin::Metric> metrics,
                                          std::span<const Objective> objectives) {
    const auto find = [&](std::string_view name) -> std::optional<std::size_t> {
        for (std::size_t i = 0; i < metrics.size(); ++i) {
            if (metrics[i].name == name) {
                return i;
            }
        }
        return std::nullopt;
    };
    if (const auto total = find("latency.total_ms")) {
        return total;
    }
    for (const Objective& objective : objectives) {
        if (objective.metric.starts_with("latency.")) {
            return find(objective.metric);
        }
    }
    return std::nullopt;
}

std::vector<double> reference_point(std::span<const Objective> objectives, std::span<const double> baseline) {
    std::vector<double> reference;
    for (std::size_t i = 0; i < objectives.size(); ++i) {
        const double worse = objectives[i].goal == Goal::minimize ? magnitude(baseline[i]) : -magnitude(baseline[i]);
        reference.push_back(baseline[i] + worse);
    }
    return reference;
}

std::vector<double> hypervolume_scale(std::span<const double> baseline) {
    std::vector<double> scale;
    for (const double value : baseline) {
        scale.push_back(magnitude(value));
    }
    return scale;
}

}  // namespace sotto::search
