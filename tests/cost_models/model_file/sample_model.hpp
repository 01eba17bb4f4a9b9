// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "cost_models/model_file/model_file.hpp"

namespace sotto::sample {

/// A small model with every kind of member.
model_file::ModelFile sample_model();

/// Its header as JSON.
nlohmann::ordered_json sample_header();

/// Header and payload behind a first line that fits them.
std::string framed(std::string_view header, std::string_view payload);

/// The payload of sample_model().
std::string sample_payload();

}  // namespace sotto::sample
