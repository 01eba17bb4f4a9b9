// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "search/loop/objective.hpp"

namespace sotto::tools {

/// By what runs are measured together.
struct CommonFrame {
    std::vector<double> reference;           ///< of the hypervolume, in the objectives' own units
    std::vector<double> scale;               ///< one unit of hypervolume is the product of these
    std::vector<std::uint64_t> checkpoints;  ///< evaluations at which curves are sampled, ascending
};

struct CurvePoint {
    std::uint64_t evaluations = 0;
    double hypervolume = 0;
};

/// A run as `nas-run compare` sees it.
struct ComparedRun {
    std::string directory;  ///< as it was typed
    std::string space;
    std::string strategy;
    std::uint64_t seed = 0;
    std::uint64_t budget = 0;
    std::uint64_t evaluations = 0;
    std::uint64_t distinct = 0;
    double seconds = 0;
    bool finished = false;
    std::vector<search::Objective> objectives;
    std::vector<std::string> titles;  ///< of the objectives, with units
    std::vector<double> reference;    ///< the run's own, in the objectives' own units
    std::optional<std::vector<double>> baseline;
    /// Everything of the configuration that decides the result, but for the seed: `search.strategy` to `nsga2`, ...
    std::map<std::string, std::string> settings;

    // What trace fills in.
    std::vector<std::vector<double>> front;  ///< objectives in their own units, by the first as minimised
    std::vector<double> best;                ///< of each objective on the front
    double hypervolume = 0;
    std::vector<CurvePoint> curve;  ///< the run's end is its last point
};

/// Reads what a run directory says of the run. Throws input::InputError for a directory that is none of a run, and for
/// a run that was killed before its reference was known; run::RunError for a damaged database.
ComparedRun read_compared_run(const std::string& directory);

/// Goes through the run's candidates in the order asked. Throws run::RunError.
void trace(ComparedRun& run, const CommonFrame& frame);

}  // namespace sotto::tools
