// SPDX-License-Identifier: Apache-2.0
//
// proxy_report: how accuracy proxies, and counts beside them, rank networks whose accuracies are known: Spearman and
// Kendall with 95 % intervals, the same networks for every metric. Random networks of NAS-Bench-201 (Dong and Yang,
// ICLR 2020), beside published figures, or any members of a space.
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "bench/proxy_report/correlations.hpp"
#include "bench/proxy_report/nasbench201_labels.hpp"
#include "bench/proxy_report/trained_networks.hpp"
#include "engine/input/input_error.hpp"
#include "tools/command_line/command_line.hpp"
#include "tools/command_line/seed_option.hpp"
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
using proxy_report::Correlations;
using proxy_report::LabelColumn;

/// Rank correlations of fewer have no interval (search/statistics/rank_correlation.hpp).
constexpr std::size_t fewest_networks = 5;

struct Options {
    std::string data = SOTTO_SOURCE_DIRECTORY "/../shared/data/accuracy/nasbench201_accuracies.csv";
    std::vector<std::string> long_trained;
    std::string space;
    std::string trained;
    std::size_t networks = 1000;
    std::uint64_t seed = 1;
    std::vector<std::string> metrics{"accuracy.*", "params", "macs", "relus"};
    std::vector<std::string> parameters;
    std::vector<std::string> plugins;
    std::size_t threads = 0;
    std::string json;
    std::string scores;
};

struct Ranked {
    CandidateList members;
    std::vector<LabelColumn> labels;
};

Ranked random_networks(const Options& options) {
    CandidateList sample = CandidateList::of_sample(proxy_report::nasbench201_space, options.networks, options.seed);
    std::vector<LabelColumn> labels = proxy_report::measured_labels(options.data, sample);
    return {std::move(sample), std::move(labels)};
}

Ranked trained_networks(const Options& options) {
    proxy_report::TrainedNetworks trained = proxy_report::read_trained_networks(options.trained);
    std::string genomes;  // on the lines that they have in the table, for what is said of one
    for (const std::string& genome : trained.genomes) {
        genomes += '\n' + genome;
    }
    CandidateList members = CandidateList::of_genome_list(options.space, genomes, options.trained);
    std::erase_if(trained.labels, [](const LabelColumn& label) {
        const auto known = std::count_if(label.values.begin(), label.values.end(),
                                         [](double accuracy) { return !std::isnan(accuracy); });
        const bool is_too_short = known < static_cast<std::ptrdiff_t>(fewest_networks);
        if (is_too_short) {
            std::fprintf(stderr, "proxy_report: '%s' is left out: found %td accuracies, expected at least %zu\n",
                         label.id.c_str(), known, fewest_networks);
        }
        return is_too_short;
    });
    if (trained.labels.empty()) {
        throw input::InputError({{options.trained, 0, 0},
                                 "too few networks to rank",
                                 std::to_string(members.size()),
                                 "at least " + std::to_string(fewest_networks) + " with an accuracy",
                                 {}});
    }
    return {std::move(members), std::move(trained.labels)};
}

void write(const std::string& file, const std::string& text) {
    std::ofstream stream(file, std::ios::binary | std::ios::trunc);
    stream << text;
    stream.close();
    if (!stream) {
        throw std::runtime_error(file + ": cannot be written");
    }
}

std::vector<ScoredCandidate> score(Scoring& scoring, CandidateList& members, std::string& table) {
    const ScoreText text(ScoreForm::csv, scoring, members);
    table = text.head();
    std::vector<ScoredCandidate> scored;
    const bool shows_progress = ::isatty(STDERR_FILENO) == 1;
    const ScoringTally tally = scoring.run(members, stop_flag(), [&](const std::vector<ScoredCandidate>& part) {
        for (const ScoredCandidate& candidate : part) {
            table += text.row(candidate);
        }
        scored.insert(scored.end(), part.begin(), part.end());
        if (shows_progress) {
            std::fprintf(stderr, "\rproxy_report: %zu of %zu networks%s", scored.size(), members.size(),
                         scored.size() == members.size() ? "\n" : "");
        }
    });
    if (tally.stopped) {
        throw Interrupted{};
    }
    return scored;
}

