// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "plugins/accuracy/evaluator.hpp"

namespace sotto::accuracy {

/// Metrics are the score of combined_score.hpp and its parts, synflow and NASWOT.
std::unique_ptr<Evaluator> make_combined(const Arguments& arguments, const sotto_host* host);

}  // namespace sotto::accuracy
