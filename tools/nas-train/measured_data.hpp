// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "cost_models/model_file/model_file.hpp"
#include "cost_models/training/measurement_table.hpp"
#include "cost_models/training/training_set.hpp"

namespace sotto::tools {

/// Measurement tables of one setting, and how a model file names them.
struct MeasuredData {
    std::vector<training::MeasurementTable> tables;  ///< as read: with what a set leaves out
    training::TrainingSet set;
    std::vector<model_file::DataSource> sources;
};

/// Reads and joins the tables. `source` goes into every DataSource. Throws input::InputError, also for two tables of
/// equal content, a network whose operations differ between tables, a run that is in two of them, and a file name or
/// source that no model file can hold.
MeasuredData read_measured_data(const std::vector<std::string>& paths, const std::string& source);

/// `36 networks, 108 runs, 2752 operations`.
std::string describe(const MeasuredData& data);

}  // namespace sotto::tools
