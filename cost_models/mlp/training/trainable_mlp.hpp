// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "cost_models/mlp/training/mlp_training.hpp"
#include "cost_models/training/trainable_model.hpp"

namespace sotto::mlp {

const training::TrainableModel& trainable_model();

/// Hyperparameters of a random trial; trial 0 has the defaults. Ranges as published: 1 to 5 hidden layers of 16 to 640
/// neurons in steps of 16, learning rate 1e-4 to 1e-2 (logarithmic).
Hyperparameters trial_hyperparameters(learned::LayerType type, std::uint32_t trial, std::uint64_t seed);

/// For each layer type the best of `trials` random trials, by the loss on what early stopping leaves out.
HyperparametersByType tune(const protocol::EngineProfile& profile, const learned::Observations& observations,
                           const training::TrainerOptions& options, const training::TrainingOptions& training);

}  // namespace sotto::mlp
