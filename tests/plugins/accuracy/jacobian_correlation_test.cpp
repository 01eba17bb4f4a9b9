// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/jacobian_correlation.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>
#include <vector>

#include "tests/support/catch.hpp"

using namespace sotto::accuracy;

TEST_CASE("eigenvalues of a chain of springs are those of the closed form") {
    // 2 on the diagonal and -1 beside it: 2 - 2 cos(pi j / (n + 1)).
    constexpr std::size_t size = 40;
    std::vector<double> matrix(size * size, 0.0);
    for (std::size_t row = 0; row < size; ++row) {
        matrix[row * size + row] = 2;
        if (row > 0) {
            matrix[row * size + row - 1] = matrix[(row - 1) * size + row] = -1;
        }
    }
    std::vector<double> found = symmetric_eigenvalues(matrix, size);
    std::sort(found.begin(), found.end());
    for (std::size_t index = 0; index < size; ++index) {
        const double angle = std::numbers::pi * static_cast<double>(index + 1) / (size + 1);
        CHECK(found[index] == Approx(2 - 2 * std::cos(angle)).margin(1e-12));
    }
}

TEST_CASE("decorrelation is that of the eigenvalues where rows have a known correlation") {
    // Rows of length 4, of mean 0 and orthogonal: eigenvalues 1 and 1.
    const auto expected = [](std::vector<double> eigenvalues) {
        double sum = 0;
        for (const double value : eigenvalues) {
            sum += std::log(value + 1e-5) + 1 / (value + 1e-5);
        }
        return -std::log(sum / static_cast<double>(eigenvalues.size()));
    };
    CHECK(decorrelation(std::vector<double>{1, 1, -1, -1, 2, -2, 2, -2}, 2) == Approx(expected({1, 1})));
    // A shift and a positive factor change no correlation.
    CHECK(decorrelation(std::vector<double>{4, 4, 2, 2, 2, -2, 2, -2}, 2) == Approx(expected({1, 1})));
    // The same row three times: 3, 0 and 0.
    CHECK(decorrelation(std::vector<double>{1, 2, 4, 2, 4, 8, 3, 6, 12}, 3) == Approx(expected({3, 0, 0})));
    // Correlation 1/2: 3/2 and 1/2.
    CHECK(decorrelation(std::vector<double>{1, -1, 0, 0, 1, -1}, 2) == Approx(expected({1.5, 0.5})));
}

TEST_CASE("a constant row counts as one that tells nothing") {
    const double with_constant = decorrelation(std::vector<double>{1, 1, -1, -1, 5, 5, 5, 5}, 2);
    const double alike = decorrelation(std::vector<double>{1, 1, -1, -1, 2, 2, -2, -2}, 2);
    CHECK(std::isfinite(with_constant));
    CHECK(with_constant == Approx(alike).margin(1e-4));
    CHECK(std::isfinite(decorrelation(std::vector<double>(32, 0.0), 4)));
}
