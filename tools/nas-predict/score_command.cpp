// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-predict/score_command.hpp"

#include <algorithm>
#include <chrono>
#include <map>

#include "engine/input/input_error.hpp"
#include "tools/command_line/command_line.hpp"
#include "tools/command_line/stop_request.hpp"
#include "tools/nas-predict/candidate_list.hpp"
#include "tools/nas-predict/metric_choice.hpp"
#include "tools/nas-predict/scoring.hpp"

namespace sotto::tools {
namespace {

using input::InputError;

/// `ID.NAME=VALUE` goes to that plug-in, what has no id to the cost model.
void sort_parameters(ModelRequest& model, std::map<std::string, std::map<std::string, std::string>>& of_plug_ins) {
    std::vector<std::string> of_model;
    for (const std::string& parameter : model.parameters) {
        const std::size_t equals = parameter.find('=');
        const std::size_t dot = parameter.substr(0, equals).find('.');
        if (dot == std::string::npos || equals == std::string::npos) {
            if (model.model.empty()) {
                throw InputError({{},
                                  "--parameter without a cost model",
                                  '\'' + parameter + '\'',
                                  "ID.NAME=VALUE for an accuracy proxy",
                                  {}});
            }
            of_model.push_back(parameter);
        } else if (!of_plug_ins[parameter.substr(0, dot)]
                        .emplace(parameter.substr(dot + 1, equals - dot - 1), parameter.substr(equals + 1))
                        .second) {
            throw InputError({{}, "--parameter", '\'' + parameter + '\'', "each name once", {}});
        }
    }
    model.parameters = of_model;
}

}  // namespace

bool asks_for_scores(const Options& options) {
    return !options.space.empty() || std::any_of(options.metrics.begin(), options.metrics.end(), [](const auto& name) {
        return is_pattern(name) || name.starts_with("accuracy.");
    });
}

void check_scoring(const Options& options) {
    const auto refuse = [](const std::string& problem, const std::string& expected) {
        throw InputError({{}, problem, {}, expected, {}});
    };
    if (!options.space.empty() && !options.networks.empty()) {
        refuse("found NETWORK and --space", "one of them");
    }
    if (!options.space.empty() && options.genomes.empty() == (options.sample == 0)) {
        refuse(options.genomes.empty() ? "--space without members to score" : "found --genomes and --sample",
               "--genomes FILE, or --sample N");
    }
    if (options.space.empty() && options.networks.empty()) {
        refuse(options.program.empty() ? "nothing to score" : "--program holds no networks",
               "networks, or --space SPACE.yaml with --genomes or --sample");
    }
    if (options.metrics.empty()) {
        refuse("--space without metrics to give", "--metrics LIST, such as --metrics 'accuracy.*,params'");
    }
    if (!options.program.empty() || options.per_layer) {
        refuse(options.per_layer ? "--per-layer" : "--program", "a prediction of a cost model: --model alone");
    }
}

int score_candidates(const Options& options, PlugIns& plug_ins) {
    std::vector<std::string> notes;
    const std::uint64_t seed = options.seed.value_or(1);
    CandidateList candidates = options.space.empty()     ? CandidateList::of_files(options.networks, notes)
                               : options.genomes.empty() ? CandidateList::of_sample(options.space, options.sample, seed)
                                                         : CandidateList::of_genomes(options.space, options.genomes);
    if (options.sample > candidates.size()) {
        notes.push_back("the space gave " + std::to_string(candidates.size()) + " members, no more were found");
    }
    plug_ins.load(options.plugins);
    plugin::Registry& registry = plug_ins.registry();

    ScoringOptions scoring_options;
    scoring_options.form = options.csv ? ScoreForm::csv : options.json ? ScoreForm::json : ScoreForm::table;
    scoring_options.lowering = options.lowering;
    scoring_options.threads = options.threads.value_or(0);
    scoring_options.seed = seed;
    ModelRequest model = options.model;
    sort_parameters(model, scoring_options.parameters);
    std::vector<plugin::Description> known;
    for (const plugin::Description& description : plug_ins.installed().known()) {
        if (description.kind == plugin::Kind::accuracy_proxy) {
            known.push_back(description);
        }
    }
    if (!model.model.empty()) {
        known.push_back(registry.describe(plugin::Kind::cost_model, plugin_id(model)));
        ModelChoice choice = choose_model(model, known.back());
        scoring_options.parameters[choice.id].merge(choice.arguments);
        if (!choice.note.empty()) {
            notes.push_back(choice.note);
        }
    }
    evaluate::PipelineOptions no_plug_ins;
    no_plug_ins.threads = scoring_options.threads;
    const evaluate::Pipeline counting(registry, no_plug_ins);
    MetricChoice metrics = choose_metrics(options.metrics, counting.metrics(), known);
    notes.insert(notes.end(), metrics.notes.begin(), metrics.notes.end());
    Scoring scoring(registry, std::move(metrics), scoring_options);
    plug_ins.installed().check_loaded();
    for (const std::string& text : notes) {
        note(text);
    }

    using Clock = std::chrono::steady_clock;
    constexpr std::chrono::seconds between_notes{10};
    Clock::time_point said = Clock::now();
    const ScoringTally tally = scoring.run(candidates, stop_flag(), print_result, [&](std::size_t finished) {
        if (Clock::now() - said >= between_notes) {
            said = Clock::now();
            note(std::to_string(finished) + " of " + std::to_string(candidates.size()) + " scored");
        }
    });
    if (tally.stopped) {
        throw Interrupted{};
    }
    if (tally.without + tally.failed > 0) {
        note(std::to_string(tally.scored) + " scored, " + std::to_string(tally.without) + " without a score, " +
             std::to_string(tally.failed) + " failed: the reasons stand in the result");
    }
    return tally.failed > 0 ? failed : done;
}

}  // namespace sotto::tools
