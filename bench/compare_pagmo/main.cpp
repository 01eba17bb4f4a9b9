// SPDX-License-Identifier: Apache-2.0
// compare_pagmo: Sotto's NSGA-II beside pagmo's, in one process, on the same problems from the same first genomes.
//
// Quality: the hypervolume of everything evaluated, medians over seeds, at equal evaluations. Four columns: Sotto as it
// is; pagmo with its default probabilities; pagmo with Sotto's crossover probability and expected number of mutated
// genes per child; Sotto with pagmo's operators and default probabilities, which tells mechanism from operators.
// Time: processor time per candidate of the algorithm alone. Exit code 1 where Sotto is behind in a median or slower
// than a tenth, 2 for bad input.
#include <algorithm>
#include <cstdio>
#include <exception>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "bench/compare_pagmo/grid_problems.hpp"
#include "bench/compare_pagmo/pagmo_nsga2.hpp"
#include "bench/compare_pagmo/pagmo_operators.hpp"
#include "bench/compare_pagmo/recorded_variation.hpp"
#include "bench/compare_pagmo/sotto_nsga2.hpp"
#include "bench/compare_pagmo/space_problem.hpp"
#include "cost_models/protocol/protocol_plugin.hpp"
#include "search/space/space.hpp"

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

/// pagmo's settings with Sotto's crossover probability and as many mutated genes per child, on average.
PagmoSettings equal_settings(const Problem& problem) {
    const search::StrategyOptions ours;
    const double mutated = 1 - ours.crossover_probability * (1 - ours.mutation_probability);
    const auto genes = static_cast<double>(problem.variation().levels().size());
    return {ours.crossover_probability, std::min(1.0, mutated * problem.mutated_genes() / genes)};
}

/// Whether Sotto's median is at least both of pagmo's.
bool compare_quality(Problem& problem, unsigned evaluations, unsigned seeds) {
    const unsigned generations = evaluations / population - 1;  // behind the first
    std::vector<double> sotto;
    std::vector<double> pagmo_default;
    std::vector<double> pagmo_equal;
    std::vector<double> sotto_as_pagmo;
    double invalid = 0;
    for (unsigned seed = 1; seed <= seeds; ++seed) {
        search::StrategyOptions options;
        options.population = population;
        options.seed = seed;
        const auto first = first_generation(problem.variation(), population, seed);
        FrontKeeper record(problem);
        run_sotto(record, problem.variation(), options, first, generations);
        sotto.push_back(record.hypervolume());

        const PagmoSettings usual;
        FrontKeeper usual_record(problem);
        run_pagmo(usual_record, usual, first, generations, seed);
        pagmo_default.push_back(usual_record.hypervolume());

        FrontKeeper equal_record(problem);
        run_pagmo(equal_record, equal_settings(problem), first, generations, seed);
        pagmo_equal.push_back(equal_record.hypervolume());
        invalid += equal_record.invalid_share() / seeds;

        const PagmoOperators operators(problem.variation().levels(), usual.mutation);
        options.crossover_probability = usual.crossover;
        options.mutation_probability = 1;
        FrontKeeper operators_record(problem);
        run_sotto(operators_record, operators, options, first, generations);
        sotto_as_pagmo.push_back(operators_record.hypervolume());
        if (record.evaluations() != usual_record.evaluations() || record.evaluations() != equal_record.evaluations() ||
            record.evaluations() != operators_record.evaluations()) {
            throw std::logic_error("the algorithms did not evaluate equally many candidates");
        }
    }
    const double best = std::max(median(pagmo_default), median(pagmo_equal));
    const bool kept = median(sotto) >= best;
    std::printf("%-12s %5zu %6u  %9.5f  %9.5f  %9.5f  %9.5f  %7.4f  %6.2f%%  %s\n", problem.name().c_str(),
                problem.variation().levels().size(), (generations + 1) * population, median(sotto), median(pagmo_default),
                median(pagmo_equal), median(sotto_as_pagmo), median(sotto) / best, 100 * invalid, kept ? "" : "BEHIND");
    std::fflush(stdout);
    return kept;
}

/// Whether Sotto's algorithm takes at most a tenth of pagmo's time. The least of the repeats counts.
bool compare_time(Problem& problem, const Options& options) {
    const unsigned generations = options.timed_generations;
    search::StrategyOptions ours;
    ours.population = timed_population;
    const auto first = first_generation(problem.variation(), timed_population, ours.seed);
    RecordedVariation recorded(problem.variation());
    Replay answers(problem);
    Replay pagmo_answers(problem);
    run_sotto(answers, recorded, ours, first, generations);
    run_pagmo(pagmo_answers, {}, first, generations, 1);
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
        pagmo = std::min(pagmo, run_pagmo(pagmo_answers, {}, first, generations, 1));
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
    std::printf("NSGA-II of Sotto and of pagmo %s, from the same first genomes\n\n", pagmo_version().c_str());
    std::printf("Median hypervolume of all candidates evaluated, seeds 1 to %u, population %u\n", options.seeds,
                population);
    std::printf("  sotto: crossover %.2f, mutation %.2f of the crossed and of all others\n", ours.crossover_probability,
                ours.mutation_probability);
    std::printf("  pagmo: its defaults, crossover %.2f, mutation %.2f per gene\n", usual.crossover, usual.mutation);
    std::printf("  equal: pagmo, crossover %.2f, as many mutated genes per child as sotto\n",
                ours.crossover_probability);
    std::printf(
        "  operators: sotto with pagmo's operators and defaults; ratio: sotto to the better of pagmo and equal\n");
    std::printf("  invalid: share of pagmo's candidates (equal) that are no network\n\n");
    std::printf("%-12s %5s %6s  %9s  %9s  %9s  %9s  %7s  %7s\n", "problem", "genes", "evals", "sotto", "pagmo", "equal",
                "operators", "ratio", "invalid");
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
