// SPDX-License-Identifier: Apache-2.0
#include "plugins/accuracy/jacobian_correlation.hpp"

#include <algorithm>
#include <cmath>

namespace sotto::accuracy {
namespace {

constexpr double smallest_eigenvalue = 1e-5;
// Of a row's sum of squares: what rounding in single precision leaves of a constant row.
constexpr double constant_share = 1e-10;

double dot(std::span<const double> left, std::span<const double> right) {
    double sum = 0;
    for (std::size_t index = 0; index < left.size(); ++index) {
        sum += left[index] * right[index];
    }
    return sum;
}

/// Zeroes element (p, q) by a rotation of rows and columns p and q.
void rotate(std::vector<double>& a, std::size_t size, std::size_t p, std::size_t q) {
    const double theta = (a[q * size + q] - a[p * size + p]) / (2 * a[p * size + q]);
    const double tangent = std::copysign(1 / (std::fabs(theta) + std::sqrt(theta * theta + 1)), theta);
    const double cosine = 1 / std::sqrt(tangent * tangent + 1);
    const double sine = tangent * cosine;
    for (std::size_t k = 0; k < size; ++k) {
        const double kp = a[k * size + p];
        const double kq = a[k * size + q];
        a[k * size + p] = cosine * kp - sine * kq;
        a[k * size + q] = sine * kp + cosine * kq;
    }
    for (std::size_t k = 0; k < size; ++k) {
        const double pk = a[p * size + k];
        const double qk = a[q * size + k];
        a[p * size + k] = cosine * pk - sine * qk;
        a[q * size + k] = sine * pk + cosine * qk;
    }
}

}  // namespace

std::vector<double> symmetric_eigenvalues(std::vector<double> matrix, std::size_t size) {
    double total = 0;
    for (const double element : matrix) {
        total += element * element;
    }
    constexpr int most_sweeps = 60;
    for (int sweep = 0; sweep < most_sweeps; ++sweep) {
        double off_diagonal = 0;
        for (std::size_t row = 0; row < size; ++row) {
            for (std::size_t column = 0; column < row; ++column) {
                off_diagonal += matrix[row * size + column] * matrix[row * size + column];
            }
        }
        if (off_diagonal <= 1e-30 * total) {
            break;
        }
        for (std::size_t p = 0; p < size; ++p) {
            for (std::size_t q = p + 1; q < size; ++q) {
                if (matrix[p * size + q] != 0) {
                    rotate(matrix, size, p, q);
                }
            }
        }
    }
    std::vector<double> eigenvalues(size);
    for (std::size_t index = 0; index < size; ++index) {
        eigenvalues[index] = matrix[index * size + index];
    }
    return eigenvalues;
}

double decorrelation(std::span<const double> values, std::size_t rows) {
    const std::size_t length = values.size() / rows;
    // Of mean 0 and length 1, so that correlations are products.
    std::vector<std::vector<double>> varying;
    for (std::size_t row = 0; row < rows; ++row) {
        const std::span<const double> given = values.subspan(row * length, length);
        double mean = 0;
        for (const double value : given) {
            mean += value / static_cast<double>(length);
        }
        std::vector<double> centred;
        for (const double value : given) {
            centred.push_back(value - mean);
        }
        const double squares = dot(centred, centred);
        if (squares <= constant_share * dot(given, given)) {
            continue;
        }
        for (double& value : centred) {
            value /= std::sqrt(squares);
        }
        varying.push_back(std::move(centred));
    }
    const std::size_t size = varying.size();
    std::vector<double> correlations(size * size, 1.0);
    for (std::size_t row = 0; row < size; ++row) {
        for (std::size_t column = 0; column < row; ++column) {
            const double correlation = dot(varying[row], varying[column]);
            correlations[row * size + column] = correlation;
            correlations[column * size + row] = correlation;
        }
    }
    std::vector<double> eigenvalues = symmetric_eigenvalues(std::move(correlations), size);
    eigenvalues.resize(rows, 0.0);
    double score = 0;
    for (const double eigenvalue : eigenvalues) {
        const double shifted = std::max(eigenvalue, 0.0) + smallest_eigenvalue;
        score += std::log(shifted) + 1 / shifted;
    }
    return -std::log(score / static_cast<double>(rows));
}

}  // namespace sotto::accuracy
