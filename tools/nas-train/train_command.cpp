// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <stdexcept>

#include "cost_models/trainable/trainable_models.hpp"
#include "engine/input/input_error.hpp"
#include "tools/command_line/command_line.hpp"
#include "tools/command_line/engine_version.hpp"
#include "tools/command_line/link_options.hpp"
#include "tools/nas-train/commands.hpp"
#include "tools/nas-train/engine_check.hpp"
#include "tools/nas-train/held_out_figures.hpp"
#include "tools/nas-train/measured_data.hpp"

namespace sotto::tools {
namespace {

using nlohmann::ordered_json;

std::string today() {
    const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm utc{};
    gmtime_r(&now, &utc);
    char text[16];
    std::strftime(text, sizeof text, "%Y-%m-%d", &utc);
    return text;
}

// Everything a model file says that is not the model's own.
model_file::ModelFile described(const TrainOptions& options, const MeasuredData& data,
                                const model_file::EngineProfile& engine, const training::Setting& setting) {
    model_file::ModelFile file;
    file.setting = setting.name;
    file.bandwidth_mbps = setting.link.bandwidth_mbps;
    file.rtt_ms = setting.link.rtt_ms;
    file.engine = engine;
    file.data = data.sources;
    file.date = today();
    file.seed = options.seed;
    file.trained_with = "sotto " + engine_version();
    return file;
}

ordered_json summary(const TrainOptions& options, const model_file::ModelFile& file, const MeasuredData& data) {
    ordered_json document = {{"model", file.model},         {"setting", file.setting},
                             {"engine", file.engine.name},  {"seed", file.seed},
                             {"out", options.out},          {"data", ordered_json::array()},
                             {"networks", data.set.size()}, {"figures", ordered_json::array()}};
    for (const model_file::DataSource& source : data.sources) {
        document["data"].push_back({{"name", source.name},
                                    {"networks", source.networks},
                                    {"runs", source.runs},
                                    {"rows", source.rows},
                                    {"hash", source.hash}});
    }
    return document;
}

// Collects figures in the file, in the JSON and as text.
void add_figures(const HeldOutFigures& figures, model_file::ModelFile& file, ordered_json& document,
                 std::string& text) {
    for (model_file::HeldOutError& error : to_held_out_errors(figures)) {
        file.held_out.push_back(std::move(error));
    }
    document["figures"].push_back(to_json(figures));
    text += to_text(figures);
}

// Turns what trainers and models throw into errors of the table.
template <typename Work>
void guarded(const TrainOptions& options, Work&& work) {
    try {
        work();
    } catch (const training::Cancelled&) {
        throw Interrupted{};
    } catch (const std::invalid_argument& error) {
        throw input::InputError({{options.data.front(), 0, 0}, error.what(), {}, {}, {}});
    } catch (const std::domain_error& error) {
        throw input::InputError(
            {{options.data.front(), 0, 0}, error.what(), {}, "operations that the model knows", {}});
    }
}

std::string link_text(const training::Link& link) {
    return tools::link_text(link.bandwidth_mbps, link.rtt_ms);
}

// The link of the times: the one that is typed, that of a setting that is typed, or the model file's.
training::TrainingOptions calibration_options(const TrainOptions& options, const training::TrainableModel& model,
                                              const model_file::ModelFile& base) {
    const std::string& setting = options.names_setting ? options.setting : base.setting;
    const training::Link link = options.names_setting ? training::find_setting(setting)->link
                                                      : training::Link{base.bandwidth_mbps, base.rtt_ms};
    training::TrainingOptions result = training_options(options, model, setting, link);
    result.is_bit_length_stated = options.bit_length.has_value();
    const bool is_typed = options.names_setting || !options.bandwidth_mbps.empty() || !options.rtt_ms.empty();
    notes(options.quiet)("calibrating for " + setting + " (" + link_text(result.setting.link) +
                         (is_typed ? ")"
                                   : "), the link of " + options.calibrate +
                                         ": where the times were measured on another, say --setting, or "
                                         "--bandwidth-mbps and --rtt-ms"));
    return result;
}

// Fewer operations than these lack kinds of operations and refills.
void require_operations(const TrainOptions& options, const training::TrainingSet& set) {
    constexpr std::size_t fewest = 20;
    constexpr std::size_t recommended = 50;
    constexpr const char* advice = "50 to 100 are recommended";
    for (const training::Role role : training::roles) {
        const std::size_t count = training::timed_operations(set, role);
        const std::string name(training::role_name(role));
        if (count < fewest) {
            throw input::InputError({{options.data.front(), 0, 0},
                                     "too little to calibrate to",
                                     std::to_string(count) + " operations with a time above 0 ms of the " + name,
                                     std::to_string(fewest) + " or more; " + advice,
                                     {}});
        }
        if (count < recommended) {
            notes(options.quiet)("calibrating to " + std::to_string(count) + " operations of the " + name + "; " +
                                 advice);
        }
    }
}

void note_missing_interval(const TrainOptions& options, const training::TrainingSet& set,
                           const training::LatencyModel& model) {
    const std::vector<sotto_operation>& program = set.front().operations;
    std::vector<training::RoleTimes> times(program.size());
    if (std::isnan(training::predict_known(model, program, times).total_deviation_ms)) {
        notes(options.quiet)(
            "the model states no interval: it takes 3 networks or more with times to tell how far off one can be");
    }
}

void finish(const TrainOptions& options, const model_file::ModelFile& file, const ordered_json& document,
            const std::string& text) {
    model_file::write_model_file(file, options.out);
    print_result(options.json ? document.dump() + '\n' : text);
    notes(options.quiet)("written to " + options.out);
}

}  // namespace

int train(const TrainOptions& options) {
    const training::TrainableModel& model = training::trainable_model(options.model);
    training::TrainerOptions trainer_options;
    trainer_options.engine = with_parameters({options.engine, nlohmann::json::object()}, options);
    trainer_options.tuning_trials = options.tune;
    trainer_options.threads = options.threads;
    trainer_options.tuning_journal = options.tune > 0 ? options.out + ".trials" : "";
    trainer_options.report = notes(options.quiet);
    const auto trainer = model.trainer(trainer_options);
    const training::TrainingOptions training_opts =
        training_options(options, model, options.setting, training::find_setting(options.setting)->link);
    check_output(options.out, options.force, options.data);
    require_no_input(trainer_options.tuning_journal, options.data);
    const MeasuredData data = read_measured_data(options.data, options.source);
    const auto note = notes(options.quiet);
    note(options.model + " for " + options.engine + ", " + options.setting +
         (model.uses_link() ? " (" + link_text(training_opts.setting.link) + ')' : "") + ": " + describe(data));

    if (const auto doubt = engine_doubt(data.tables, trainer_options.engine, options.setting)) {
        note(*doubt);
    }
    model_file::ModelFile file = described(options, data, trainer_options.engine, training_opts.setting);
    file.model = model.id();
    ordered_json document = summary(options, file, data);
    std::string text;
    guarded(options, [&] {
        for (const std::string& split : options.splits) {
            if (split == "none") {
                continue;
            }
            note("holding out: " + split);
            const CrossValidation how{split_of(split), options.folds, {options.seed}, options.threads};
            add_figures(cross_validated(data.set, *trainer, how, training_opts), file, document, text);
            file.split += (file.split.empty() ? "" : "; ") +
                          (split == "network" ? std::string("network: one at a time")
                                              : split + ": " + std::to_string(options.folds) + " folds") +
                          ", seed " + std::to_string(options.seed);
        }
        note("training on everything");
        const auto trained = trainer->train(data.set, training_opts);
        note_missing_interval(options, data.set, *trained);
        model.write(*trained, file);
        add_figures(errors_of(data.set, *trained), file, document, text);
        file.split += (file.split.empty() ? "" : "; ") + std::string("none: all rows, seen");
    });
    finish(options, file, document, text);
    return done;
}

int calibrate(const TrainOptions& options) {
    const training::TrainableModel& model = training::trainable_model(options.model);
    std::vector<std::string> inputs = options.data;
    inputs.push_back(options.calibrate);
    check_output(options.out, options.force, inputs);
    model_file::ModelFile base = model_file::read_model_file(options.calibrate);
    if (base.model != model.id()) {
        throw input::InputError({{options.calibrate, 0, 0},
                                 "is a model of another kind",
                                 '\'' + base.model + '\'',
                                 '\'' + std::string(model.id()) + '\'',
                                 {}});
    }
    base.engine = with_parameters(base.engine, options);
    const auto before = model.read(base, options.calibrate);
    training::TrainingOptions training_opts = calibration_options(options, model, base);
    const MeasuredData data = read_measured_data(options.data, options.source);
    require_operations(options, data.set);
    if (const auto doubt = engine_doubt(data.tables, base.engine, std::string(training_opts.setting.name))) {
        notes(options.quiet)(*doubt);
    }
    model_file::ModelFile file = described(options, data, base.engine, training_opts.setting);
    file.data.insert(file.data.begin(), base.data.begin(), base.data.end());
    file.model = model.id();
    ordered_json document = summary(options, file, data);
    std::string text = "before calibration: ";
    guarded(options, [&] {
        require_known(data.set, *before);
        const HeldOutFigures unadapted = errors_of(data.set, *before);
        document["before"] = to_json(unadapted);
        text += to_text(unadapted);
        const auto adapted = model.calibrate(*before, data.set, training_opts);
        model.write(*adapted, file);
        text += "after calibration: ";
        add_figures(errors_of(data.set, *adapted), file, document, text);
    });
    file.split = "none: the rows of the calibration, seen";
    finish(options, file, document, text);
    return done;
}

}  // namespace sotto::tools
