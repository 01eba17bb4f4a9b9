// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>

#include "sotto/plugin.h"

#include "plugins/accuracy/evaluator.hpp"
#include "plugins/accuracy/graph.hpp"

namespace sotto::accuracy {

/// The Zen-score (Lin et al., "Zen-NAS: a zero-shot NAS for high-performance image recognition", ICCV 2021, algorithm
/// 1): with weights and images x, e of N(0, 1) and f the features in front of the classifier (Graph::feature_layer),
///
///     ln mean over images |f(x) - f(x + e / 100)|_2  +  sum over batch normalisations ln sqrt(mean over channels of v)
///
/// where v is the variance of a channel over the batch x. Each of the two passes is normalised by its own statistics.
///
/// Residual links are taken out as in the paper: operands of an addition from which another of its operands is
/// computed. A square is x^2 over the root mean square of x: like every other layer it then doubles what it gives where
/// its input doubles, and a stack of squares does not measure its own magnitude. At least ln 1e-30. Any thread.
double zen_score(const Graph& graph, std::uint64_t seed, std::int64_t images, const sotto_host* host);

std::unique_ptr<Evaluator> make_zen(const Arguments& arguments, const sotto_host* host);

}  // namespace sotto::accuracy
