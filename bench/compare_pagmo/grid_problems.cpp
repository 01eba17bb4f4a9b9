// SPDX-License-Identifier: Apache-2.0
#include "bench/compare_pagmo/grid_problems.hpp"

#include <cmath>
#include <numbers>
#include <utility>

#include "tests/search/strategy/grid_variation.hpp"

namespace sotto::bench {
namespace {

constexpr int levels = 101;

class GridProblem final : public Problem {
  public:
    using Function = void (*)(std::span<const double> x, Values& values);

    GridProblem(std::string name, std::size_t variables, std::size_t objectives, Function function)
        : name_(std::move(name)),
          objectives_(objectives),
          function_(function),
          variation_(variables, levels),
          x_(variables) {}

    std::string name() const override { return name_; }
    const search::Variation& variation() const override { return variation_; }
    std::size_t objectives() const override { return objectives_; }
    std::vector<double> reference() const override { return std::vector<double>(objectives_, 1.1); }

    bool evaluate(const search::Genome& genome, Values& values) override {
        for (std::size_t k = 0; k < x_.size(); ++k) {
            x_[k] = static_cast<double>(genome.genes[k]) / (levels - 1);
        }
        function_(x_, values);
        return true;
    }

    double mutated_genes() const override {
        const auto genes = static_cast<double>(x_.size());
        return 1 + (genes - 1) / genes;
    }

  private:
    std::string name_;
    std::size_t objectives_;
    Function function_;
    search::test::GridVariation variation_;
    std::vector<double> x_;
};

double zdt_distance(std::span<const double> x) {
    double sum = 0;
    for (const double value : x.subspan(1)) {
        sum += value;
    }
    return 1 + 9 * sum / static_cast<double>(x.size() - 1);
}

void zdt1(std::span<const double> x, Values& values) {
    const double g = zdt_distance(x);
    values[0] = x[0];
    values[1] = g * (1 - std::sqrt(x[0] / g));
}

void zdt2(std::span<const double> x, Values& values) {
    const double g = zdt_distance(x);
    values[0] = x[0];
    values[1] = g * (1 - (x[0] / g) * (x[0] / g));
}

void zdt3(std::span<const double> x, Values& values) {
    const double g = zdt_distance(x);
    values[0] = x[0];
    values[1] = g * (1 - std::sqrt(x[0] / g) - x[0] / g * std::sin(10 * std::numbers::pi * x[0]));
}

void dtlz2(std::span<const double> x, Values& values) {
    double g = 0;
    for (const double value : x.subspan(2)) {
        g += (value - 0.5) * (value - 0.5);
    }
    const double first = x[0] * std::numbers::pi / 2;
    const double second = x[1] * std::numbers::pi / 2;
    values[0] = (1 + g) * std::cos(first) * std::cos(second);
    values[1] = (1 + g) * std::cos(first) * std::sin(second);
    values[2] = (1 + g) * std::sin(first);
}

}  // namespace

std::vector<std::unique_ptr<Problem>> grid_problems() {
    std::vector<std::unique_ptr<Problem>> problems;
    problems.push_back(std::make_unique<GridProblem>("zdt1", 30, 2, zdt1));
    problems.push_back(std::make_unique<GridProblem>("zdt2", 30, 2, zdt2));
    problems.push_back(std::make_unique<GridProblem>("zdt3", 30, 2, zdt3));
    problems.push_back(std::make_unique<GridProblem>("dtlz2", 12, 3, dtlz2));
    return problems;
}

}  // namespace sotto::bench
