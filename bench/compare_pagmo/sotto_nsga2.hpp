// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "bench/compare_pagmo/evaluator.hpp"

namespace sotto::bench {

/// The genomes that Sotto's NSGA-II begins with.
std::vector<search::Genome> first_generation(const search::Variation& variation, std::size_t population,
                                             std::uint64_t seed);

/// Runs Sotto's NSGA-II with `variation` until `generations` are bred behind the first, all of `first`, and returns the
/// processor seconds spent in ask and tell since the first generation was told.
double run_sotto(Evaluator& evaluator, const search::Variation& variation, search::StrategyOptions options,
                 const std::vector<search::Genome>& first, unsigned generations);

}  // namespace sotto::bench
