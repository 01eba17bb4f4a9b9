// SPDX-License-Identifier: Apache-2.0
#include "bench/ensemble_fit/non_negative_fit.hpp"

#include <cmath>
#include <cstddef>
#include <random>
#include <vector>

#include "tests/support/catch.hpp"

using sotto::ensemble_fit::non_negative_fit;

namespace {

struct Problem {
    std::vector<std::vector<double>> rows;
    std::vector<double> target;
};

Problem make(const std::vector<double>& weights, double noise) {
    std::mt19937 random(3);
    std::normal_distribution<double> normal;
    Problem problem;
    for (int row = 0; row < 300; ++row) {
        const double shared = normal(random);
        std::vector<double>& values = problem.rows.emplace_back();
        double sum = 10 + noise * normal(random);
        for (const double weight : weights) {
            values.push_back(5 + shared + normal(random));
            sum += weight * values.back();
        }
        problem.target.push_back(sum);
    }
    return problem;
}

double squared_error(const Problem& problem, const std::vector<double>& weights) {
    std::vector<double> errors;
    double mean = 0;
    for (std::size_t row = 0; row < problem.rows.size(); ++row) {
        double error = problem.target[row];
        for (std::size_t column = 0; column < weights.size(); ++column) {
            error -= weights[column] * problem.rows[row][column];
        }
        errors.push_back(error);
        mean += error / static_cast<double>(problem.rows.size());
    }
    double sum = 0;
    for (const double error : errors) {
        sum += (error - mean) * (error - mean);
    }
    return sum;
}

}  // namespace

TEST_CASE("weights that made the target are found") {
    const Problem problem = make({0.5, 0, 2}, 0);
    const std::vector<double> found = non_negative_fit(problem.rows, problem.target);
    CHECK(found[0] == Approx(0.5));
    CHECK(found[1] == Approx(0).margin(1e-9));
    CHECK(found[2] == Approx(2));
}

TEST_CASE("no weight is negative and none near is better") {
    const Problem problem = make({1, -0.7, 0.2}, 1);
    const std::vector<double> found = non_negative_fit(problem.rows, problem.target);
    CHECK(found[1] == 0);
    const double least = squared_error(problem, found);
    for (std::size_t column = 0; column < found.size(); ++column) {
        for (const double step : {-0.05, 0.05}) {
            std::vector<double> other = found;
            other[column] += step;
            if (other[column] >= 0) {
                CHECK(squared_error(problem, other) > least);
            }
        }
    }
}
