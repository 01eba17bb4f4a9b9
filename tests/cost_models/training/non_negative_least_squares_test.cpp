// SPDX-License-Identifier: Apache-2.0
#include "cost_models/training/non_negative_least_squares.hpp"

#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "engine/random/random.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using training::non_negative_least_squares;

namespace {

using Vector = std::vector<double>;

struct Problem {
    std::size_t rows;
    std::size_t columns;
    Vector matrix;  // row by row
    Vector right;
};

Problem random_problem(std::uint32_t index, std::size_t rows, std::size_t columns) {
    random::Stream stream(7, index, 0, random::Purpose::test);
    Problem problem{rows, columns, Vector(rows * columns), Vector(rows)};
    for (double& value : problem.matrix) {
        value = stream.unit() - 0.3;
    }
    for (double& value : problem.right) {
        value = stream.unit() - 0.5;
    }
    return problem;
}

Vector solve(const Problem& problem) {
    const std::size_t n = problem.columns;
    std::vector<long double> gram(n * n, 0);
    std::vector<long double> moment(n, 0);
    for (std::size_t r = 0; r < problem.rows; ++r) {
        for (std::size_t i = 0; i < n; ++i) {
            moment[i] += static_cast<long double>(problem.matrix[r * n + i]) * problem.right[r];
            for (std::size_t j = 0; j < n; ++j) {
                gram[i * n + j] += static_cast<long double>(problem.matrix[r * n + i]) * problem.matrix[r * n + j];
            }
        }
    }
    const std::vector<long double> x = non_negative_least_squares(gram, moment);
    return {x.begin(), x.end()};
}

double squared_error(const Problem& problem, const Vector& x) {
    double sum = 0;
    for (std::size_t r = 0; r < problem.rows; ++r) {
        double residual = -problem.right[r];
        for (std::size_t i = 0; i < problem.columns; ++i) {
            residual += problem.matrix[r * problem.columns + i] * x[i];
        }
        sum += residual * residual;
    }
    return sum;
}

// Unconstrained least squares over the columns in `subset`, by modified Gram-Schmidt on the matrix itself.
Vector least_squares(const Problem& problem, unsigned subset) {
    std::vector<std::size_t> columns;
    for (std::size_t i = 0; i < problem.columns; ++i) {
        if ((subset >> i & 1U) != 0) {
            columns.push_back(i);
        }
    }
    const std::size_t n = columns.size();
    std::vector<Vector> q(n, Vector(problem.rows));
    std::vector<Vector> upper(n, Vector(n, 0));
    Vector right = problem.right;
    Vector projected(n);
    for (std::size_t i = 0; i < n; ++i) {
        for (std::size_t r = 0; r < problem.rows; ++r) {
            q[i][r] = problem.matrix[r * problem.columns + columns[i]];
        }
    }
    const auto dot = [](const Vector& a, const Vector& b) {
        double sum = 0;
        for (std::size_t r = 0; r < a.size(); ++r) {
            sum += a[r] * b[r];
        }
        return sum;
    };
    const auto subtract = [](Vector& a, const Vector& b, double factor) {
        for (std::size_t r = 0; r < a.size(); ++r) {
            a[r] -= factor * b[r];
        }
    };
    for (std::size_t i = 0; i < n; ++i) {
        upper[i][i] = std::sqrt(dot(q[i], q[i]));
        for (double& value : q[i]) {
            value /= upper[i][i];
        }
        for (std::size_t j = i + 1; j < n; ++j) {
            upper[i][j] = dot(q[i], q[j]);
            subtract(q[j], q[i], upper[i][j]);
        }
        projected[i] = dot(q[i], right);
        subtract(right, q[i], projected[i]);
    }
    Vector x(problem.columns, 0);
    for (std::size_t i = n; i-- > 0;) {
        double sum = projected[i];
        for (std::size_t j = i + 1; j < n; ++j) {
            sum -= upper[i][j] * x[columns[j]];
        }
        x[columns[i]] = sum / upper[i][i];
    }
    return x;
}

// The optimum lies at the unconstrained optimum of some set of columns: try them all.
std::pair<Vector, double> brute_force(const Problem& problem) {
    Vector best(problem.columns, 0);
    double least = squared_error(problem, best);
    for (unsigned subset = 1; subset < 1U << problem.columns; ++subset) {
        const Vector x = least_squares(problem, subset);
        bool is_allowed = true;
        for (const double value : x) {
            is_allowed = is_allowed && value >= 0;
        }
        const double error = squared_error(problem, x);
        if (is_allowed && error < least) {
            least = error;
            best = x;
        }
    }
    return {best, least};
}

}  // namespace

TEST_CASE("non-negative least squares equals brute force over all active sets") {
    std::size_t at_bound = 0;
    for (std::uint32_t index = 0; index < 400; ++index) {
        const std::size_t columns = 1 + index % 6;
        const Problem problem = random_problem(index, columns + 3 + index % 11, columns);
        const Vector x = solve(problem);
        const auto [expected, least] = brute_force(problem);
        INFO("problem " << index);
        CHECK(squared_error(problem, x) == Approx(least).epsilon(1e-10));
        for (std::size_t i = 0; i < columns; ++i) {
            CHECK(x[i] >= 0);
            CHECK(x[i] == Approx(expected[i]).margin(1e-9));
            at_bound += x[i] == 0 ? 1 : 0;
        }
    }
    CHECK(at_bound > 100);
}

TEST_CASE("columns that depend on each other do not stop it") {
    for (std::uint32_t index = 0; index < 50; ++index) {
        Problem problem = random_problem(1000 + index, 20, 4);
        for (std::size_t r = 0; r < problem.rows; ++r) {
            double* row = &problem.matrix[r * 4];
            row[2] = 4 * row[0] + 0.5 * row[1];
        }
        Problem independent{problem.rows, 3, Vector(problem.rows * 3), problem.right};
        // A cone of non-negative combinations that does not change when its inner column is left out.
        for (std::size_t r = 0; r < problem.rows; ++r) {
            independent.matrix[r * 3] = problem.matrix[r * 4];
            independent.matrix[r * 3 + 1] = problem.matrix[r * 4 + 1];
            independent.matrix[r * 3 + 2] = problem.matrix[r * 4 + 3];
        }
        CHECK(squared_error(problem, solve(problem)) == Approx(brute_force(independent).second).epsilon(1e-9));
    }
}

TEST_CASE("a right-hand side behind every column gives zero") {
    const Problem problem{2, 2, {1, 0, 0, 1}, {-1, -2}};
    CHECK(solve(problem) == Vector{0, 0});
}

TEST_CASE("an exact non-negative solution is found") {
    Problem problem = random_problem(5000, 12, 4);
    const Vector truth = {2, 0, 0.5, 30};
    for (std::size_t r = 0; r < problem.rows; ++r) {
        problem.right[r] = 0;
        for (std::size_t i = 0; i < 4; ++i) {
            problem.right[r] += problem.matrix[r * 4 + i] * truth[i];
        }
    }
    const Vector x = solve(problem);
    for (std::size_t i = 0; i < 4; ++i) {
        CHECK(x[i] == Approx(truth[i]).margin(1e-10));
    }
}
