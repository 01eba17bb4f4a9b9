// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>

#include "cost_models/learned/observations.hpp"
#include "cost_models/mlp/mlp_predictor.hpp"

namespace sotto::mlp {

/// How the networks of one layer type are trained.
struct Hyperparameters {
    Architecture architecture{{32, 32}};
    double learning_rate = 8e-3;
    friend bool operator==(const Hyperparameters&, const Hyperparameters&) = default;
};
using HyperparametersByType = std::array<Hyperparameters, learned::layer_type_count>;

struct TrainingPlan {
    HyperparametersByType by_type;
    std::uint64_t seed = 1;
    int members = 3;  ///< each leaves out another part of the configurations, to stop early by
    int steps = 250;
    double network_deviation =
        std::numeric_limits<double>::quiet_NaN();  ///< what the predictor is to state; NaN: nothing
    std::function<bool()> is_cancelled;
};

/// What training gives: the predictor, and the loss on the parts that each member left out, by layer type (mean over
/// members and roles; NaN for a type that was not measured).
struct Trained {
    std::shared_ptr<const MlpPredictor> predictor;
    std::array<double, learned::layer_type_count> validation_loss{};
};

/// Trains by AdamW (Loshchilov and Hutter, "Decoupled weight decay regularization", 2019) on all configurations of a
/// type at once. The loss is Huber's on the error relative to 5 ms + 5 % and on the error relative to a tenth of the
/// type's deviation, and a penalty on the squared log correction that keeps it from growing where there is little to
/// learn from. A member keeps the weights of the step with the least loss on the configurations it left out, within the
/// second part of the training. Same observations, plan and seed: same weights. Throws training::Cancelled.
Trained train(const protocol::EngineProfile& profile, const learned::Observations& observations,
              const TrainingPlan& plan);

}  // namespace sotto::mlp
