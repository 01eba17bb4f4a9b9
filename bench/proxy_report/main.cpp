// SPDX-License-Identifier: Apache-2.0
//
// proxy_report: how accuracy proxies, and counts beside them, rank random networks of NAS-Bench-201 (Dong and Yang,
// ICLR 2020), whose accuracies are known: Spearman and Kendall with 95 % intervals, beside published figures. The same
// sample for every metric.
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <unordered_map>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "bench/nasbench201/measured_cells.hpp"
#include "bench/proxy_report/published_correlations.hpp"
#include "engine/input/input_error.hpp"
#include "search/statistics/rank_correlation.hpp"
#include "tools/command_line/command_line.hpp"
#include "tools/command_line/stop_request.hpp"
#include "tools/nas-predict/candidate_list.hpp"
#include "tools/nas-predict/metric_choice.hpp"
#include "tools/nas-predict/plug_ins.hpp"
#include "tools/nas-predict/score_request.hpp"
#include "tools/nas-predict/score_text.hpp"
#include "tools/nas-predict/scoring.hpp"

namespace {

using namespace sotto;
using namespace sotto::tools;
using nlohmann::ordered_json;

const std::string space_file = SOTTO_SOURCE_DIRECTORY "/configs/nasbench201_space.yaml";

struct Options {
    std::string data = SOTTO_SOURCE_DIRECTORY "/../shared/data/accuracy/nasbench201_accuracies.csv";
    std::size_t networks = 1000;
    std::uint64_t seed = 1;
    std::vector<std::string> metrics{"accuracy.*", "params", "macs", "relus"};
    std::vector<std::string> parameters;
    std::vector<std::string> plugins;
    std::size_t threads = 0;
    std::string json;
    std::string scores;
};

/// The measured values of the sample's members: of each label, in the order of the sample.
std::vector<std::vector<double>> measured_accuracies(const std::string& file, const CandidateList& sample) {
    const nasbench201::MeasuredCells measured = nasbench201::read_measured_cells(file);
    const search::Space space = search::Space::load_file(space_file);
    std::unordered_map<std::string, const nasbench201::MeasuredCell*> of_genome;
    for (const nasbench201::MeasuredCell& cell : measured.cells) {
        of_genome.emplace(space.to_text(space.parse_genome(cell.genome)), &cell);
    }
    std::vector<std::vector<double>> accuracies;
    for (const proxy_report::Label& label : proxy_report::labels) {
        const auto column = std::find(measured.columns.begin(), measured.columns.end(), label.column);
        if (column == measured.columns.end()) {
            throw input::InputError({{file, 0, 0}, "a column is missing", {}, std::string(label.column), {}});
        }
        std::vector<double>& values = accuracies.emplace_back();
        for (std::size_t index = 0; index < sample.size(); ++index) {
            const auto found = of_genome.find(sample.genome(index));
            if (found == of_genome.end()) {
                throw input::InputError(
                    {{file, 0, 0}, "a member of the space was not measured", sample.genome(index), {}, {}});
            }
            values.push_back(found->second->values[static_cast<std::size_t>(column - measured.columns.begin())]);
        }
    }
    return accuracies;
}

struct Correlations {
    std::string metric;
    std::size_t label = 0;
    std::size_t networks = 0;  ///< that have a score
    statistics::RankCorrelation rho;
    statistics::RankCorrelation tau;
    std::optional<double> published;
};

std::vector<Correlations> correlate(const MetricChoice& choice, const std::vector<ScoredCandidate>& scored,
                                    const std::vector<std::vector<double>>& accuracies) {
    std::vector<Correlations> result;
    for (std::size_t label = 0; label < accuracies.size(); ++label) {
        for (std::size_t metric = 0; metric < choice.metrics.size(); ++metric) {
            std::vector<double> values;
            std::vector<double> known;
            for (const ScoredCandidate& candidate : scored) {
                if (!std::isnan(candidate.metrics[metric])) {
                    values.push_back(candidate.metrics[metric]);
                    known.push_back(accuracies[label][candidate.index]);
                }
            }
            Correlations& found = result.emplace_back();
            found.metric = choice.metrics[metric].metric.name;
            found.label = label;
            found.networks = values.size();
            found.rho = statistics::spearman(values, known);
            found.tau = statistics::kendall(values, known);
            for (const proxy_report::PublishedCorrelation& published : proxy_report::published_correlations) {
                if (published.metric == found.metric) {
                    found.published = published.spearman[label];
                }
            }
        }
    }
    return result;
}

void print(const std::vector<Correlations>& correlations) {
    std::size_t label = proxy_report::labels.size();
    for (const Correlations& found : correlations) {
        if (found.label != label) {
            label = found.label;
            std::printf("%s%s\n%-24s %8s %7s %16s %10s %7s %16s\n", label == 0 ? "" : "\n",
                        std::string(proxy_report::labels[label].name).c_str(), "metric", "networks", "rho", "95 %",
                        "published", "tau", "95 %");
        }
        char published[32] = "-";
        if (found.published) {
            std::snprintf(published, sizeof published, "%.3f", *found.published);
        }
        std::printf("%-24s %8zu %7.3f %7.3f  %7.3f %10s %7.3f %7.3f  %7.3f\n", found.metric.c_str(), found.networks,
                    found.rho.value, found.rho.low, found.rho.high, published, found.tau.value, found.tau.low,
                    found.tau.high);
    }
}

ordered_json to_json(const std::vector<Correlations>& correlations) {
    ordered_json document = ordered_json::array();
    for (const Correlations& found : correlations) {
        ordered_json entry = {{"metric", found.metric},
                              {"label", proxy_report::labels[found.label].column},
                              {"networks", found.networks},
                              {"spearman", {found.rho.value, found.rho.low, found.rho.high}},
                              {"kendall", {found.tau.value, found.tau.low, found.tau.high}},
                              {"published_spearman", nullptr}};
        if (found.published) {
            entry["published_spearman"] = *found.published;
        }
        document.push_back(std::move(entry));
    }
    return document;
}

void write(const std::string& file, const std::string& text) {
    std::ofstream stream(file, std::ios::binary | std::ios::trunc);
    stream << text;
    stream.close();
    if (!stream) {
        throw std::runtime_error(file + ": cannot be written");
    }
}

int run(int argument_count, const char* const* arguments) {
    CLI::App app{"How accuracy proxies rank random networks of NAS-Bench-201, beside published figures.",
                 "proxy_report"};
    Options options;
    app.add_option("--data", options.data,
                   "The accuracies: columns arch_str, cifar10-test, cifar100-test, imagenet16-120-test")
        ->capture_default_str();
    app.add_option("--networks", options.networks, "Random members of the space")->capture_default_str();
    app.add_option("--seed", options.seed, "Of the sample, and of what proxies draw")->capture_default_str();
    app.add_option("--metrics", options.metrics, "As nas-predict --metrics")->delimiter(',')->capture_default_str();
    app.add_option("--parameter", options.parameters, "ID.NAME=VALUE of a proxy; may be repeated")
        ->allow_extra_args(false);
    app.add_option("--plugin", options.plugins, "Plug-in library to load; may be repeated")->allow_extra_args(false);
    app.add_option("--threads", options.threads, "Workers; 0: one per processor")->capture_default_str();
    app.add_option("--json", options.json, "File for the correlations as JSON");
    app.add_option("--scores", options.scores, "File for the scores as CSV");
    if (const std::optional<int> code = parse_command_line(app, argument_count, arguments)) {
        return *code;
    }
    handle_stop_signals();

    CandidateList sample = CandidateList::of_sample(space_file, options.networks, options.seed);
    const std::vector<std::vector<double>> accuracies = measured_accuracies(options.data, sample);
    PlugIns plug_ins;
    plug_ins.load(options.plugins);
    ModelRequest parameters;
    parameters.parameters = options.parameters;
    std::vector<std::string> notes;
    Scoring scoring =
        make_scoring({options.metrics, parameters, "athos-cheetah", options.threads, options.seed}, plug_ins, notes);
    for (const std::string& text : notes) {
        std::fprintf(stderr, "proxy_report: %s\n", text.c_str());
    }

    const ScoreText text(ScoreForm::csv, scoring, sample);
    std::string scores = text.head();
    std::vector<ScoredCandidate> scored;
    const bool shows_progress = ::isatty(STDERR_FILENO) == 1;
    const ScoringTally tally = scoring.run(sample, stop_flag(), [&](const std::vector<ScoredCandidate>& part) {
        for (const ScoredCandidate& candidate : part) {
            scores += text.row(candidate);
        }
        scored.insert(scored.end(), part.begin(), part.end());
        if (shows_progress) {
            std::fprintf(stderr, "\rproxy_report: %zu of %zu networks%s", scored.size(), sample.size(),
                         scored.size() == sample.size() ? "\n" : "");
        }
    });
    if (tally.stopped) {
        throw Interrupted{};
    }
    const std::vector<Correlations> correlations = correlate(scoring.choice(), scored, accuracies);
    std::printf(
        "%zu random networks of NAS-Bench-201, seed %llu; %zu scored by all proxies. Accuracies are those of the "
        "table;\n"
        "published: absolute Spearman with accuracies after 200 epochs over all networks.\n\n",
        sample.size(), static_cast<unsigned long long>(options.seed), tally.scored);
    print(correlations);
    if (!options.json.empty()) {
        write(options.json, to_json(correlations).dump(1) + '\n');
    }
    if (!options.scores.empty()) {
        write(options.scores, scores);
    }
    return std::fflush(stdout) == 0 ? done : failed;
}

}  // namespace

int main(int argument_count, char** arguments) {
    return run_guarded("proxy_report", [&] { return run(argument_count, arguments); });
}
