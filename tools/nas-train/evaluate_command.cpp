// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <optional>
#include <stdexcept>

#include "cost_models/trainable/trainable_models.hpp"
#include "engine/input/input_error.hpp"
#include "tools/command_line/command_line.hpp"
#include "tools/nas-train/commands.hpp"
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

// The model of a file, or the one that ships under an id.
Subject open_subject(const TrainOptions& options) {
    if (!is_id(options.model) && is_file(options.model)) {
        Subject subject{nullptr, {model_file::read_model_file(options.model), options.model}};
        subject.kind = &training::trainable_model(subject.opened.model.model);
        return subject;
    }
    const training::TrainableModel& kind = training::trainable_model(options.model);
    return {&kind, model_file::open_model(kind.id(), {options.setting, options.engine, ""}, kind.shipped())};
}

HeldOutFigures evaluated(const TrainOptions& options, const training::TrainingSet& set, std::string& setting) {
    if (options.split.empty()) {
        const Subject subject = open_subject(options);
        setting = subject.opened.model.setting;
        return errors_of(set, *subject.kind->read(subject.opened.model, subject.opened.name));
    }
    training::TrainerOptions trainer_options;
    trainer_options.engine = {options.engine, nlohmann::json::object()};
    trainer_options.threads = options.threads;
    trainer_options.report = notes(options.quiet);
    const training::TrainableModel* kind = nullptr;
    setting = options.setting;
    if (is_id(options.model) || !is_file(options.model)) {
        kind = &training::trainable_model(options.model);
    } else {
        const Subject subject = open_subject(options);
        kind = subject.kind;
        setting = subject.opened.model.setting;
        trainer_options.engine = subject.opened.model.engine;
    }
    CrossValidation how{split_of(options.split), options.folds, {}, options.threads};
    for (std::uint64_t i = 0; i < options.seeds; ++i) {
        how.seeds.push_back(options.seed + i);
    }
    return cross_validated(set, *kind->trainer(trainer_options), how, training_options(setting, options.seed));
}

}  // namespace

int evaluate(const TrainOptions& options) {
    const MeasuredData data = read_measured_data(options.data, options.source);
    try {
        std::string setting;
        const HeldOutFigures figures = evaluated(options, data.set, setting);
        nlohmann::ordered_json document = {{"model", options.model}, {"setting", setting}};
        document.update(to_json(figures));
        print_result(options.json ? document.dump() + '\n' : to_text(figures));
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
