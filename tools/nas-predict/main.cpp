// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "engine/input/input_error.hpp"
#include "engine/plugin/argument_check.hpp"
#include "tools/command_line/command_line.hpp"
#include "tools/command_line/engine_version.hpp"
#include "tools/command_line/link_options.hpp"
#include "tools/command_line/seed_option.hpp"
#include "tools/command_line/stop_request.hpp"
#include "tools/command_line/unfinished_work.hpp"
#include "tools/nas-predict/metric_choice.hpp"
#include "tools/nas-predict/network_counts.hpp"
#include "tools/nas-predict/options.hpp"
#include "tools/nas-predict/plug_ins.hpp"
#include "tools/nas-predict/prediction.hpp"
#include "tools/nas-predict/prediction_report.hpp"
#include "tools/nas-predict/score_command.hpp"

namespace {

using namespace sotto;
using namespace sotto::tools;
using input::InputError;

void add_options(CLI::App& app, Options& options) {
    app.add_option("NETWORK", options.networks, "Networks (YAML or ONNX, docs/networks.md)")->type_name("FILE...");
    app.add_option("--program", options.program, "Operations as a measurement table, times or not (docs/formats.md)")
        ->type_name("TABLE.csv");
    app.add_option("--model", options.model.model, "Cost model: its id (nas-plugin list) or a model file")
        ->type_name("ID|FILE");
    app.add_option("--setting", options.model.setting, "local, lan or wan: where the parties stand; default lan")
        ->type_name("S");
    app.add_option("--engine", options.model.engine, "The secure engine; default opencheetah-2022")
        ->type_name("PROFILE");
    app.add_option("--bandwidth-mbps", options.model.bandwidth_mbps,
                   "Another link than the setting's, for models that know bytes: 10^6 bits a second")
        ->type_name("X");
    app.add_option("--rtt-ms", options.model.rtt_ms, "The same: round trip")->type_name("Y");
    app.add_option("--space", options.space, "Score members of a search space instead of networks")
        ->type_name("SPACE.yaml");
    app.add_option(
           "--genomes", options.genomes,
           "Which: a list of genomes, one 'choice=value ...' a line; a table with a column 'genome'; a run directory")
        ->type_name("FILE");
    app.add_option("--sample", options.sample, "Which: so many random members, each once")
        ->type_name("N")
        ->check(CLI::Range(std::size_t{1}, std::size_t{100000000}));
    app.add_option("--seed", options.seed, "Of the sample, and of what accuracy proxies draw; default 1")
        ->type_name("N")
        ->check(seed_range());
    app.add_option("--threads", options.threads, "Workers of a scoring; default one per processor")
        ->type_name("N")
        ->check(CLI::Range(std::size_t{1}, std::size_t{1024}));
    app.add_option("--metrics", options.metrics,
                   "The metrics to give; default all of the model. Counts of the network (params, macs, relus, "
                   "comparisons) too; those of accuracy proxies, and patterns such as "
                   "'accuracy.*', score on all processors")
        ->delimiter(',')
        ->allow_extra_args(false)
        ->type_name("a,b");
    app.add_option("--lowering", options.lowering, "How networks become operations")
        ->type_name("PROFILE")
        ->capture_default_str();
    app.add_option("--plugin", options.plugins, "Plug-in library to load; may be repeated")
        ->type_name("LIB")
        ->allow_extra_args(false);
    app.add_flag("--allow-writable", options.allow_writable,
                 "Load those libraries even where others can write to them");
    app.add_option("--parameter", options.model.parameters,
                   "Another parameter of the model, or of the plug-in ID (nas-plugin info); may be repeated")
        ->type_name("[ID.]NAME=VALUE")
        ->allow_extra_args(false);
    app.add_flag("--per-layer", options.per_layer, "Every operation too");
    app.add_flag("--json", options.json, "Print one JSON object");
    app.add_flag("--csv", options.csv, "Print a CSV table");
}

// Refused under the option's name; to a plug-in 0 means the setting's own link.
void check_prediction(const Options& options) {
    if (!options.genomes.empty() || options.sample > 0) {
        throw InputError({{},
                          options.sample > 0 ? "--sample without a space" : "--genomes without a space",
                          {},
                          "--space SPACE.yaml",
                          {}});
    }
    if (options.threads || options.seed) {
        throw InputError({{},
                          options.threads ? "--threads" : "--seed",
                          {},
                          "a scoring: --space, or --metrics of accuracy proxies",
                          {}});
    }
    if (options.networks.empty() == options.program.empty()) {
        throw InputError({{},
                          options.networks.empty() ? "nothing to predict" : "found NETWORK and --program",
                          {},
                          "networks, or operations with --program",
                          {}});
    }
    if (options.model.model.empty()) {
        throw InputError(
            {{},
             "an option is missing",
             {},
             "--model ID or --model FILE, or --metrics of accuracy proxies or of the network, such as 'accuracy.*' "
             "and macs",
             {}});
    }
}

void check(const Options& options) {
    if (asks_for_scores(options)) {
        check_scoring(options);
    } else {
        check_prediction(options);
    }
    if (options.json && options.csv) {
        throw InputError({{}, "found --json and --csv", {}, "one of them", {}});
    }
    require_above_zero("--bandwidth-mbps", options.model.bandwidth_mbps);
    require_above_zero("--rtt-ms", options.model.rtt_ms);
}

std::vector<std::size_t> chosen_metrics(const std::vector<std::string>& names, const plugin::Description& model) {
    std::vector<std::size_t> chosen;
    std::vector<std::string_view> known;
    for (const plugin::Metric& metric : model.metrics) {
        if (names.empty()) {
            chosen.push_back(known.size());
        }
        known.push_back(metric.name);
    }
    for (const std::string& name : names) {
        const auto found = std::find(known.begin(), known.end(), name);
        if (found == known.end()) {
            throw InputError({{},
                              "--metrics: '" + model.id + "' has no such metric",
                              '\'' + name + '\'',
                              input::list_names(known),
                              std::string(input::nearest_name(name, known))});
        }
        const auto index = static_cast<std::size_t>(found - known.begin());
        if (std::find(chosen.begin(), chosen.end(), index) == chosen.end()) {
            chosen.push_back(index);
        }
    }
    return chosen;
}

int predict_networks(const Options& options, PlugIns& plug_ins) {
    const Subjects subjects = read_subjects(options.networks, options.program, options.lowering);
    for (const auto& subject : subjects) {
        for (const std::string& text : subject->notes) {
            note(subject->file + ": " + text);
        }
    }
    plug_ins.load(options.plugins, options.allow_writable ? plugin::Writable::allow : plugin::Writable::refuse);
    plugin::Registry& registry = plug_ins.registry();
    const plugin::Description model = registry.describe(plugin::Kind::cost_model, plugin_id(options.model));
    const plugin::Description description = options.metrics.empty() ? model : with_counts(model, registry);
    const std::vector<std::size_t> metrics = chosen_metrics(options.metrics, description);
    const ModelChoice choice = choose_model(options.model, model);
    const auto instance = registry.create(plugin::Kind::cost_model, choice.id, choice.arguments);
    plug_ins.installed().check_loaded();
    if (!plug_ins.has_warned() && !choice.note.empty()) {
        note(choice.note);
    }
    std::vector<Prediction> predictions = predict(*instance, subjects);
    add_counts(model, description, metrics, registry, subjects, predictions);
    if (options.per_layer && predictions.front().operation_values.empty() &&
        subjects.front()->view.view().program->operation_count > 0) {
        throw InputError(
            {{}, "--per-layer", "a model without values for each operation: '" + choice.id + '\'', {}, {}});
    }
    std::map<std::string, std::string> completed;
    for (const auto& [name, value] : plugin::complete_arguments(description, choice.arguments)) {
        completed[name] = value;
    }
    const PredictionReport report{description, completed, subjects, predictions, metrics, options.per_layer};
    print_result(options.json ? to_json(report) : options.csv ? to_csv(report) : to_table(report));
    return done;
}

int run(int argument_count, const char* const* arguments) {
    CLI::App app{"Predicts what secure two-party inference of networks costs, and scores how well they may do.",
                 "nas-predict"};
    app.footer(
        "Results go to standard output, everything else to standard error.\n"
        "Exit codes: 0 done, 1 failed, 2 bad input. All of it: docs/nas_predict.md.");
    app.set_version_flag(
        "--version", "nas-predict " + engine_version() + "\nplug-in ABI " + std::to_string(SOTTO_PLUGIN_ABI_VERSION));
    Options options;
    add_options(app, options);
    if (const std::optional<int> code = parse_command_line(app, argument_count, arguments)) {
        return *code;
    }
    check(options);
    handle_stop_signals();
    const UnfinishedWork unfinished("nas-predict", "nothing was predicted");
    PlugIns plug_ins;
    return asks_for_scores(options) ? score_candidates(options, plug_ins) : predict_networks(options, plug_ins);
}

}  // namespace

int main(int argument_count, char** arguments) {
    return sotto::tools::run_guarded("nas-predict", [&] { return run(argument_count, arguments); });
}
