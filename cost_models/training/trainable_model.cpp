// SPDX-License-Identifier: Apache-2.0
#include "cost_models/training/trainable_model.hpp"

#include "engine/input/input_error.hpp"

namespace sotto::training {

std::unique_ptr<LatencyModel> TrainableModel::calibrate(const LatencyModel& /*model*/, const TrainingSet& /*set*/,
                                                        const TrainingOptions& /*options*/) const {
    throw input::InputError(
        {{}, "this kind of model cannot be calibrated", '\'' + std::string(id()) + '\'', "'protocol'", {}});
}

}  // namespace sotto::training
