// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tools/nas-predict/options.hpp"
#include "tools/nas-predict/plug_ins.hpp"

namespace sotto::tools {

/// Whether the command line asks for scores: members of a space, or metrics that no cost model gives.
bool asks_for_scores(const Options& options);

/// Throws input::InputError for options that do not go together.
void check_scoring(const Options& options);

/// Scores and prints; returns the exit code. Throws Interrupted when the process is asked to stop; rows that are
/// printed by then are whole.
int score_candidates(const Options& options, PlugIns& plug_ins);

}  // namespace sotto::tools
