// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "cost_models/learned/physical_times.hpp"
#include "cost_models/learned/workload.hpp"
#include "cost_models/training/training_set.hpp"

namespace sotto::learned {

/// One operation at its place in one network, and what is known of its times over all runs.
struct Observation {
    Workload work;
    OperationKey key;
    BothRoles time_ms{};  ///< 0 where weight is 0
    double weight = 0;    ///< runs with a known time; 0: held out
};

/// [network][position]
using Observations = std::vector<std::vector<Observation>>;

/// Times as training::repeated_times has them. Throws std::domain_error for an operation that has no workload, std::invalid_argument where no time is known.
Observations observe(const protocol::EngineProfile& profile, const training::TrainingSet& set);

/// Fits the physical part to what is known: non-negative least squares on relative residuals, outliers weighted down
/// (Huber), linear types first since the waits of the others depend on the lag they leave.
PhysicalTimes fit_physical_times(const Observations& observations);

}  // namespace sotto::learned
