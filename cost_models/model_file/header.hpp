// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "cost_models/model_file/model_file.hpp"

namespace sotto::model_file {

/// Where a tensor's values lie; the values of tensors follow each other without gaps.
std::size_t value_bytes(const Tensor& tensor);

/// The header of a model file as text that ends with a line break. Throws nlohmann::json::exception where a text is not
/// UTF-8.
std::string header_text(const ModelFile& model);

/// The model that a header describes, with tensors of the right type and length whose values are all zero. Throws
/// input::InputError; `payload_bytes` is what the tensors must take together.
ModelFile parse_header(std::string_view text, std::size_t payload_bytes, const std::string& name);

}  // namespace sotto::model_file
