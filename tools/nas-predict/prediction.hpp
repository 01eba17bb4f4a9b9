// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "engine/plugin/description.hpp"
#include "tools/nas-predict/subject.hpp"

namespace sotto::tools {

/// Which cost model, told how.
struct ModelChoice {
    std::string id;
    std::map<std::string, std::string> arguments;
    std::string note;  ///< of a link that the model was not fitted on; empty otherwise
};

/// What the command line says of the model; empty: not said.
struct ModelRequest {
    std::string model;  ///< id or model file
    std::string setting;
    std::string engine;
    std::string bandwidth_mbps;
    std::string rtt_ms;
    std::vector<std::string> parameters;  ///< `name=value` each
};

/// The plug-in's id: of the model file, where `model` is one.
std::string plugin_id(const ModelRequest& request);

/// The plug-in's arguments. Throws input::InputError for an option that the plug-in has no parameter for, for a
/// parameter that is set twice, and for a model file that cannot be read.
ModelChoice choose_model(const ModelRequest& request, const plugin::Description& description);

/// 90 % of networks lie within.
struct Interval {
    double low = 0;
    double high = 0;
};

struct Prediction {
    std::vector<double> metrics;
    std::vector<Interval> intervals;       ///< one for each metric, or none
    std::vector<double> operation_values;  ///< [operation][metric], or empty; NaN where a metric has none
};

/// One prediction for each subject. Throws plugin::PluginError where the model fails, input::InputError where it does
/// not know an operation.
std::vector<Prediction> predict(const plugin::Instance& instance, const Subjects& subjects);

}  // namespace sotto::tools
