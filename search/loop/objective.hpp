// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/plugin/description.hpp"

namespace sotto::search {

enum class Goal : std::uint8_t { minimize, maximize };

/// `minimize`, `maximize`.
std::string_view to_text(Goal goal);

/// What a run looks for: one metric and which way is better.
struct Objective {
    std::string metric;
    Goal goal = Goal::minimize;

    /// The value as strategies and fronts take it: to be minimised.
    double minimized(double value) const noexcept { return goal == Goal::minimize ? value : -value; }
};

/// The metric that speed is compared by, an index into `metrics`: `latency.total_ms`, else the first objective whose
/// name begins with `latency.`.
std::optional<std::size_t> latency_metric(std::span<const plugin::Metric> metrics,
                                          std::span<const Objective> objectives);

/// The point that bounds the hypervolume, in the objectives' own units: every objective worse than the baseline by the
/// baseline's own magnitude. A latency of 20,000 ms gives 40,000 ms; a score of 8 to be maximised gives 0, one of -3
/// gives -6; a baseline of 0 gives 1 or -1. A function of the baseline alone, so that runs that differ in seed,
/// strategy or budget are measured against the same point.
std::vector<double> reference_point(std::span<const Objective> objectives, std::span<const double> baseline);

/// What one unit of hypervolume is: the product of these, the baseline's magnitudes (1 where it is 0). With the
/// reference point above, the baseline alone has hypervolume 1.
std::vector<double> hypervolume_scale(std::span<const double> baseline);

}  // namespace sotto::search
