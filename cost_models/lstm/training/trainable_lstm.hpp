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

/// Hyperparameters of a random trial; trial 0 has the defaults. 1 to 20 dense layers of 32 to 512 neurons in steps of
/// 32 and a learning rate of 1e-5 to 1e-2 (logarithmic): the published search has 6 to 20 layers of those. 16 to 64
/// neurons in the recurrent layer, which has 16 there, and as many in the embedding, which is not there.
Hyperparameters trial_hyperparameters(std::uint32_t trial, std::uint64_t seed);

/// The best of the random trials, by the loss on what early stopping leaves out.
Hyperparameters tune(const protocol::EngineProfile& profile, const learned::Observations& observations, bool sees_pool,
                     const training::TrainerOptions& options, const training::TrainingOptions& training);

}  // namespace sotto::lstm
