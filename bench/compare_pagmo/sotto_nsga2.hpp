// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "bench/compare_pagmo/evaluator.hpp"

namespace sotto::bench {

/// Runs Sotto's NSGA-II with `variation` for `generations` behind the first, which is `first`, and returns the
/// processor seconds spent in ask and tell since the first generation was told.
double run_sotto(Evaluator& evaluator, const search::Variation& variation, search::StrategyOptions options,
                 const std::vector<search::Genome>& first, unsigned generations);

}  // namespace sotto::bench
