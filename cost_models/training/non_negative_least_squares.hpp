// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <vector>

namespace sotto::training {

/// The x >= 0 that minimises |A x - b|, from gram = transpose(A) A (row by row) and moment = transpose(A) b.
///
/// Active-set method of Lawson and Hanson (Solving Least Squares Problems, 1974, chapter 23) on the normal equations,
/// as Bro and de Jong (A fast non-negativity-constrained least squares algorithm, 1997) have it. Meant for few columns.
/// Where columns depend on each other, one of the equally good solutions; the fitted values A x are the same for all.
std::vector<long double> non_negative_least_squares(std::span<const long double> gram,
                                                    std::span<const long double> moment);

}  // namespace sotto::training
