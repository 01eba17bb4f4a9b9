// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cost_models/training/latency_trainer.hpp"
#include "cost_models/training/training_set.hpp"

namespace sotto::training {

/// How far off a model is on a network that it was not trained on: the size of the relative error of the total (of the
/// slower role, times as repeated_times has them) that a tenth of the networks exceed, as the standard deviation of a
/// normal distribution. Each network is predicted by a model that `trainer` trains on three quarters of the others, so
/// that these are four trainings; held-out times (NaN) are in none of it. Networks count by the operations that their
/// model knows. NaN for fewer than three networks with times: they do not tell. Throws what the trainer throws.
double network_deviation(const TrainingSet& set, const LatencyTrainer& trainer, const TrainingOptions& options);

}  // namespace sotto::training
