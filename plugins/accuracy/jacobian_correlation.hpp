// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace sotto::accuracy {

/// How little the rows of a matrix are correlated (Mellor, Turner, Storkey and Crowley, "Neural architecture search
/// without training", version 1, 2020, section 3): with v the eigenvalues of the rows' correlation matrix and k = 1e-5,
/// the paper's score is S = -sum(ln(v + k) + 1 / (v + k)), which reaches from -rows down to about -rows / k. The result
/// is -ln(-S / rows): at most about 0, where no two rows are correlated, and -11.5 where all are alike.
///
/// A row that is constant has no correlation with others: it tells its image from none, and counts as an eigenvalue 0.
double decorrelation(std::span<const double> values, std::size_t rows);

/// Eigenvalues of a symmetric matrix in no order, by Jacobi's method (Golub and Van Loan, "Matrix computations", 8.5).
std::vector<double> symmetric_eigenvalues(std::vector<double> matrix, std::size_t size);

}  // namespace sotto::accuracy
