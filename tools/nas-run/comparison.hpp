// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "search/statistics/quantile.hpp"
#include "search/statistics/rank_test.hpp"
#include "tools/nas-run/compared_run.hpp"

namespace sotto::tools {

/// The hypervolume of a group's runs after so many evaluations.
struct Band {
    std::uint64_t evaluations = 0;
    statistics::Quartiles hypervolume;
};

/// Runs of one configuration but for the seed.
struct RunGroup {
    std::string name;               ///< what tells it from the other groups: `strategy nsga2`
    std::vector<std::size_t> runs;  ///< into Comparison::runs
    statistics::Quartiles hypervolume;
    statistics::Quartiles front_size;
    statistics::Quartiles evaluations;
    statistics::Quartiles seconds;
    std::vector<statistics::Quartiles> best;  ///< by objective
    std::vector<Band> curve;                  ///< as far as all its runs went
};

/// The final hypervolumes of two groups.
struct GroupPair {
    std::size_t first = 0;
    std::size_t second = 0;
    statistics::RankTest test;  ///< of the first against the second
};

struct Comparison {
    CommonFrame frame;
    bool shares_baseline = true;  ///< all runs have one reference and baseline
    std::vector<ComparedRun> runs;
    std::vector<RunGroup> groups;  ///< in the order of their first run
    std::vector<GroupPair> pairs;
};

/// Reads and compares runs. The common reference is for each objective the worst of the runs' own, and the scale is the
/// first baseline's magnitude: where all runs have one baseline, hypervolumes are those the runs themselves tell.
/// Throws as read_compared_run does, and input::InputError for runs whose objectives differ.
Comparison compare(const std::vector<std::string>& directories);

/// Aligned tables for a person.
std::string to_text(const Comparison& comparison);

/// One JSON object on one line (docs/nas_run.md).
std::string to_json(const Comparison& comparison);

/// A picture that needs nothing else, as SVG: hypervolume over evaluations, median and quartiles of each group, and the
/// fronts in the first two objectives.
std::string to_svg(const Comparison& comparison);

}  // namespace sotto::tools
