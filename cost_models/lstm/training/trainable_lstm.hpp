// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "cost_models/lstm/training/lstm_training.hpp"
#include "cost_models/training/trainable_model.hpp"

namespace sotto::lstm {

const training::TrainableModel& trainable_model();

/// The ablation `lstm-no-pool`: neither the network nor the waits know where the pools stand. Its files are those of an
/// lstm and say so.
const training::TrainableModel& ablated_model();

/// Hyperparameters of a random trial; trial 0 has the defaults. 16 to 64 neurons in the embedding and the recurrent
/// layer, 1 to 4 dense layers of 32 to 96, learning rate 1e-3 to 1e-2 (logarithmic). The published search goes to 20
/// layers of 512 and down to 1e-5: a correction needs fewer, and those are beyond 3 ms for a network.
Hyperparameters trial_hyperparameters(std::uint32_t trial, std::uint64_t seed);

/// The best of the random trials, by the loss on what early stopping leaves out.
Hyperparameters tune(const protocol::EngineProfile& profile, const learned::Observations& observations, bool sees_pool,
                     const training::TrainerOptions& options, const training::TrainingOptions& training);

}  // namespace sotto::lstm
