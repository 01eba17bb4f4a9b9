// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cost_models/training/trainable_model.hpp"

namespace sotto::protocol {

/// The model `protocol`: robust non-negative least squares on the columns of program_walk.hpp, in the form that suits
/// the engine's measurements (fit/model_form.hpp). The spread of whole networks' errors is that of networks left out
/// one at a time. Engines: opencheetah-2022, opencheetah-2023; nothing to tune. Calibration multiplies groups of
/// prices.
const training::TrainableModel& trainable_model();

}  // namespace sotto::protocol
