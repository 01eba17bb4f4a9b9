// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "cost_models/training/trainable_model.hpp"

namespace sotto::training {

/// Ids of all models that can be trained, those of libraries that are not loaded yet included.
std::span<const std::string_view> trainable_model_ids();

/// The model of this id. One that needs LibTorch is in a library of its own, sotto_torch_trainers.so in
/// `../lib/sotto/trainers` seen from the running program, which is loaded now and stays. Throws input::InputError for
/// an unknown id, with the nearest one, and std::runtime_error where the library cannot be loaded.
const TrainableModel& trainable_model(std::string_view id);

/// What such a library exports under the name `sotto_trainable_models`: its models. Library and program are of one
/// build.
using TrainableModelsFunction = std::span<const TrainableModel* const> (*)();

}  // namespace sotto::training
