// SPDX-License-Identifier: Apache-2.0
//
// Fits the weights of the accuracy ensemble to measured accuracies of NAS-Bench-201, and says how well they rank
// networks that were not fitted to:
//
//     ensemble_fit MEASUREMENTS.csv [MEMBERS [COLUMN [SEED]]]
//
// MEASUREMENTS is the table that nasbench201_front reads. 2 MEMBERS cells (default 1500) are drawn at random; the
// weights are fitted to COLUMN (default cifar10-test) over the networks of the first half, and the figures are those of
// the networks of the second half that are not among them. Prints what plugins/accuracy/ensemble_weights.hpp holds.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <exception>
#include <numeric>
#include <optional>
#include <set>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "bench/ensemble_fit/non_negative_fit.hpp"
#include "bench/nasbench201/networks.hpp"
#include "engine/evaluate/pipeline.hpp"
#include "engine/input/input_error.hpp"
#include "engine/plugin/registry.hpp"
#include "engine/random/random.hpp"
#include "search/loop/space_source.hpp"
#include "search/statistics/rank_correlation.hpp"

namespace {

using namespace sotto;

constexpr std::array<const char*, 3> parts{"accuracy.capacity", "accuracy.sharpness", "accuracy.trainability"};
constexpr std::array<const char*, 4> beside{"accuracy.ensemble", "params", "macs", "relus"};

struct Sample {
    std::vector<search::Genome> genomes;
    std::vector<std::vector<double>> values;  // every column of the measurements
};

struct Scored {
    std::vector<std::vector<double>> parts;                  // by network
    std::array<std::vector<double>, beside.size()> metrics;  // by network
};

std::vector<std::size_t> shuffled(std::size_t count, std::uint64_t seed) {
    std::vector<std::size_t> order(count);
    std::iota(order.begin(), order.end(), std::size_t{0});
    random::Stream stream(seed, 0, 0, random::Purpose::data_split);
    random::shuffle(order, stream);
    return order;
}

// The networks of cells [first, last) of the order that are not known yet. A cell without a network is left out.
Sample draw(const nasbench201::MeasuredNetworks& networks, const search::Space& space,
            const nasbench201::MeasuredCells& measured, std::span<const std::size_t> cells,
            std::set<std::size_t>& known) {
    Sample sample;
    for (const std::size_t cell : cells) {
        const search::Genome genome = space.parse_genome(measured.cells[cell].genome);
        const auto network = networks.of_genome.find(genome);
        if (network != networks.of_genome.end() && known.insert(network->second).second) {
            sample.genomes.push_back(networks.networks[network->second].genome);
            sample.values.push_back(networks.networks[network->second].values);
        }
    }
    return sample;
}

Scored score(evaluate::Pipeline& pipeline, const search::Space& space, const Sample& sample) {
    search::SpaceSource source(space, pipeline.slots());
    const evaluate::Batch batch =
        pipeline.evaluate(sample.genomes.size(),
                          source.of([&](std::size_t index) -> const search::Genome& { return sample.genomes[index]; }));
    Scored scored;
    for (const evaluate::Evaluation& evaluation : batch.evaluations) {
        if (evaluation.status != evaluate::Evaluation::Status::complete) {
            throw std::runtime_error("a network has no score: " + evaluation.reason);
        }
        std::vector<double>& row = scored.parts.emplace_back();
        for (const char* const part : parts) {
            row.push_back(evaluation.metrics[pipeline.metric_index(part)]);
        }
        for (std::size_t metric = 0; metric < beside.size(); ++metric) {
            scored.metrics[metric].push_back(evaluation.metrics[pipeline.metric_index(beside[metric])]);
        }
    }
    return scored;
}

std::vector<double> column(const std::vector<std::vector<double>>& rows, std::size_t index) {
    std::vector<double> values;
    values.reserve(rows.size());
    for (const std::vector<double>& row : rows) {
        values.push_back(row[index]);
    }
    return values;
}

double standard_deviation(std::span<const double> values) {
    double mean = 0;
    for (const double value : values) {
        mean += value / static_cast<double>(values.size());
    }
    double sum = 0;
    for (const double value : values) {
        sum += (value - mean) * (value - mean);
    }
    return std::sqrt(sum / static_cast<double>(values.size()));
}

void print_figure(const std::string& name, std::span<const double> values, std::span<const double> accuracy) {
    const statistics::RankCorrelation found = statistics::spearman(values, accuracy);
    std::printf("%-24s %7.3f  [%.3f, %.3f]\n", name.c_str(), found.value, found.low, found.high);
}

void fit(const char* path, std::size_t members, const std::string& target, std::uint64_t seed) {
    const search::Space space = search::Space::load_file(SOTTO_SOURCE_DIRECTORY "/configs/nasbench201_space.yaml");
    const nasbench201::MeasuredCells measured = nasbench201::read_measured_cells(path);
    const auto found = std::find(measured.columns.begin(), measured.columns.end(), target);
    if (found == measured.columns.end() || 2 * members > measured.cells.size()) {
        throw std::runtime_error("the table has no column '" + target + "' or fewer cells than asked for");
    }
    const auto target_column = static_cast<std::size_t>(found - measured.columns.begin());
    const nasbench201::MeasuredNetworks networks = nasbench201::measured_networks(space, measured);
    const std::vector<std::size_t> order = shuffled(measured.cells.size(), seed);
    std::set<std::size_t> known;
    const std::span<const std::size_t> cells(order);
    const Sample fitted = draw(networks, space, measured, cells.first(members), known);
    const Sample held_out = draw(networks, space, measured, cells.subspan(members, members), known);

    plugin::Registry registry({});
    registry.load_library(SOTTO_ACCURACY_MODULE);
    evaluate::PipelineOptions options;
    options.stages.push_back({plugin::Kind::accuracy_proxy, "ensemble", {}, {}});
    evaluate::Pipeline pipeline(registry, options);

    const Scored of_fitted = score(pipeline, space, fitted);
    std::vector<double> deviations;
    std::vector<std::vector<double>> standardised = of_fitted.parts;
    for (std::size_t part = 0; part < parts.size(); ++part) {
        deviations.push_back(standard_deviation(column(of_fitted.parts, part)));
        for (std::vector<double>& row : standardised) {
            row[part] /= deviations[part];
        }
    }
    std::vector<double> ranks = statistics::ranks(column(fitted.values, target_column));
    const double rank_deviation = standard_deviation(ranks);
    for (double& rank : ranks) {
        rank /= rank_deviation;
    }
    const std::vector<double> weights = ensemble_fit::non_negative_fit(standardised, ranks);
    std::printf("fitted_weights{");
    for (std::size_t part = 0; part < parts.size(); ++part) {
        std::printf("%s%.4g", part == 0 ? "" : ", ", weights[part] / deviations[part]);
    }
    std::printf("}\nfitted_deviations{");
    for (std::size_t part = 0; part < parts.size(); ++part) {
        std::printf("%s%.4g", part == 0 ? "" : ", ", deviations[part]);
    }
    std::printf("}\nfitted to %zu networks of %zu cells, %s\n", fitted.genomes.size(), members, target.c_str());

    const Scored of_held_out = score(pipeline, space, held_out);
    std::vector<double> fresh;
    for (const std::vector<double>& row : of_held_out.parts) {
        double sum = 0;
        for (std::size_t part = 0; part < parts.size(); ++part) {
            sum += weights[part] / deviations[part] * row[part];
        }
        fresh.push_back(sum);
    }
    for (std::size_t label = 0; label < measured.columns.size(); ++label) {
        const std::vector<double> accuracy = column(held_out.values, label);
        std::printf("\n%s over %zu networks not fitted to: Spearman [95 %% interval]\n",
                    measured.columns[label].c_str(), held_out.genomes.size());
        print_figure("weights fitted now", fresh, accuracy);
        for (std::size_t metric = 0; metric < beside.size(); ++metric) {
            print_figure(beside[metric], of_held_out.metrics[metric], accuracy);
        }
        for (std::size_t part = 0; part < parts.size(); ++part) {
            print_figure(parts[part], column(of_held_out.parts, part), accuracy);
        }
    }
}

std::optional<std::uint64_t> number(const char* text, std::uint64_t least) {
    std::uint64_t value = 0;
    const char* const end = text + std::strlen(text);
    const auto [stopped, error] = std::from_chars(text, end, value);
    return error == std::errc() && stopped == end && value >= least ? std::optional(value) : std::nullopt;
}

}  // namespace

int main(int argument_count, char** arguments) {
    const auto members = argument_count > 2 ? number(arguments[2], 10) : 1500;
    const auto seed = argument_count > 4 ? number(arguments[4], 0) : 1;
    if (argument_count < 2 || argument_count > 5 || !members || !seed) {
        std::fputs("usage: ensemble_fit MEASUREMENTS.csv [MEMBERS [COLUMN [SEED]]]\n", stderr);
        return 2;
    }
    try {
        fit(arguments[1], *members, argument_count > 3 ? arguments[3] : "cifar10-test", *seed);
    } catch (const input::InputError& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 2;
    } catch (const std::exception& error) {
        std::fprintf(stderr, "ensemble_fit: %s\n", error.what());
        return 1;
    }
    return 0;
}
