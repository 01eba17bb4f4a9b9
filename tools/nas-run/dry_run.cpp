// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-run/dry_run.hpp"

#include <cstdio>

#include <nlohmann/json.hpp>

#include "engine/arch/counts.hpp"

namespace sotto::tools {
namespace {

using nlohmann::ordered_json;

std::string parameters_text(const evaluate::Stage& stage) {
    std::string text = stage.id;
    for (const auto& [name, value] : stage.parameters) {
        text += ' ' + name + '=' + value;
    }
    return text;
}

std::string limit_text(const evaluate::Limit& limit) {
    std::string text = limit.metric;
    char buffer[64];
    if (limit.least) {
        std::snprintf(buffer, sizeof buffer, " >= %g", *limit.least);
        text += buffer;
    }
    if (limit.most) {
        std::snprintf(buffer, sizeof buffer, " <= %g", *limit.most);
        text += buffer;
    }
    return text;
}

// `0.5 ms`, `40 s`, `2 min`.
std::string time_text(double microseconds) {
    char buffer[64];
    if (microseconds < 1e6) {
        std::snprintf(buffer, sizeof buffer, "%.3g ms", microseconds / 1e3);
    } else if (microseconds < 120e6) {
        std::snprintf(buffer, sizeof buffer, "%.3g s", microseconds / 1e6);
    } else {
        std::snprintf(buffer, sizeof buffer, "%.3g min", microseconds / 60e6);
    }
    return buffer;
}

std::string bound_text(const search::FinalistLimit& limit, const search::Bound& bound, const char* relation) {
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "%s%g", relation, bound.value);
    return limit.metric + buffer + (bound.of_baseline ? " of the baseline" : "");
}

std::string stage_text(const search::HalvingStage& stage, bool with_baseline) {
    std::string text = parameters_text(stage.plugin) + ": " + std::to_string(stage.candidates) +
                       (with_baseline ? " and the baseline" : "") + ", by " + stage.by;
    for (const search::FinalistLimit& limit : stage.limits) {
        text += limit.least ? ", " + bound_text(limit, *limit.least, " >= ") : "";
        text += limit.most ? ", " + bound_text(limit, *limit.most, " <= ") : "";
    }
    const double networks = static_cast<double>(stage.candidates + (with_baseline ? 1 : 0));
    return text + ", " + time_text(stage.typical_cost_us) + " a network and " +
           time_text(networks * stage.typical_cost_us) + " of one worker as declared";
}

std::string value_text(const ordered_json& value) {
    return value.is_string() ? value.get<std::string>() : value.dump();
}

// One object for both forms: what a person reads and what a program reads cannot drift apart.
ordered_json summary(const search::RunConfiguration& configuration) {
    const search::Space& space = configuration.space;
    const search::SearchSettings& search = configuration.search;
    ordered_json document = {{"space", space.name()},
                             {"log10_size", space.log10_size()},
                             {"genes", space.gene_count()},
                             {"strategy", search.strategy},
                             {"population", search.population},
                             {"evaluations", search.evaluations},
                             {"seed", search.seed},
                             {"lowering", configuration.lowering},
                             {"cost_model", parameters_text(configuration.cost_model)},
                             {"accuracy", ordered_json::array()},
                             {"objectives", ordered_json::array()},
                             {"constraints", ordered_json::array()},
                             {"stages", ordered_json::array()}};
    for (const evaluate::Stage& stage : configuration.accuracy) {
        document["accuracy"].push_back(parameters_text(stage));
    }
    for (const search::Objective& objective : configuration.objectives) {
        document["objectives"].push_back(std::string(to_text(objective.goal)) + ' ' + objective.metric);
    }
    for (const evaluate::Limit& limit : configuration.constraints) {
        document["constraints"].push_back(limit_text(limit));
    }
    for (const search::HalvingStage& stage : configuration.stages) {
        document["stages"].push_back(stage_text(stage, space.baseline().has_value()));
    }
    document["baseline"] = nullptr;
    if (space.baseline()) {
        search::Space::Decoder decoder(space);
        search::Rejection rejection;
        if (const arch::Network* network = decoder.decode(*space.baseline(), rejection)) {
            const arch::Counts counts = arch::count(*network);
            document["baseline"] = {{"name", network->name()},       {"layers", network->size()},
                                    {"params", counts.parameters},   {"macs", counts.multiply_adds},
                                    {"relus", counts.relu_elements}, {"comparisons", counts.comparisons}};
        }
    }
    return document;
}

}  // namespace

std::string dry_run_text(const search::RunConfiguration& configuration, bool as_json) {
    const ordered_json document = summary(configuration);
    if (as_json) {
        return document.dump() + '\n';
    }
    std::string text;
    for (const auto& [key, value] : document.items()) {
        constexpr std::size_t label_width = 14;
        std::string line = key + std::string(label_width - key.size(), ' ');
        if (value.is_array()) {
            if (value.empty()) {
                line += "none";
            }
            for (std::size_t i = 0; i < value.size(); ++i) {
                // Stages are long: a line each.
                const std::string next = key == "stages" ? '\n' + std::string(label_width, ' ') : ", ";
                line += (i == 0 ? "" : next) + value_text(value[i]);
            }
        } else if (value.is_object()) {
            for (const auto& [name, field] : value.items()) {
                line += (line.size() == label_width ? "" : ", ") + name + ' ' + value_text(field);
            }
        } else if (value.is_null()) {
            line += "none";
        } else if (key == "log10_size") {
            char buffer[64];
            std::snprintf(buffer, sizeof buffer, "%.2f (networks, before constraints)", value.get<double>());
            line += buffer;
        } else {
            line += value_text(value);
        }
        text += line + '\n';
    }
    return text;
}

}  // namespace sotto::tools
