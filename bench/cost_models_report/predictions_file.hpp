// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

#include "cost_models/training/latency_trainer.hpp"

namespace sotto::report {

/// What a trained model predicts for a program.
struct Prediction {
    std::vector<training::RoleTimes> times;  ///< of its operations; finite
    double total_deviation_ms = 0;           ///< LatencyModel::total_deviation_ms; finite or NaN
};

/// By the programs' hashes.
using Predictions = std::map<std::string, Prediction>;

/// Reads what to_text wrote; times come back to the last bit. Throws input::InputError, with `file_name` for the file,
/// for anything that it cannot have written.
Predictions parse_predictions(const std::string& text, const std::string& file_name);

std::string to_text(const Predictions& predictions);

}  // namespace sotto::report
