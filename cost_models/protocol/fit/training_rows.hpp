// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "cost_models/protocol/fit/model_form.hpp"
#include "cost_models/training/latency_trainer.hpp"

namespace sotto::protocol {

/// One operation of a measured network: its columns, and what its repetitions say; NaN where there is no time.
struct MeasuredStep {
    Step step;  ///< link columns times the link's milliseconds
    training::RoleTimes times;
    double slower_ms = 0;           ///< of the slower party, over the repetitions alike
    std::int64_t measurements = 0;  ///< times, both roles
};

using MeasuredWalks = std::vector<std::vector<MeasuredStep>>;  ///< [network][position]

/// Walks through every network. Throws std::invalid_argument that names a network and an operation that is malformed;
/// operations that no engine profile knows are left out of the walk: their row is empty and their times NaN.
MeasuredWalks measured_walks(const training::TrainingSet& set, const EngineProfile& engine, const ModelForm& form,
                             const training::Link& link);

/// What each target is fitted to. The server's time where it has no wait in it; the wait where the server's next
/// operation shows it.
std::array<std::vector<FitRow>, target_count> fit_rows(const MeasuredWalks& walks, Coupling coupling);

}  // namespace sotto::protocol
