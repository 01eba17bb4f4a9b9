// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "bench/compare_pagmo/evaluator.hpp"

namespace sotto::bench {

struct PagmoSettings {
    double crossover = 0.95;  ///< probability that a pair is crossed: pagmo's default
    double mutation = 0.01;   ///< probability per gene: pagmo's default
};

std::string pagmo_version();

/// Runs pagmo::nsga2 on the problem, all genes whole numbers (get_nix), from the genomes of `first`, which are
/// evaluated too, and returns the processor seconds that it took, the first ones' evaluation not counted.
double run_pagmo(Evaluator& evaluator, const PagmoSettings& settings, const std::vector<search::Genome>& first,
                 unsigned generations, unsigned seed);

}  // namespace sotto::bench
