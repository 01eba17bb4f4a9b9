// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "cost_models/training/cross_validation.hpp"
#include "cost_models/training/training_set.hpp"

namespace sotto::training {

/// Of predictions against measured times.
struct ErrorFigures {
    std::size_t rows = 0;
    double r2 = 0;      ///< 1 - squared errors / squared deviations from the mean of the measured times
    double mae_ms = 0;  ///< mean absolute error
    double mean_measured_ms = 0;
    double bias_percent = 0;  ///< (sum of predicted - sum of measured) / sum of measured, signed
};

/// `measured` and `predicted` are of equal length, at least 1. Where all measured times are equal R2 is NaN.
ErrorFigures error_figures(std::span<const double> measured, std::span<const double> predicted);

/// The figures of one layer type and role, over all held-out rows.
struct LayerFigures {
    std::string layer;
    Role role = Role::client;
    ErrorFigures figures;
};
std::vector<LayerFigures> figures_by_layer(const TrainingSet& set, std::span<const HeldOut> held_out);

/// One network's total on one role: mean over its runs of the sum over operations.
struct NetworkFigures {
    std::string network;
    Role role = Role::client;
    double measured_ms = 0;
    double predicted_ms = 0;
    double run_deviation_percent = 0;  ///< standard deviation of the measured runs; NaN for a single run
    double error_percent = 0;          ///< (predicted - measured) / measured, signed
    struct Layer {
        std::string layer;
        double measured_ms = 0;
        double predicted_ms = 0;
    };
    std::vector<Layer> layers;  ///< by layer type: totals hide cancellation
};
std::vector<NetworkFigures> figures_by_network(const TrainingSet& set, std::span<const HeldOut> held_out);

}  // namespace sotto::training
