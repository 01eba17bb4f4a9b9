// SPDX-License-Identifier: Apache-2.0
// compare_pagmo: Sotto's NSGA-II beside pagmo's, in one process, on the same problems from the same first candidates.
//
// Quality: the hypervolume of everything evaluated, medians over seeds, at equal evaluations. A vector that is no valid
// network gets the penalty (problem.hpp) from either; Sotto's operators make none. Time: processor time per candidate
// of the algorithm alone. Exit code 1 where Sotto is behind in a median or takes more than a tenth of pagmo's time, 2
// for bad input.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>

#include "bench/compare_pagmo/grid_problems.hpp"
#include "bench/compare_pagmo/pagmo_nsga2.hpp"
#include "bench/compare_pagmo/pagmo_operators.hpp"
#include "bench/compare_pagmo/recorded_variation.hpp"
#include "bench/compare_pagmo/sotto_nsga2.hpp"
#include "bench/compare_pagmo/space_problem.hpp"
#include "cost_models/protocol/protocol_plugin.hpp"

namespace {

using namespace sotto;
using namespace sotto::bench;

struct Options {
    unsigned seeds = 11;
    unsigned grid_evaluations = 10'000;
    unsigned space_evaluations = 5'000;
    unsigned timed_generations = 10;
    unsigned repeats = 5;
    std::vector<std::string> spaces{SOTTO_SOURCE_DIRECTORY "/configs/fashion_small_space.yaml",
                                    SOTTO_SOURCE_DIRECTORY "/configs/squeezenet_space.yaml",
                                    SOTTO_SOURCE_DIRECTORY "/configs/resnet_space.yaml"};
};

constexpr unsigned population = 100;
constexpr unsigned timed_population = 1'000;
constexpr double most_time = 0.1;  // of pagmo's

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t half = values.size() / 2;
    return values.size() % 2 != 0 ? values[half] : (values[half - 1] + values[half]) / 2;
}

/// What both begin with: vectors uniform over the levels, as pagmo makes its populations, those that are valid.
std::vector<search::Genome> first_vectors(Problem& problem, unsigned count, std::uint64_t seed) {
    const PagmoOperators operators(problem.variation().levels(), 0);
    std::vector<search::Genome> vectors;
    Values ignored{};
    for (std::uint32_t index = 0; vectors.size() < count; ++index) {
        random::Stream stream(seed, 0, index, random::Purpose::initial_population);
        search::Genome vector = operators.sample(stream);
        if (problem.evaluate(vector, ignored)) {
            vectors.push_back(std::move(vector));
        }
    }
    return vectors;
}

std::vector<search::Genome> normalized(const Problem& problem, std::vector<search::Genome> vectors) {
    for (search::Genome& vector : vectors) {
        vector = problem.normalized(vector);
    }
    return vectors;
}

/// pagmo's settings with Sotto's crossover probability and as many mutated genes per child, on average.
PagmoSettings equal_settings(const Problem& problem) {
    const search::StrategyOptions ours;
    const double mutated = 1 - ours.crossover_probability * (1 - ours.mutation_probability);
    const auto genes = static_cast<double>(problem.variation().levels().size());
    return {ours.crossover_probability, std::min(1.0, mutated * problem.mutated_genes() / genes)};
}

/// Whether Sotto's median is at least pagmo's with either setting.
bool compare_quality(Problem& problem, unsigned evaluations, unsigned seeds) {
    const unsigned generations = evaluations / population - 1;  // behind the first
    const PagmoSettings defaults;
    const PagmoSettings equal = equal_settings(problem);
    const PagmoOperators operators(problem.variation().levels(), defaults.mutation);
    std::vector<double> ours;
    std::vector<double> by_defaults;
    std::vector<double> by_equal;
    std::vector<double> zeroed;
    std::vector<double> ours_by_operators;
    double invalid = 0;
    for (unsigned seed = 1; seed <= seeds; ++seed) {
        const auto vectors = first_vectors(problem, population, seed);
        const auto genomes = normalized(problem, vectors);
        const auto run = [&](std::vector<double>& volumes, const auto& algorithm) {
            FrontKeeper keeper(problem);
            algorithm(keeper);
            if (keeper.evaluations() != std::uint64_t{generations + 1} * population) {
                throw std::logic_error("an algorithm evaluated more or less than it was given");
            }
            volumes.push_back(keeper.hypervolume());
            return keeper.invalid_share();
        };
        search::StrategyOptions options;
        options.population = population;
        options.seed = seed;
        run(ours, [&](Evaluator& to) { run_sotto(to, problem.variation(), options, genomes, generations); });
        invalid +=
            run(by_defaults, [&](Evaluator& to) { run_pagmo(to, defaults, vectors, generations, seed); }) / seeds;
        run(by_equal, [&](Evaluator& to) { run_pagmo(to, equal, vectors, generations, seed); });
        run(zeroed, [&](Evaluator& to) { run_pagmo(to, defaults, genomes, generations, seed); });
        options.crossover_probability = defaults.crossover;
        options.mutation_probability = 1;
        run(ours_by_operators, [&](Evaluator& to) { run_sotto(to, operators, options, vectors, generations); });
    }
    const double best = std::max(median(by_defaults), median(by_equal));
    const bool kept = median(ours) >= best;
    std::printf("%-11s %5zu %6u  %8.5f  %8.5f  %8.5f  %7.4f  %8.5f  %8.5f  %7.2f%%  %s\n", problem.name().c_str(),
                problem.variation().levels().size(), (generations + 1) * population, median(ours), median(by_defaults),
                median(by_equal), median(ours) / best, median(ours_by_operators), median(zeroed), 100 * invalid,
                kept ? "" : "BEHIND");
    std::fflush(stdout);
    return kept;
}

