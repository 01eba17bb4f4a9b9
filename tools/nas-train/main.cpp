// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "cost_models/trainable/trainable_models.hpp"
#include "engine/input/input_error.hpp"
#include "tools/command_line/command_line.hpp"
#include "tools/command_line/engine_version.hpp"
#include "tools/command_line/link_options.hpp"
#include "tools/command_line/seed_option.hpp"
#include "tools/command_line/stop_request.hpp"
#include "tools/nas-train/commands.hpp"
#include "tools/nas-train/engine_check.hpp"

namespace {

using namespace sotto;
using namespace sotto::tools;

constexpr std::array<std::string_view, 3> settings = {"local", "lan", "wan"};
constexpr std::array<std::string_view, 3> splits = {"rows", "config", "network"};
constexpr std::array<std::string_view, 4> splits_or_none = {"rows", "config", "network", "none"};

void require_one_of(std::string_view option, const std::string& value, std::span<const std::string_view> names) {
    for (const std::string_view name : names) {
        if (name == value) {
            return;
        }
    }
    throw input::InputError({{},
                             std::string(option),
                             '\'' + value + '\'',
                             input::list_names(names),
                             std::string(input::nearest_name(value, names))});
}

void require_engine(const std::string& name) {
    const std::vector<std::string> engines = trainable_engines();
    require_one_of("--engine", name, std::vector<std::string_view>(engines.begin(), engines.end()));
}

void require_given(std::string_view option, bool is_given) {
    if (!is_given) {
        throw input::InputError({{}, "an option is missing", {}, std::string(option), {}});
    }
}

std::string ids() {
    std::string text;
    for (const std::string_view id : training::trainable_model_ids()) {
        text += (text.empty() ? "" : ", ") + std::string(id);
    }
    return text;
}

void add_data_options(CLI::App& app, TrainOptions& options) {
    app.add_option("--data", options.data, "Measurement tables of one setting")->type_name("TABLE.csv...");
    app.add_option("--setting", options.setting, "local, lan or wan: where the times were measured")
        ->type_name("S")
        ->capture_default_str();
    app.add_option("--engine", options.engine, "Profile of the secure engine that was measured")
        ->type_name("PROFILE")
        ->capture_default_str();
    app.add_option(
           "--bandwidth-mbps", options.bandwidth_mbps,
           "The link that was measured on, where it is not the setting's, for models that know bytes: 10^6 bits "
           "a second")
        ->type_name("X");
    app.add_option("--rtt-ms", options.rtt_ms, "The same: round trip")->type_name("Y");
    app.add_option("--bit-length", options.bit_length, "Of the ring of its shares; else as in the profile")
        ->check(CLI::Range(8, 44))
        ->type_name("BITS");
    app.add_option("--engine-threads", options.engine_threads, "Its threads in each party; else as in the profile")
        ->check(CLI::Range(1, 256))
        ->type_name("N");
    app.add_option("--seed", options.seed, "Seed of every random draw")
        ->check(seed_range())
        ->type_name("N")
        ->capture_default_str();
    app.add_option("--folds", options.folds, "Folds of the splits rows and config")
        ->check(CLI::Range(2, 1000))
        ->type_name("N")
        ->capture_default_str();
    app.add_option("--threads", options.threads, "Folds and trials at once; does not change the result")
        ->check(CLI::Range(1, 1024))
        ->type_name("N")
        ->capture_default_str();
    app.add_flag("--json", options.json, "Print the result as one JSON object");
    app.add_flag("--quiet", options.quiet, "No notes on standard error, errors only");
}

void require_link_number(const char* option, const std::string& text, double most) {
    require_above_zero(option, text);
    double value = 1;
    std::from_chars(text.data(), text.data() + text.size(), value);
    if (value < 1e-6 || value > most) {
        throw input::InputError({{},
                                 option,
                                 '\'' + text + '\'',
                                 "a number from 1e-6 to 1e" + std::to_string(std::lround(std::log10(most))),
                                 {}});
    }
}

void check_link(const TrainOptions& options) {
    require_link_number("--bandwidth-mbps", options.bandwidth_mbps, 1e9);
    require_link_number("--rtt-ms", options.rtt_ms, 1e6);
}

int run_training(const TrainOptions& options, bool names_splits) {
    require_given("--model: " + ids(), !options.model.empty());
    require_given("--data TABLE.csv", !options.data.empty());
    require_given("--out FILE", !options.out.empty());
    require_one_of("--setting", options.setting, settings);
    require_engine(options.engine);
    check_link(options);
    if (!options.calibrate.empty()) {
        if (options.names_engine || names_splits || options.tune > 0) {
            throw input::InputError({{},
                                     "--calibrate",
                                     "--engine, --splits or --tune with it",
                                     "none of them: the model file says what it is for",
                                     {}});
        }
        return calibrate(options);
    }
    for (std::size_t i = 0; i < options.splits.size(); ++i) {
        const std::string& split = options.splits[i];
        require_one_of("--splits", split, splits_or_none);
        if (std::find(options.splits.begin(), options.splits.begin() + static_cast<std::ptrdiff_t>(i), split) !=
            options.splits.begin() + static_cast<std::ptrdiff_t>(i)) {
            throw input::InputError({{}, "--splits", '\'' + split + "' twice", "each once", {}});
        }
        if (split == "none" && options.splits.size() > 1) {
            throw input::InputError({{}, "--splits", "'none' with others", "none, or what to hold out", {}});
        }
    }
    return train(options);
}

int run_evaluation(const TrainOptions& options, bool names_seeds, bool names_folds) {
    require_given("--model: " + ids() + " or a model file", !options.model.empty());
    require_given("--data TABLE.csv", !options.data.empty());
    require_one_of("--setting", options.setting, settings);
    require_engine(options.engine);
    check_link(options);
    if (options.split.empty() && (names_seeds || names_folds)) {
        throw input::InputError({{},
                                 "evaluate",
                                 names_seeds ? "--seeds" : "--folds",
                                 "--split with it: a model that is scored as it is deals nothing",
                                 {}});
    }
    if (options.split.empty() && !(options.bandwidth_mbps.empty() && options.rtt_ms.empty())) {
        throw input::InputError({{},
                                 "evaluate",
                                 "--bandwidth-mbps or --rtt-ms",
                                 "--split with it: a model that is scored as it is has its link",
                                 {}});
    }
    if (!options.split.empty()) {
        require_one_of("--split", options.split, splits);
    }
    return evaluate(options);
}

int run(int argument_count, const char* const* arguments) {
    CLI::App app{"Trains the cost models on measurement tables of a secure engine.", "nas-train"};
    app.footer(
        "Results go to standard output, everything else to standard error.\n"
        "Exit codes: 0 done, 1 failed, 2 bad input, 130 interrupted: nothing written.\n"
        "Tables: docs/formats.md. Model files: docs/model_files.md. All of it: docs/nas_train.md.");
    app.set_version_flag("--version", "nas-train " + engine_version());
    app.require_subcommand(0, 1);

    TrainOptions training;
    training.splits = {"config", "network"};
    app.add_option("--model", training.model, "What to train: " + ids())->type_name("ID");
    add_data_options(app, training);
    app.add_option("--out", training.out, "Model file to write")->type_name("FILE");
    CLI::Option* const splits_option =
        app.add_option("--splits", training.splits, "What to hold out for the errors: rows, config, network, none")
            ->delimiter(',')
            ->allow_extra_args(false)
            ->type_name("LIST")
            ->capture_default_str();
    app.add_option("--tune", training.tune,
                   "Random trials of hyperparameters, a minute or two each (trial 0: the defaults). FILE.trials keeps "
                   "them, so that a tuning that was stopped goes on, and may be deleted once FILE is there")
        ->check(CLI::Range(0, 100000))
        ->type_name("TRIALS");
    app.add_option("--calibrate", training.calibrate, "Adapt this model file to the table instead of training anew")
        ->type_name("FILE");
    app.add_option("--source", training.source, "Who measured what, for the model file")->type_name("TEXT");
    app.add_flag("--force", training.force, "Replace FILE where it is there");

    TrainOptions evaluation;
    CLI::App* const evaluate_command =
        app.add_subcommand("evaluate", "Errors of a model on a table: as it is, or refitted with --split");
    evaluate_command->add_option("--model", evaluation.model, "Id of a model or a model file")->type_name("ID|FILE");
    add_data_options(*evaluate_command, evaluation);
    evaluate_command->add_option("--split", evaluation.split, "Refit with rows, config or network held out")
        ->type_name("SPLIT");
    evaluate_command->add_option("--seeds", evaluation.seeds, "How many seeds to deal the folds with, from --seed on")
        ->check(CLI::Range(1, 1000))
        ->type_name("N")
        ->capture_default_str();

    ImportOptions import;
    CLI::App* const import_command =
        app.add_subcommand("import", "Makes a measurement table of published measurements");
    import_command->add_option("DIR", import.directory, "Folder of the measurements")->required();
    import_command->add_option("--setting", import.setting, "local, lan or wan")->type_name("S")->required();
    import_command->add_option("--sequences", import.sequences, "List of the networks' layers in execution order")
        ->type_name("FILE");
    import_command->add_option("--out", import.out, "Table to write")->type_name("TABLE.csv")->required();
    import_command->add_flag("--force", import.force, "Replace the table where it is there");

    if (const std::optional<int> code = parse_command_line(app, argument_count, arguments)) {
        return *code;
    }
    handle_stop_signals();
    if (import_command->parsed()) {
        require_one_of("--setting", import.setting, settings);
        return import_published(import);
    }
    if (evaluate_command->parsed()) {
        evaluation.names_setting = evaluate_command->count("--setting") > 0;
        evaluation.names_engine = evaluate_command->count("--engine") > 0;
        return run_evaluation(evaluation, evaluate_command->count("--seeds") > 0,
                              evaluate_command->count("--folds") > 0);
    }
    training.names_setting = app.count("--setting") > 0;
    training.names_engine = app.count("--engine") > 0;
    return run_training(training, splits_option->count() > 0);
}

}  // namespace

int main(int argument_count, char** arguments) {
    return sotto::tools::run_guarded("nas-train", [&] { return run(argument_count, arguments); });
}
