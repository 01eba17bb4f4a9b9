// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <tuple>

#include "cost_models/training/training_set.hpp"

namespace sotto::report {

struct LayerKey {
    std::string setting;
    std::string layer;
    training::Role role = training::Role::client;

    friend auto operator<=>(const LayerKey&, const LayerKey&) = default;
};

struct NetworkKey {
    std::string setting;
    std::string network;  ///< as the measurements name it: sqnet
    training::Role role = training::Role::client;

    friend auto operator<=>(const NetworkKey&, const NetworkKey&) = default;
};

/// A published cell: coefficient of determination and mean absolute error of one operation.
struct LayerFigure {
    double r2 = 0;
    double mae_ms = 0;
};

struct NetworkFigure {
    double error_percent = 0;  ///< absolute: the sign was not published
    double prediction_ms = 0;  ///< how long the prediction took
};

/// The figures of the publication, by method: analytical, mlp, rnn.
struct PublishedFigures {
    std::map<LayerKey, std::map<std::string, LayerFigure>> layers;
    std::map<NetworkKey, std::map<std::string, NetworkFigure>> networks;
    /// What a model could reach at best that knows each position of each network: the deviation between runs.
    std::map<LayerKey, LayerFigure> limits;
};

/// Reads reference/per_layer.csv, reference/whole_network.csv and data/snni_public/baselines/noise_floor.csv below
/// `directory`. Throws input::InputError.
PublishedFigures read_published_figures(const std::string& directory);

}  // namespace sotto::report
