// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/plugin/description.hpp"
#include "search/halving/successive_halving.hpp"
#include "search/loop/run_configuration.hpp"
#include "search/loop/search_loop.hpp"

namespace sotto::tools {

/// What is printed of a run.
struct Report {
    const search::RunConfiguration& configuration;
    const search::LoopResult& result;
    const std::optional<search::Member>& baseline;
    const std::vector<double>& reference;
    std::span<const plugin::Metric> metrics;
    std::string run_directory;
    const std::map<std::uint64_t, std::string>& best;  ///< where members of the front are written, by id
    const search::HalvingResult* halving = nullptr;    ///< null where no stage began
    double seconds = 0;                                ///< wall time of search and stages in all sessions
};

/// Those members of the front that have a directory in best/ as an aligned table, the baseline first: id, latency of
/// client, server and both in seconds, the other objectives, parameters, and how many times faster than the baseline
/// each is. Where the run has stages, an empty line and the table of the finalists follow.
std::string to_table(const Report& report);

/// Metric to value, null where it was not computed.
nlohmann::ordered_json metrics_json(const Report& report, const search::Member& member);

/// One JSON object on one line (docs/nas_run.md).
std::string to_json(const Report& report);

/// The fastest member of the front whose objectives that are no latency are all as good as the baseline's; null where
/// there is no baseline, no latency or no such member.
const search::Member* fastest_at_no_loss(const Report& report);

/// How many times faster than the baseline; nothing where there is no baseline or no latency.
std::optional<double> speed_up(const Report& report, const search::Member& member);

/// Whether search and stages ran to their end.
bool is_complete(const Report& report);

}  // namespace sotto::tools
