// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/run/store.hpp"
#include "tools/nas-run/displayed_metric.hpp"
#include "tools/nas-run/run_page/shortfall_groups.hpp"

namespace sotto::tools {

/// What was known after so many evaluations.
struct CoursePoint {
    std::uint64_t evaluations = 0;
    double hypervolume = 0;
    std::uint64_t front_size = 0;
};

/// What an operator of the strategy achieved.
struct OperatorCourse {
    struct Point {
        std::uint32_t generation = 0;
        double probability = 0;
    };
    std::string name;
    std::vector<Point> course;
    std::uint64_t children = 0;  ///< up to the last generation, which is not counted
    std::uint64_t successes = 0;
};

/// What the page of a run shows of run.db. Bounded, however long the run was: courses are thinned evenly.
struct PageData {
    std::vector<CoursePoint> course;
    std::uint32_t generations = 0;  ///< finished
    std::vector<OperatorCourse> operators;
    /// Objectives of networks that have all of them, in the units shown.
    std::vector<std::vector<double>> sample;
    bool is_whole_sample = true;  ///< there are no others
    ShortfallGroups shortfalls;
    // Until the last generation was finished, and of the stages; the one part of this that is not a function of the
    // configuration.
    double seconds = 0;
    std::uint64_t evaluations_by_then = 0;
    double stage_seconds = 0;
};

/// Throws run::RunError. `with_shortfalls`: there may be some; looking for them reads every row.
PageData read_page_data(const run::Store& store, const std::vector<DisplayedMetric>& objectives, bool with_shortfalls);

}  // namespace sotto::tools
