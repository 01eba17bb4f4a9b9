// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/evaluate/pipeline.hpp"
#include "engine/input/yaml_document.hpp"
#include "engine/plugin/description.hpp"
#include "search/loop/metric_names.hpp"
#include "search/loop/objective.hpp"

namespace sotto::search {

/// Where the versions of the stages' plug-ins stand in RunConfiguration::versions.
inline constexpr std::string_view stage_version_prefix = "stage.";

/// The parameter of a plug-in that goes on with what it began: a directory that the host gives it.
inline constexpr std::string_view state_directory_parameter = "state_directory";

/// A bound of a metric, in its unit or as a share of what the baseline has.
struct Bound {
    double value = 0;
    bool of_baseline = false;
};

/// What a member of the front has to keep to be a finalist.
struct FinalistLimit {
    std::string metric;  ///< of the search
    std::optional<Bound> least;
    std::optional<Bound> most;
    input::SourceLocation location;

    /// Whether a bound is a share of the baseline's value.
    bool is_relative() const { return (least && least->of_baseline) || (most && most->of_baseline); }
};

/// One round of successive halving over the finalists of a run (docs/configuration.md, `stages`): which plug-in scores
/// how many of them, and by which of its metrics the next round's are chosen.
struct HalvingStage {
    evaluate::Stage plugin;
    std::string version;                  ///< of the plug-in
    std::vector<plugin::Metric> metrics;  ///< that it declares
    double typical_cost_us = 0;           ///< of one network, as it declares
    std::size_t candidates = 0;           ///< at most, the baseline apart
    std::string by;
    Goal goal = Goal::maximize;         ///< of `by`
    std::vector<FinalistLimit> limits;  ///< of the first stage alone
    /// The plug-in declares state_directory, and the configuration leaves it to the run.
    bool keeps_state = false;
};

/// Plug-in, version and parameters on one line: two stages with the same text score a network alike. The directory of
/// its state is no part of it.
std::string identity_text(const HalvingStage& stage);

/// Reads `stages:`. `metrics`: those of the search, for limits. Throws input::InputError at the line that is wrong.
std::vector<HalvingStage> read_halving_stages(const input::YamlValue& section,
                                              std::span<const plugin::Description> known, const MetricNames& metrics);

/// Throws input::InputError at a limit that is relative to the baseline, for a space that has none.
void refuse_baseline_limits(const HalvingStage& first);

/// The stages as YAML under the key `stages`; empty where there is none.
std::string to_yaml(std::span<const HalvingStage> stages);

}  // namespace sotto::search
