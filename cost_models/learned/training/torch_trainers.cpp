// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <span>

#include "cost_models/lstm/training/trainable_lstm.hpp"
#include "cost_models/mlp/training/trainable_mlp.hpp"
#include "cost_models/trainable/trainable_models.hpp"

extern "C" __attribute__((visibility("default"))) std::span<const sotto::training::TrainableModel* const>
sotto_trainable_models() {
    static const std::array<const sotto::training::TrainableModel*, 3> models = {
        &sotto::mlp::trainable_model(), &sotto::lstm::trainable_model(), &sotto::lstm::ablated_model()};
    return models;
}
