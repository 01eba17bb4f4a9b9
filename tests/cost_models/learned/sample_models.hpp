// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "cost_models/lstm/lstm_predictor.hpp"
#include "cost_models/mlp/mlp_predictor.hpp"

namespace sotto::sample {

/// Models with random weights over a physical part that knows every layer type.
std::shared_ptr<const mlp::MlpPredictor> mlp_predictor();
std::shared_ptr<const lstm::LstmPredictor> lstm_predictor();

/// The files of models, complete but for the tensors and parameters, which write adds.
model_file::ModelFile empty_file();

}  // namespace sotto::sample
