// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "bench/compare_pagmo/problem.hpp"

namespace sotto::bench {

/// ZDT1, ZDT2 and ZDT3 (Zitzler, Deb, Thiele, "Comparison of multiobjective evolutionary algorithms: empirical
/// results", Evolutionary Computation 8(2), 2000) with 30 variables and DTLZ2 (Deb, Thiele, Laumanns, Zitzler,
/// "Scalable multi-objective optimization test problems", CEC 2002) with 3 objectives and 12 variables, every variable
/// on 101 points of [0, 1]. The reference is 1.1 in every objective.
std::vector<std::unique_ptr<Problem>> grid_problems();

}  // namespace sotto::bench
