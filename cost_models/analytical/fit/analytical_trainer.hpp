// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cost_models/training/trainable_model.hpp"

namespace sotto::analytical {

/// The analytical method as published: for each layer type and role, non-negative least squares on the features. Times
/// of 0 are left out. Layer types that were not measured have no price in the model.
const training::TrainableModel& trainable_model();

}  // namespace sotto::analytical
