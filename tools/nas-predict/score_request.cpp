// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-predict/score_request.hpp"

#include <map>
#include <utility>

#include "engine/input/input_error.hpp"
#include "engine/input/yaml_document.hpp"
#include "tools/nas-predict/metric_choice.hpp"
#include "tools/nas-predict/parameter_notes.hpp"

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

Scoring make_scoring(const ScoreRequest& request, PlugIns& plug_ins, std::vector<std::string>& notes) {
    plugin::Registry& registry = plug_ins.registry();
    ScoringOptions options;
    options.lowering = request.lowering;
    options.threads = request.threads;
    options.seed = request.seed;
    options.isolation = [&plug_ins](const std::string& library) { return plug_ins.isolation(library); };
    ModelRequest model = request.model;
    sort_parameters(model, options.parameters);
    std::vector<plugin::Description> known;
    plugin::Isolation of_model;
    const std::string model_id = model.model.empty() ? std::string() : plugin_id(model);
    for (const plugin::Description& description : plug_ins.installed().known()) {
        if (description.kind == plugin::Kind::accuracy_proxy) {
            known.push_back(description);
        } else if (description.id == model_id) {
            of_model = plug_ins.isolation(description.library);
        }
    }
    if (!model.model.empty()) {
        known.push_back(registry.describe(plugin::Kind::cost_model, model_id, of_model));
        ModelChoice choice = choose_model(model, known.back());
        options.parameters[choice.id].merge(choice.arguments);
        if (!choice.note.empty()) {
            notes.push_back(choice.note);
        }
    }
    evaluate::PipelineOptions no_plug_ins;
    no_plug_ins.threads = options.threads;
    const evaluate::Pipeline counting(registry, no_plug_ins);
    MetricChoice metrics = choose_metrics(request.metrics, counting.metrics(), known);
    const auto tell = [&](const std::vector<std::string>& texts) {
        notes.insert(notes.end(), texts.begin(), texts.end());
    };
    tell(metrics.notes);
    tell(notes_on_sharing(metrics, known, options.parameters));
    tell(notes_on_fitting(options.parameters));
    if (!request.space.empty()) {
        tell(notes_on_configuration(input::read_yaml_file(request.space), metrics, options.parameters));
    }
    Scoring scoring(registry, std::move(metrics), options);
    plug_ins.installed().check_loaded();
    return scoring;
}

}  // namespace sotto::tools
