// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "tools/nas-predict/plug_ins.hpp"
#include "tools/nas-predict/prediction.hpp"
#include "tools/nas-predict/scoring.hpp"

namespace sotto::tools {

/// What a person asks of a scoring.
struct ScoreRequest {
    std::vector<std::string> metrics;  ///< names and patterns (choose_metrics)
    ModelRequest model;                ///< a cost model, or none; its parameters may be `ID.NAME=VALUE` of any plug-in
    std::string lowering = "athos-cheetah";
    std::size_t threads = 0;  ///< 0: one per processor
    std::uint64_t seed = 1;
    std::string space;  ///< the file that a space comes from, which may be a run configuration; or empty
};

/// Makes the plug-ins that give the metrics. `notes` takes what a person should know. Throws input::InputError and
/// plugin::PluginError.
Scoring make_scoring(const ScoreRequest& request, PlugIns& plug_ins, std::vector<std::string>& notes);

}  // namespace sotto::tools
