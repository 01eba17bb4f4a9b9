// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
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

/// `measured` and `predicted` are of equal length, at least 1. Where all measured times are equal R2 is NaN; where
/// their sum is 0 the bias is.
ErrorFigures error_figures(std::span<const double> measured, std::span<const double> predicted);

/// How R2 and mean absolute error are drawn from several folds. They differ where few rows decide: published tables
/// hold means of folds (local max pools: R2 of about .93, all rows together .96).
enum class Pooling : std::uint8_t {
    all_rows,      ///< one figure over all held-out rows
    mean_of_folds  ///< the mean over folds of each fold's figure; a fold whose R2 is NaN is left out of its mean
};

/// The figures of one layer type and role, over all held-out rows.
struct LayerFigures {
    std::string layer;
    Role role = Role::client;
    ErrorFigures figures;
};

/// Every layer type that was held out, in the order of the tables, client before server. Rows without a measured time
/// do not count, and neither do those that the model did not know.
std::vector<LayerFigures> figures_by_layer(const TrainingSet& set, std::span<const HeldOut> held_out,
                                           Pooling pooling = Pooling::all_rows);

/// Sums of one layer type.
struct LayerSums {
    std::string layer;
    double measured_ms = 0;
    double predicted_ms = 0;
};

/// One network's total on one role: mean over its complete runs of the sum over operations. A run is complete where
/// every operation has a time (an unresolved one is 0 there), and one at least is above 0. Operations that the model
/// did not know are in neither sum.
struct NetworkFigures {
    std::string network;
    Role role = Role::client;
    double measured_ms = 0;  ///< NaN without a complete run, and so is what follows
    double predicted_ms = 0;
    std::size_t runs = 0;              ///< complete ones
    std::size_t incomplete_runs = 0;   ///< left out
    double run_deviation_percent = 0;  ///< standard deviation (n - 1) of the measured runs; NaN for a single run
    double error_percent = 0;          ///< (predicted - measured) / measured, signed
    double total_deviation_ms = 0;     ///< what the model says of its error; NaN: nothing
    std::vector<LayerSums> layers;     ///< totals hide cancellation
};

/// Every network of which anything was held out, client before server.
std::vector<NetworkFigures> figures_by_network(const TrainingSet& set, std::span<const HeldOut> held_out);

/// A network's total as two parties see it who wait for each other after every operation, on a machine that drifts: for
/// each operation the minimum over runs of the slower party's time (0 where it is unresolved), summed; beside it the
/// sum over operations of the slower party's prediction. Operations that the model did not know are in neither sum.
struct SlowerPartyTotal {
    std::string network;
    double measured_ms = 0;
    double predicted_ms = 0;
    double error_percent = 0;       ///< (predicted - measured) / measured, signed
    double total_deviation_ms = 0;  ///< what the model says of its error; NaN: nothing
    std::vector<LayerSums> layers;
};

/// Kinds of operations of which the models did not know some, with how many rows those are.
std::map<std::string, std::size_t> unknown_operations(const TrainingSet& set, std::span<const HeldOut> held_out);

/// Networks that were held out as a whole. Throws std::invalid_argument where an operation has no complete time or
/// predictions of one operation differ between runs (it was not held out in all of them at once).
std::vector<SlowerPartyTotal> totals_of_slower_party(const TrainingSet& set, std::span<const HeldOut> held_out);

}  // namespace sotto::training
