// SPDX-License-Identifier: Apache-2.0
#include "engine/run/front_files.hpp"
#include "search/loop/plugin_section.hpp"
#include "search/loop/run_configuration.hpp"

namespace sotto::search {
namespace {

using input::to_yaml_scalar;

void write_mapping(std::string& text, const std::string& key, const std::map<std::string, std::string>& entries) {
    if (!entries.empty()) {
        text += key + ":\n";
    }
    for (const auto& [name, value] : entries) {
        text += "  " + to_yaml_scalar(name) + ": " + to_yaml_scalar(value) + '\n';
    }
}

void write_search(std::string& text, const RunConfiguration& configuration) {
    const SearchSettings& search = configuration.search;
    text += "search:\n";
    text += "  strategy: " + search.strategy + '\n';
    text += "  population: " + std::to_string(search.population) + '\n';
    text += "  crossover_probability: " + run::number_text(search.crossover_probability) + '\n';
    text += "  mutation_probability: " + run::number_text(search.mutation_probability) + '\n';
    text += "  seed: " + std::to_string(search.seed) + '\n';
    if (!configuration.initial.empty()) {
        text += "  initial:\n";
    }
    for (const Genome& genome : configuration.initial) {
        text += "    - genome: " + to_yaml_scalar(configuration.space.to_text(genome)) + '\n';
    }
}

void write_constraints(std::string& text, const std::vector<evaluate::Limit>& limits) {
    if (!limits.empty()) {
        text += "constraints:\n";
    }
    for (const evaluate::Limit& limit : limits) {
        text += "  " + to_yaml_scalar(limit.metric) + ":\n";
        if (limit.least) {
            text += "    min: " + run::number_text(*limit.least) + '\n';
        }
        if (limit.most) {
            text += "    max: " + run::number_text(*limit.most) + '\n';
        }
    }
}

void write_indented(std::string& text, const std::string& block) {
    for (std::size_t begin = 0; begin < block.size();) {
        std::size_t end = block.find('\n', begin);
        end = end == std::string::npos ? block.size() : end;
        if (end > begin) {
            text += "  ";
        }
        text.append(block, begin, end - begin);
        text += '\n';
        begin = end + 1;
    }
}

enum class Part { identity, all };

// What the metrics of a candidate, and their use, depend on.
void write_evaluation(std::string& text, const RunConfiguration& configuration, Part part) {
    text += "cost_model:\n  id: " + to_yaml_scalar(configuration.cost_model.id) + '\n';
    write_arguments(text, configuration.cost_model, "  ");
    if (part == Part::all) {
        write_isolation(text, configuration.cost_model, "  ");
    }
    if (!configuration.accuracy.empty()) {
        text += "accuracy:\n";
    }
    for (const evaluate::Stage& stage : configuration.accuracy) {
        text += "  - id: " + to_yaml_scalar(stage.id) + '\n';
        write_arguments(text, stage, "    ");
        if (part == Part::all) {
            write_isolation(text, stage, "    ");
        }
    }
    text += "objectives:\n";
    for (const Objective& objective : configuration.objectives) {
        text += "  - metric: " + to_yaml_scalar(objective.metric) + '\n';
        text += "    goal: " + std::string(to_text(objective.goal)) + '\n';
    }
    write_constraints(text, configuration.constraints);
    text += "lowering: " + to_yaml_scalar(configuration.lowering) + '\n';
    text +=
        "on_error: " + std::string(evaluate::error_policy_names()[static_cast<std::size_t>(configuration.on_error)]) +
        '\n';
}

void write_space(std::string& text, const RunConfiguration& configuration) {
    text += "space:\n";
    write_indented(text, configuration.space_text);
}

}  // namespace

std::string to_yaml(const RunConfiguration& configuration, const std::map<std::string, std::string>& versions,
                    Threads threads) {
    std::string text = "format: " + std::to_string(run_format) + '\n';
    write_mapping(text, "versions", versions);
    write_search(text, configuration);
    text += "  evaluations: " + std::to_string(configuration.search.evaluations) + '\n';
    if (threads == Threads::write) {
        text += "  threads: " + std::to_string(configuration.search.threads) + '\n';
    }
    write_evaluation(text, configuration, Part::all);
    if (configuration.hypervolume_reference) {
        text += "hypervolume_reference:\n";
        for (std::size_t i = 0; i < configuration.objectives.size(); ++i) {
            text += "  " + to_yaml_scalar(configuration.objectives[i].metric) + ": " +
                    run::number_text((*configuration.hypervolume_reference)[i]) + '\n';
        }
    }
    if (!configuration.plugins.empty()) {
        text += "plugins:\n";
    }
    for (const PluginLibrary& library : configuration.plugins) {
        const std::string path = to_yaml_scalar(library.path);
        text += "  - " + (library.allow_writable ? "{path: " + path + ", allow_writable: true}" : path) + '\n';
    }
    text += to_yaml(configuration.stages);
    text += "best: " + std::to_string(configuration.best) + '\n';
    write_space(text, configuration);
    return text;
}

std::string identity_text(const RunConfiguration& configuration, const std::map<std::string, std::string>& versions) {
    std::map<std::string, std::string> of_search = versions;
    std::erase_if(of_search, [](const auto& version) { return version.first.starts_with(stage_version_prefix); });
    std::string text;
    write_mapping(text, "versions", of_search);
    write_search(text, configuration);
    write_evaluation(text, configuration, Part::identity);
    write_space(text, configuration);
    return text;
}

}  // namespace sotto::search
