// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include "cost_models/model_file/shipped_models.hpp"

namespace sotto::mlp {

/// The model files of cost_models/pretrained, as they were when the program was built.
std::span<const model_file::EmbeddedFile> shipped_models();

}  // namespace sotto::mlp
