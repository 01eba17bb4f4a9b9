// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "plugins/accuracy/evaluator.hpp"

namespace sotto::accuracy {

/// Plug-ins over gradient_scores(): one score each, or (`gradients`) all five in the order of GradientScores.
std::unique_ptr<Evaluator> make_jacob_cov(const Arguments& arguments, const sotto_host* host);
std::unique_ptr<Evaluator> make_grad_norm(const Arguments& arguments, const sotto_host* host);
std::unique_ptr<Evaluator> make_snip(const Arguments& arguments, const sotto_host* host);
std::unique_ptr<Evaluator> make_grasp(const Arguments& arguments, const sotto_host* host);
std::unique_ptr<Evaluator> make_fisher(const Arguments& arguments, const sotto_host* host);
std::unique_ptr<Evaluator> make_gradients(const Arguments& arguments, const sotto_host* host);

}  // namespace sotto::accuracy
