// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-predict/prediction.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <system_error>

#include "cost_models/model_file/shipped_models.hpp"
#include "cost_models/training/latency_trainer.hpp"
#include "engine/input/input_error.hpp"
#include "tools/command_line/link_options.hpp"

namespace sotto::tools {
namespace {

using input::InputError;
using model_file::Choice;

// Of the standard normal distribution: 5 % lie beyond on either side.
constexpr double deviations_of_90_percent = 1.6448536269514722;

bool is_model_file(const std::string& name) {
    std::error_code none;
    return name.find('/') != std::string::npos || std::filesystem::path(name).extension() == ".model" ||
           std::filesystem::is_regular_file(name, none);
}

class Arguments {
  public:
    Arguments(const plugin::Description& description, ModelChoice& choice)
        : description_(description), choice_(choice) {}

    // An option that was not given is left to the plug-in's default.
    void set(const char* parameter, const char* option, const std::string& value, const std::string& why) {
        if (value.empty()) {
            return;
        }
        const bool is_declared = std::any_of(description_.parameters.begin(), description_.parameters.end(),
                                             [&](const auto& declared) { return declared.name == parameter; });
        if (!is_declared) {
            throw InputError({{}, std::string(option) + " is not for this model", value, why, {}});
        }
        choice_.arguments[parameter] = value;
    }

  private:
    const plugin::Description& description_;
    ModelChoice& choice_;
};

// The link whose times the model was fitted to: of the file, or of the setting.
training::Link fitted_link(const ModelRequest& request) {
    if (is_model_file(request.model)) {
        const model_file::ModelFile file = model_file::read_model_file(request.model);
        return {file.bandwidth_mbps, file.rtt_ms};
    }
    const training::Setting* setting =
        training::find_setting(request.setting.empty() ? Choice::setting_default : request.setting);
    return setting == nullptr ? training::Link{} : setting->link;
}

void note_other_link(const ModelRequest& request, ModelChoice& choice) {
    if (request.bandwidth_mbps.empty() && request.rtt_ms.empty()) {
        return;
    }
    const training::Link fitted = fitted_link(request);
    const double bandwidth = request.bandwidth_mbps.empty() ? fitted.bandwidth_mbps : std::stod(request.bandwidth_mbps);
    const double rtt = request.rtt_ms.empty() ? fitted.rtt_ms : std::stod(request.rtt_ms);
    if (bandwidth != fitted.bandwidth_mbps || rtt != fitted.rtt_ms) {
        choice.note = "the model was fitted on another link (" + link_text(fitted.bandwidth_mbps, fitted.rtt_ms) +
                      "): what follows for " + link_text(bandwidth, rtt) + " is extrapolated";
    }
}

}  // namespace

std::string plugin_id(const ModelRequest& request) {
    return is_model_file(request.model) ? model_file::read_model_file(request.model).model : request.model;
}

ModelChoice choose_model(const ModelRequest& request, const plugin::Description& description) {
    ModelChoice choice;
    choice.id = description.id;
    ModelRequest completed = request;
    Arguments arguments(description, choice);
    if (is_model_file(request.model)) {
        const model_file::ModelFile file = model_file::read_model_file(request.model);
        completed.setting = request.setting.empty() ? file.setting : request.setting;
        completed.engine = request.engine.empty() ? file.engine.name : request.engine;
        arguments.set(Choice::file_name, "--model FILE", request.model, "a model with the parameter 'file'");
    }
    arguments.set(Choice::setting_name, "--setting", completed.setting, "a model with the parameter 'setting'");
    arguments.set(Choice::engine_name, "--engine", completed.engine, "a model with the parameter 'engine'");
    const std::string link_reason = "a model that knows bytes and rounds, such as protocol: '" + description.id +
                                    "' knows the link of its setting alone";
    arguments.set(Choice::bandwidth_name, "--bandwidth-mbps", request.bandwidth_mbps, link_reason);
    arguments.set(Choice::rtt_name, "--rtt-ms", request.rtt_ms, link_reason);
    for (const std::string& parameter : request.parameters) {
        const std::size_t equals = parameter.find('=');
        if (equals == std::string::npos ||
            !choice.arguments.emplace(parameter.substr(0, equals), parameter.substr(equals + 1)).second) {
            throw InputError({{}, "--parameter", '\'' + parameter + '\'', "NAME=VALUE, each name once", {}});
        }
    }
    note_other_link(request, choice);
    return choice;
}

std::vector<Prediction> predict(const plugin::Instance& instance, const Subjects& subjects) {
    std::vector<const plugin::CandidateView*> views;
    for (const auto& subject : subjects) {
        if (instance.describe().needs_network && !subject->network) {
            throw InputError({{subject->file, 0, 0},
                              "holds operations alone",
                              {},
                              "a network: '" + instance.describe().id + "' looks at its layers",
                              {}});
        }
        views.push_back(&subject->view);
    }
    std::vector<plugin::Score> scores(subjects.size());
    instance.evaluate(views, scores);
    std::vector<Prediction> predictions(subjects.size());
    for (std::size_t i = 0; i < subjects.size(); ++i) {
        const plugin::Score& score = scores[i];
        if (score.status == plugin::Score::Status::unsupported) {
            throw InputError({{subjects[i]->file, 0, 0},
                              "'" + subjects[i]->title + "' is not for the model '" + instance.describe().id + "'",
                              score.reason,
                              {},
                              {}});
        }
        if (score.status != plugin::Score::Status::ok) {
            throw plugin::PluginError(subjects[i]->file + ": " + score.reason);
        }
        Prediction& prediction = predictions[i];
        prediction.metrics = score.metrics;
        prediction.operation_values = instance.per_operation(*views[i]);
        const std::vector<double> deviations = instance.standard_deviations(*views[i]);
        for (std::size_t m = 0; m < deviations.size(); ++m) {
            const double reach = deviations_of_90_percent * deviations[m];
            const double low = score.metrics[m] - reach;
            prediction.intervals.push_back(
                {instance.describe().metrics[m].non_negative ? std::max(low, 0.0) : low, score.metrics[m] + reach});
        }
    }
    return predictions;
}

}  // namespace sotto::tools
