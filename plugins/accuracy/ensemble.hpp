// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "plugins/accuracy/evaluator.hpp"

namespace sotto::accuracy {

/// The ensemble of ensemble_score.hpp: metrics are the score and its parts. Two passes forward: synaptic flow and
/// activation patterns.
std::unique_ptr<Evaluator> make_ensemble(const Arguments& arguments, const sotto_host* host);

}  // namespace sotto::accuracy
