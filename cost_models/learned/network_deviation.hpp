// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cost_models/learned/observations.hpp"
#include "cost_models/training/latency_trainer.hpp"

namespace sotto::learned {

/// How far off a model is on a network that it was not trained on: the size of the relative error of the total (of the
/// slower role) that a tenth of the networks exceed, as the standard deviation of a normal distribution. Each network
/// is predicted by a model that `trainer` trains on three quarters of the others, so that these are four trainings;
/// held-out times (NaN in `set`, weight 0 in `observations`, which are the set's) are in none of it. Networks count by
/// the operations that their model knows. Throws std::invalid_argument for fewer than three networks with times, and
/// what the trainer throws.
double network_deviation(const training::TrainingSet& set, const Observations& observations,
                         const training::LatencyTrainer& trainer, const training::TrainingOptions& options);

}  // namespace sotto::learned
