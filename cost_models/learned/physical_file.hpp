// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cost_models/learned/dense_layers.hpp"
#include "cost_models/learned/network_inputs.hpp"
#include "cost_models/learned/physical_times.hpp"
#include "cost_models/model_file/model_file.hpp"

namespace sotto::learned {

/// The parts of a learned model as tensors of a model file, and back. What reads throws input::InputError of `name`,
/// the file: a tensor is missing or has another shape, or a value is out of the range that it can have.

void write_physical_times(const PhysicalTimes& times, model_file::ModelFile& file);
PhysicalTimes read_physical_times(const model_file::ModelFile& file, const std::string& name);

void write_scale(const std::string& tensor, const InputScale& scale, model_file::ModelFile& file);
InputScale read_scale(const std::string& tensor, std::size_t inputs, const model_file::ModelFile& file,
                      const std::string& name);

void write_layer(const std::string& tensor, const DenseLayer& layer, model_file::ModelFile& file);
DenseLayer read_layer(const std::string& tensor, std::size_t inputs, std::size_t outputs,
                      const model_file::ModelFile& file, const std::string& name);

/// Refuses a file of another model, or of another version of it.
void expect_model(const model_file::ModelFile& file, std::string_view id, std::int64_t version,
                  const std::string& name);

/// Sizes, limits and deviations of `parameters`: refuses a number outside of [least, most].
double read_number(const model_file::ModelFile& file, const std::string& key, double least, double most,
                   const std::string& name);

/// Refuses a file with another number of tensors than a model of its kind and sizes has, once all of them were read.
void refuse_other_tensors(const model_file::ModelFile& file, std::size_t expected_count, const std::string& name);

}  // namespace sotto::learned
