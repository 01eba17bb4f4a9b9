// SPDX-License-Identifier: Apache-2.0
// parallel_scaling CONFIG EVALUATIONS [CSV [MILLISECONDS]]: how a search would scale beyond the cores at hand. Runs the
// configuration's search on one worker, candidate by candidate, and records how long each took and how long the
// search's own work between two generations did; then replays the recorded times on 1 to 64 simulated workers, as the
// pipeline hands candidates out: the next one to whoever is free, and nobody goes on before the generation is done.
// What the strategy gives to its parallel_for is replayed in the same way, item by item. All times are processor times:
// other programs on the machine do not lengthen them. With CSV the candidates' times are kept ('-': not); MILLISECONDS
// are added to each of them, for an objective that takes so long.
#include <time.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <functional>
#include <memory>
#include <numeric>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "engine/evaluate/pipeline.hpp"
#include "engine/plugin/registry.hpp"
#include "search/loop/front.hpp"
#include "search/loop/network_insight.hpp"
#include "search/loop/run_configuration.hpp"
#include "search/strategy/strategy.hpp"
#include "tools/installed/installed_plugins.hpp"

namespace {

using namespace sotto;

struct Generation {
    std::vector<double> candidates_ms;
    double between_ms = 0;                       // asking, keeping the front, telling; without what is shared
    std::vector<std::vector<double>> shared_ms;  // of that, the items of each piece of work that the workers share
};

double sum_of(const std::vector<double>& values) {
    return std::accumulate(values.begin(), values.end(), 0.0);
}

double shared_sum(const Generation& generation) {
    double sum = 0;
    for (const std::vector<double>& items : generation.shared_ms) {
        sum += sum_of(items);
    }
    return sum;
}

// Processor time of this thread, which does all the work: other programs on the machine do not lengthen it.
double milliseconds_now() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

search::StrategyOptions strategy_options(const search::RunConfiguration& run) {
    search::StrategyOptions options;
    options.objectives = run.objectives.size();
    options.population = run.search.population;
    options.crossover_probability = run.search.crossover_probability;
    options.mutation_probability = run.search.mutation_probability;
    options.seed = run.search.seed;
    if (run.space.baseline()) {
        options.initial.push_back(*run.space.baseline());
    }
    return options;
}

evaluate::Evaluation evaluate_one(evaluate::Pipeline& pipeline, search::Space::Decoder& decoder,
                                  const search::Genome& genome) {
    const auto source = [&](std::size_t, std::size_t, std::string& reason) {
        search::Rejection rejection;
        const arch::Network* network = decoder.decode(genome, rejection);
        reason = std::move(rejection.reason);
        return network;
    };
    return pipeline.evaluate(1, source).evaluations.front();
}

// The search of `run`, without a store.
std::vector<Generation> record(const search::RunConfiguration& run, plugin::Registry& registry) {
    evaluate::PipelineOptions options;
    options.stages.push_back(run.cost_model);
    options.stages.insert(options.stages.end(), run.accuracy.begin(), run.accuracy.end());
    options.limits = run.constraints;
    options.lowering_profile = run.lowering;
    options.on_error = run.on_error;
    options.threads = 1;
    options.seed = run.search.seed;
    evaluate::Pipeline pipeline(registry, options);
    std::vector<std::size_t> columns;
    for (const search::Objective& objective : run.objectives) {
        columns.push_back(pipeline.metric_index(objective.metric));
    }
    search::Space::Decoder decoder(run.space);
    if (run.space.baseline()) {
        // What only the first candidate costs, such as loading a library, is no part of what is replayed.
        evaluate_one(pipeline, decoder, *run.space.baseline());
    }
    search::Front front(columns.size());
    search::StrategyOptions strategy_settings = strategy_options(run);
    std::unique_ptr<search::Insight> insight;
    if (search::strategy_uses_insight(run.search.strategy)) {
        insight = search::make_network_insight(run, registry, [](const std::string& text) {
            std::fprintf(stderr, "parallel_scaling: %s\n", text.c_str());
        });
        strategy_settings.insight = insight.get();
    }
    std::vector<Generation> generations;
    Generation asking;
    strategy_settings.parallel_for = [&asking](std::size_t count, const std::function<void(std::size_t)>& body) {
        std::vector<double>& items = asking.shared_ms.emplace_back();
        double begin = milliseconds_now();
        for (std::size_t item = 0; item < count; ++item) {
            body(item);
            const double end = milliseconds_now();
            items.push_back(end - begin);
            begin = end;
        }
    };
    const auto strategy = search::make_strategy(run.search.strategy, run.space, std::move(strategy_settings));
    std::uint64_t evaluated = 0;  // candidates, which are ids from 1 as well
    while (evaluated < run.search.evaluations) {
        asking = {};
        const double begin = milliseconds_now();
        const std::span<const search::Genome> asked = strategy->ask(run.search.population);
        if (asked.empty()) {
            break;
        }
        const double asking_ms = milliseconds_now() - begin;
        Generation& generation = generations.emplace_back(asking);
        generation.between_ms = asking_ms - shared_sum(generation);
        std::vector<search::Outcome> outcomes;
        for (const search::Genome& genome : asked) {
            const double candidate = milliseconds_now();
            const evaluate::Evaluation evaluation = evaluate_one(pipeline, decoder, genome);
            generation.candidates_ms.push_back(milliseconds_now() - candidate);
            const double after = milliseconds_now();
            search::Outcome& outcome = outcomes.emplace_back();
            outcome.evaluated = evaluation.status == evaluate::Evaluation::Status::complete;
            ++evaluated;
            if (outcome.evaluated) {
                for (std::size_t k = 0; k < columns.size(); ++k) {
                    outcome.objectives[k] = run.objectives[k].minimized(evaluation.metrics[columns[k]]);
                }
                front.offer(evaluated, std::span(outcome.objectives).first(columns.size()), genome, evaluation.metrics);
            }
            generation.between_ms += milliseconds_now() - after;
        }
        const double telling = milliseconds_now();
        strategy->tell(outcomes);
        generation.between_ms += milliseconds_now() - telling;
    }
    return generations;
}

// How long it takes `workers` of them to take up one item after the other, until the last one is done.
double makespan_ms(const std::vector<double>& items_ms, std::size_t workers) {
    std::priority_queue<double, std::vector<double>, std::greater<>> free_at;
    for (std::size_t worker = 0; worker < workers; ++worker) {
        free_at.push(0);
    }
    double end = 0;
    for (const double duration : items_ms) {
        const double done = free_at.top() + duration;
        free_at.pop();
        free_at.push(done);
        end = std::max(end, done);
    }
    return end;
}

double simulated_ms(const std::vector<Generation>& generations, std::size_t workers) {
    double total = 0;
    for (const Generation& generation : generations) {
        total += generation.between_ms + makespan_ms(generation.candidates_ms, workers);
        for (const std::vector<double>& items : generation.shared_ms) {
            total += makespan_ms(items, workers);
        }
    }
    return total;
}

void print_table(const std::vector<Generation>& generations) {
    std::vector<double> all;
    double between = 0;
    double shared = 0;
    for (const Generation& generation : generations) {
        all.insert(all.end(), generation.candidates_ms.begin(), generation.candidates_ms.end());
        between += generation.between_ms;
        shared += shared_sum(generation);
    }
    std::sort(all.begin(), all.end());
    const auto quantile = [&](double part) {
        return all[static_cast<std::size_t>(part * static_cast<double>(all.size() - 1))];
    };
    const double sum = sum_of(all);
    std::printf(
        "%zu candidates in %zu generations; a candidate takes %.2f ms on average (median %.2f, 95%% %.2f, most "
        "%.2f), the search itself %.4f ms a candidate and %.4f ms that workers share\n",
        all.size(), generations.size(), sum / static_cast<double>(all.size()), quantile(0.5), quantile(0.95),
        all.back(), between / static_cast<double>(all.size()), shared / static_cast<double>(all.size()));
    std::printf("%8s %10s %9s %11s\n", "workers", "seconds", "speed-up", "efficiency");
    const double one = simulated_ms(generations, 1);
    for (const std::size_t workers : {1U, 2U, 4U, 8U, 16U, 32U, 64U}) {
        const double many = simulated_ms(generations, workers);
        std::printf("%8zu %10.2f %9.2f %11.3f\n", workers, many / 1000, one / many,
                    one / many / static_cast<double>(workers));
    }
}

int run(const std::string& config, std::uint64_t evaluations, const std::string& csv, double added_ms) {
    plugin::HostServices services;
    services.name = "parallel_scaling";
    plugin::Registry registry(services);
    const tools::InstalledPlugins plugins(registry, tools::plugin_directories());
    const input::YamlValue document = input::read_yaml_file(config);
    for (const search::NamedLibrary& named : search::named_libraries(document)) {
        registry.load_library(named.library.path);
    }
    search::RunConfiguration configuration = search::read_run_configuration(document, plugins.known());
    configuration.search.evaluations = evaluations;
    std::vector<Generation> generations = record(configuration, registry);
    if (csv != "-") {
        std::ofstream file(csv);
        file << "generation,candidate_ms\n";
        for (std::size_t i = 0; i < generations.size(); ++i) {
            for (const double duration : generations[i].candidates_ms) {
                file << i << ',' << duration << '\n';
            }
        }
    }
    for (Generation& generation : generations) {
        for (double& duration : generation.candidates_ms) {
            duration += added_ms;
        }
    }
    print_table(generations);
    return 0;
}

}  // namespace

int main(int argument_count, char** arguments) {
    if (argument_count < 3) {
        std::fprintf(stderr, "parallel_scaling: expected CONFIG EVALUATIONS [CSV [MILLISECONDS]]\n");
        return 2;
    }
    try {
        return run(arguments[1], std::strtoull(arguments[2], nullptr, 10), argument_count > 3 ? arguments[3] : "-",
                   argument_count > 4 ? std::strtod(arguments[4], nullptr) : 0);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "parallel_scaling: %s\n", error.what());
        return 1;
    }
}