/// Whether Sotto's algorithm takes at most a tenth of pagmo's time. The least of the repeats counts.
bool compare_time(Problem& problem, const Options& options) {
    const unsigned generations = options.timed_generations;
    search::StrategyOptions ours;
    ours.population = timed_population;
    const auto vectors = first_vectors(problem, timed_population, ours.seed);
    const auto first = normalized(problem, vectors);
    RecordedVariation recorded(problem.variation());
    Replay answers(problem);
    Replay pagmo_answers(problem);
    run_sotto(answers, recorded, ours, first, generations);
    run_pagmo(pagmo_answers, {}, vectors, generations, 1);
    double algorithm = std::numeric_limits<double>::infinity();
    double with_operators = algorithm;
    double pagmo = algorithm;
    for (unsigned repeat = 0; repeat < options.repeats; ++repeat) {
        recorded.rewind();
        answers.rewind();
        algorithm = std::min(algorithm, run_sotto(answers, recorded, ours, first, generations));
        answers.rewind();
        with_operators = std::min(with_operators, run_sotto(answers, problem.variation(), ours, first, generations));
        pagmo_answers.rewind();
        pagmo = std::min(pagmo, run_pagmo(pagmo_answers, {}, vectors, generations, 1));
    }
    const double scale = 1e6 / (static_cast<double>(generations) * static_cast<double>(timed_population));
    const bool kept = algorithm <= most_time * pagmo;
    std::printf("%-12s %5zu  %9.2f  %9.2f  %9.2f  %7.1f  %7.1f  %s\n", problem.name().c_str(),
                problem.variation().levels().size(), scale * algorithm, scale * with_operators, scale * pagmo,
                pagmo / algorithm, pagmo / with_operators, kept ? "" : "SLOW");
    std::fflush(stdout);
    return kept;
}

int compare(const Options& options) {
    plugin::Registry registry({});
    registry.add_built_in(protocol::protocol_plugin_entry(), "protocol");
    auto problems = grid_problems();
    const std::size_t grids = problems.size();
    for (const std::string& space : options.spaces) {
        problems.push_back(std::make_unique<SpaceProblem>(space, registry));
    }
    bool kept = true;
    const search::StrategyOptions ours;
    const PagmoSettings usual;
    std::printf("NSGA-II of Sotto and of pagmo %s, from the same first vectors, uniform over the levels\n\n",
                pagmo_version().c_str());
    std::printf("Median hypervolume of all that was evaluated, seeds 1 to %u, population %u\n", options.seeds,
                population);
    std::printf("  sotto: crossover %.2f, mutation %.2f of the crossed and of all others\n", ours.crossover_probability,
                ours.mutation_probability);
    std::printf("  pagmo: its defaults, crossover %.2f, mutation %.2f per gene\n", usual.crossover, usual.mutation);
    std::printf("  equal: pagmo, crossover %.2f, mutated genes per child as many as sotto's on average\n",
                ours.crossover_probability);
    std::printf("  ratio: sotto to the better of pagmo and equal\n");
    std::printf("For information:\n");
    std::printf("  operators: sotto with pagmo's operators and defaults: what is left is the algorithm\n");
    std::printf(
        "  zeroed: pagmo, genes without consequence 0 in its first vectors, where uniform before; on a space\n"
        "    that means the first alternative, which a branch or repetition then has when it becomes active\n");
    std::printf("  invalid: share of pagmo's candidates that are no network and get the penalty\n\n");
    std::printf("%-11s %5s %6s  %8s  %8s  %8s  %7s  %8s  %8s  %8s\n", "problem", "genes", "evals", "sotto", "pagmo",
                "equal", "ratio", "operators", "zeroed", "invalid");
    for (std::size_t k = 0; k < problems.size(); ++k) {
        const unsigned evaluations = k < grids ? options.grid_evaluations : options.space_evaluations;
        kept = compare_quality(*problems[k], evaluations, options.seeds) && kept;
    }
    std::printf(
        "\nProcessor time per candidate, us, evaluations left out; population %u, %u generations, least of %u\n",
        timed_population, options.timed_generations, options.repeats);
    std::printf("  sotto: without its operators; operators: with them (on a space they make valid networks alone)\n");
    std::printf("  pagmo: its defaults, with its operators; ratios: pagmo to each of them\n\n");
    std::printf("%-12s %5s  %9s  %9s  %9s  %7s  %7s\n", "problem", "genes", "sotto", "operators", "pagmo", "ratio",
                "ratio");
    for (std::size_t k = 0; k < problems.size(); ++k) {
        kept = compare_time(*problems[k], options) && kept;
    }
    return kept ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
    Options options;
    CLI::App app("Sotto's NSGA-II beside pagmo's: hypervolume at equal evaluations, and time per candidate.");
    app.add_option("--seeds", options.seeds, "Seeds 1 to N")->check(CLI::Range(1, 1000))->capture_default_str();
    app.add_option("--spaces", options.spaces, "Run files whose spaces to search")->capture_default_str();
    app.add_option("--grid-evaluations", options.grid_evaluations, "Of each run on ZDT and DTLZ, in hundreds")
        ->check(CLI::Range(200U, 1'000'000U))
        ->capture_default_str();
    app.add_option("--space-evaluations", options.space_evaluations, "Of each run on a space, in hundreds")
        ->check(CLI::Range(200U, 1'000'000U))
        ->capture_default_str();
    app.add_option("--timed-generations", options.timed_generations, "For the times")->check(CLI::Range(1, 1000));
    app.add_option("--repeats", options.repeats, "Of the times; the least counts")->check(CLI::Range(1, 100));
    CLI11_PARSE(app, count, arguments);
    try {
        return compare(options);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "compare_pagmo: %s\n", error.what());
        return 2;
    }
}
