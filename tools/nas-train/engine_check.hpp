// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cost_models/model_file/model_file.hpp"
#include "cost_models/training/measurement_table.hpp"

namespace sotto::tools {

/// The engines that models can be trained for.
std::vector<std::string> trainable_engines();

/// What to tell somebody whose tables were not measured on `engine`, by the bytes that its protocols send: where those
/// that are counted are more than 15 % off those that were measured, summed by layer type, with the engine that is
/// nearest. Nothing where they fit or the tables have no bytes. Settings send the same bytes and are not told apart.
std::optional<std::string> engine_doubt(const std::vector<training::MeasurementTable>& tables,
                                        const model_file::EngineProfile& engine, const std::string& setting);

}  // namespace sotto::tools