int run(int argument_count, const char* const* arguments) {
    CLI::App app{
        "How accuracy proxies rank random networks of NAS-Bench-201, beside published figures, or trained members of "
        "any space.",
        "proxy_report"};
    Options options;
    CLI::Option* const data =
        app.add_option("--data", options.data,
                       "The accuracies: columns arch_str, cifar10-test, cifar100-test, imagenet16-120-test; default "
                       "shared/data/accuracy/nasbench201_accuracies.csv beside the checkout");
    CLI::Option* const long_trained_lists =
        app.add_option("--long-trained", options.long_trained,
                       "Lists of cells with accuracies after 200 epochs (JSON of NASLib's competition), separated by "
                       "commas: how the metrics rank these by both labels")
            ->delimiter(',');
    CLI::Option* const space = app.add_option("--space", options.space, "Another space, with --trained");
    CLI::Option* const trained =
        app.add_option("--trained", options.trained,
                       "Its trained members, in the place of NAS-Bench-201: a table (CSV) with the column 'genome' and "
                       "of accuracies: 'accuracy', 'accuracy.test', those of a run's stages");
    space->needs(trained);
    trained->needs(space);
    CLI::Option* const networks = app.add_option("--networks", options.networks, "Random members of NAS-Bench-201")
                                      ->check(CLI::Range(fewest_networks, std::size_t{15625}))
                                      ->capture_default_str();
    trained->excludes(data)->excludes(long_trained_lists)->excludes(networks);
    app.add_option("--seed", options.seed, "Of the sample, and of what proxies draw")
        ->check(seed_range())
        ->capture_default_str();
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

    const bool is_nasbench201 = trained->count() == 0;
    Ranked ranked = is_nasbench201 ? random_networks(options) : trained_networks(options);
    std::optional<proxy_report::LongTrained> long_trained;
    if (!options.long_trained.empty()) {
        long_trained = proxy_report::read_long_trained(options.long_trained, options.data);
        if (long_trained->members.size() < fewest_networks) {
            throw input::InputError({{options.long_trained.front(), 0, 0},
                                     "too few cells to rank",
                                     std::to_string(long_trained->members.size()),
                                     "at least " + std::to_string(fewest_networks) + " that give a network",
                                     {}});
        }
    }
    PlugIns plug_ins;
    plug_ins.load(options.plugins, plugin::Writable::refuse);
    ModelRequest parameters;
    parameters.parameters = options.parameters;
    std::vector<std::string> notes;
    Scoring scoring = make_scoring(
        {options.metrics, parameters, "athos-cheetah", options.threads, options.seed, options.space}, plug_ins, notes);
    for (const std::string& text : notes) {
        std::fprintf(stderr, "proxy_report: %s\n", text.c_str());
    }

    std::string scores;
    const std::vector<ScoredCandidate> scored = score(scoring, ranked.members, scores);
    std::vector<Correlations> correlations = correlate(scoring.choice(), scored, ranked.labels);
    if (is_nasbench201) {
        std::printf(
            "%zu random networks of NAS-Bench-201, seed %llu. Accuracies are those of the table; published: absolute\n"
            "Spearman with accuracies after 200 epochs over all networks.\n\n",
            ranked.members.size(), static_cast<unsigned long long>(options.seed));
    } else {
        std::printf("%zu trained networks of %s.\n\n", ranked.members.size(), options.space.c_str());
    }
    proxy_report::print(correlations);
    if (long_trained) {
        std::string unused;
        const std::vector<ScoredCandidate> scored_again = score(scoring, long_trained->members, unused);
        const std::vector<Correlations> of_both = correlate(scoring.choice(), scored_again, long_trained->labels);
        std::printf("\n%zu networks that were trained for longer; %zu more cells give no network and are left out.\n\n",
                    long_trained->members.size(), long_trained->left_out);
        proxy_report::print(of_both);
        correlations.insert(correlations.end(), of_both.begin(), of_both.end());
    }
    if (!options.json.empty()) {
        write(options.json, proxy_report::to_json(correlations).dump(1) + '\n');
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
