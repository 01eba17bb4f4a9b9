// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <optional>
#include <stdexcept>

#include "cost_models/trainable/trainable_models.hpp"
#include "engine/input/input_error.hpp"
#include "tools/command_line/command_line.hpp"
#include "tools/nas-train/commands.hpp"
#include "tools/nas-train/engine_check.hpp"
#include "tools/nas-train/held_out_figures.hpp"
#include "tools/nas-train/measured_data.hpp"

namespace sotto::tools {
namespace {

bool is_id(const std::string& name) {
    const auto ids = training::trainable_model_ids();
    return std::find(ids.begin(), ids.end(), name) != ids.end();
}

bool is_file(const std::string& name) {
    std::error_code none;
    return name.find('/') != std::string::npos || std::filesystem::exists(name, none);
}

struct Subject {
    const training::TrainableModel* kind = nullptr;
    model_file::OpenedModel opened;
};

void refuse_contradiction(const TrainOptions& options, std::string_view option, const std::string& typed,
                          const std::string& of_file) {
    if (typed != of_file) {
        throw input::InputError({{options.model, 0, 0},
                                 std::string(option) + " says otherwise than the model",
                                 '\'' + typed + '\'',
                                 '\'' + of_file + '\'',
                                 {}});
    }
}

// A model says what it is for; what is typed as well has to agree.
void check_agreement(const TrainOptions& options, const model_file::ModelFile& model) {
    if (options.names_setting) {
        refuse_contradiction(options, "--setting", options.setting, model.setting);
    }
    if (options.names_engine) {
        refuse_contradiction(options, "--engine", options.engine, model.engine.name);
    }
    const nlohmann::json& parameters = model.engine.parameters;
    const auto check = [&](std::string_view option, const std::optional<int>& typed, const char* key) {
        if (typed) {
            refuse_contradiction(options, option, std::to_string(*typed),
                                 parameters.contains(key) ? parameters.at(key).dump() : "nothing");
        }
    };
    check("--bit-length", options.bit_length, "bit_length");
    check("--engine-threads", options.engine_threads, "threads");
}

// The model of a file, or the one that ships under an id.
Subject open_subject(const TrainOptions& options) {
    if (!is_id(options.model) && is_file(options.model)) {
        Subject subject{nullptr, {model_file::read_model_file(options.model), options.model}};
        subject.kind = &training::trainable_model(subject.opened.model.model);
        check_agreement(options, subject.opened.model);
        return subject;
    }
    const training::TrainableModel& kind = training::trainable_model(options.model);
    Subject subject{&kind, model_file::open_model(kind.id(), {options.setting, options.engine, ""}, kind.shipped())};
    check_agreement(options, subject.opened.model);
    return subject;
}

// What is scored, for the output.
struct Scored {
    std::string model;
    std::string setting;
    std::string engine;
};

void note_doubt(const TrainOptions& options, const MeasuredData& data, const model_file::EngineProfile& engine,
                const std::string& setting) {
    if (const auto doubt = engine_doubt(data.tables, engine, setting)) {
        notes(options.quiet)(*doubt);
    }
}

HeldOutFigures evaluated(const TrainOptions& options, const MeasuredData& data, Scored& scored) {
    const training::TrainingSet& set = data.set;
    if (options.split.empty()) {
        const Subject subject = open_subject(options);
        const model_file::ModelFile& file = subject.opened.model;
        scored = {file.model, file.setting, file.engine.name};
        note_doubt(options, data, file.engine, file.setting);
        const auto model = subject.kind->read(file, subject.opened.name);
        require_known(set, *model);
        return errors_of(set, *model);
    }
    training::TrainerOptions trainer_options;
    trainer_options.engine = with_parameters({options.engine, nlohmann::json::object()}, options);
    trainer_options.threads = options.threads;
    trainer_options.report = notes(options.quiet);
    const training::TrainableModel* kind = nullptr;
    std::string setting = options.setting;
    training::Link link = training::find_setting(setting)->link;
    if (is_id(options.model) || !is_file(options.model)) {
        kind = &training::trainable_model(options.model);
    } else {
        const Subject subject = open_subject(options);
        kind = subject.kind;
        setting = subject.opened.model.setting;
        link = {subject.opened.model.bandwidth_mbps, subject.opened.model.rtt_ms};
        trainer_options.engine = subject.opened.model.engine;
    }
    scored = {std::string(kind->id()), setting, trainer_options.engine.name};
    note_doubt(options, data, trainer_options.engine, setting);
    CrossValidation how{split_of(options.split), options.folds, {}, options.threads};
    for (std::uint64_t i = 0; i < options.seeds; ++i) {
        how.seeds.push_back(options.seed + i);
    }
    return cross_validated(set, *kind->trainer(trainer_options), how, training_options(options, *kind, setting, link));
}

}  // namespace

int evaluate(const TrainOptions& options) {
    const MeasuredData data = read_measured_data(options.data, options.source);
    try {
        Scored scored;
        const HeldOutFigures figures = evaluated(options, data, scored);
        nlohmann::ordered_json document = {
            {"model", options.model}, {"setting", scored.setting}, {"engine", scored.engine}};
        document.update(to_json(figures));
        print_result(options.json
                         ? document.dump() + '\n'
                         : scored.model + " for " + scored.engine + ", " + scored.setting + '\n' + to_text(figures));
    } catch (const training::Cancelled&) {
        throw Interrupted{};
    } catch (const std::invalid_argument& error) {
        throw input::InputError({{options.data.front(), 0, 0}, error.what(), {}, {}, {}});
    } catch (const std::domain_error& error) {
        throw input::InputError(
            {{options.data.front(), 0, 0}, error.what(), {}, "operations that the model knows", {}});
    }
    return done;
}

}  // namespace sotto::tools
