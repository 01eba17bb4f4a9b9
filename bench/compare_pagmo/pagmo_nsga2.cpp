// SPDX-License-Identifier: Apache-2.0
#include "bench/compare_pagmo/pagmo_nsga2.hpp"

#include <chrono>
#include <cmath>
#include <pagmo/algorithms/nsga2.hpp>
#include <pagmo/config.hpp>
#include <pagmo/population.hpp>
#include <pagmo/problem.hpp>
#include <utility>

#include "bench/thread_clock.hpp"

namespace sotto::bench {
namespace {

// pagmo copies its problems: the evaluator stays where it is.
struct GenomeProblem {
    pagmo::vector_double fitness(const pagmo::vector_double& x) const {
        genome.genes.resize(x.size());
        for (std::size_t k = 0; k < x.size(); ++k) {
            genome.genes[k] = static_cast<search::Gene>(std::lround(x[k]));
        }
        const Values values = evaluator->evaluate(genome);
        return {values.begin(), values.begin() + static_cast<std::ptrdiff_t>(get_nobj())};
    }

    std::pair<pagmo::vector_double, pagmo::vector_double> get_bounds() const { return {lower, upper}; }
    pagmo::vector_double::size_type get_nix() const { return lower.size(); }
    pagmo::vector_double::size_type get_nobj() const {
        return evaluator == nullptr ? 1 : evaluator->problem().objectives();
    }

    // Asked for by pagmo; nothing here is ever stored.
    template <typename Archive>
    void serialize(Archive&, unsigned) {}

    Evaluator* evaluator = nullptr;
    pagmo::vector_double lower;
    pagmo::vector_double upper;
    mutable search::Genome genome;
};

}  // namespace

std::string pagmo_version() {
    return std::to_string(PAGMO_VERSION_MAJOR) + "." + std::to_string(PAGMO_VERSION_MINOR) + "." +
           std::to_string(PAGMO_VERSION_PATCH);
}

double run_pagmo(Evaluator& evaluator, const PagmoSettings& settings, const std::vector<search::Genome>& first,
                 unsigned generations, unsigned seed) {
    GenomeProblem problem;
    problem.evaluator = &evaluator;
    for (const std::uint32_t levels : evaluator.problem().variation().levels()) {
        problem.lower.push_back(0);
        problem.upper.push_back(levels - 1.0);
    }
    pagmo::population population(pagmo::problem(problem), 0, seed);
    for (const search::Genome& genome : first) {
        population.push_back(pagmo::vector_double(genome.genes.begin(), genome.genes.end()));
    }
    constexpr double eta_crossover = 10;  // of variables that are not whole numbers: none
    constexpr double eta_mutation = 50;
    const pagmo::nsga2 algorithm(generations, settings.crossover, eta_crossover, settings.mutation, eta_mutation, seed);
    const auto begin = ThreadClock::now();
    population = algorithm.evolve(std::move(population));
    return std::chrono::duration<double>(ThreadClock::now() - begin).count();
}

}  // namespace sotto::bench
