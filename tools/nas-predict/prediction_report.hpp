// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "engine/plugin/description.hpp"
#include "tools/nas-predict/prediction.hpp"

namespace sotto::tools {

/// What the report of a prediction is made of.
struct PredictionReport {
    const plugin::Description& model;  ///< with the counts of the network behind its metrics, where they are given
    const std::map<std::string, std::string>& arguments;  ///< of the model, defaults included
    const Subjects& subjects;
    const std::vector<Prediction>& predictions;
    std::vector<std::size_t> metrics;  ///< indices of those asked for, in that order
    bool per_layer = false;
};

/// For people: per network its metrics, what dominates, and on request every operation.
std::string to_table(const PredictionReport& report);
/// One object on one line (docs/nas_predict.md).
std::string to_json(const PredictionReport& report);
/// One row a network, or a row an operation where per_layer is set.
std::string to_csv(const PredictionReport& report);

}  // namespace sotto::tools
