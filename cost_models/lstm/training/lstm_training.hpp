// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>

#include "cost_models/learned/observations.hpp"
#include "cost_models/lstm/lstm_predictor.hpp"

namespace sotto::lstm {

struct Hyperparameters {
    Architecture architecture;
    double learning_rate = 4e-3;
    friend bool operator==(const Hyperparameters&, const Hyperparameters&) = default;
};

struct TrainingPlan {
    Hyperparameters hyperparameters;
    std::uint64_t seed = 1;
    int members = 2;  ///< each leaves out another part of the configurations, to stop early by
    int epochs = 60;
    bool sees_pool = true;  ///< false: the ablation
    double network_deviation =
        std::numeric_limits<double>::quiet_NaN();  ///< what the predictor is to state; NaN: nothing
    std::function<bool()> is_cancelled;
};

struct Trained {
    std::shared_ptr<const LstmPredictor> predictor;
    double validation_loss = 0;  ///< on what each member left out, mean over members
};

/// Trains by AdamW on stretches of up to 64 operations, cut anew in every epoch. The loss is Huber's on the error of
/// each operation relative to 5 ms + 3 %, the relative error of a stretch's total, and a penalty on the squared log
/// correction. A member keeps the weights of the epoch with the least loss on the configurations it left out, within
/// the second part of the training. Same observations, plan and seed: same weights. Throws training::Cancelled.
Trained train(const protocol::EngineProfile& profile, const learned::Observations& observations,
              const TrainingPlan& plan);

}  // namespace sotto::lstm
