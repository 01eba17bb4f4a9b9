// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-predict/score_text.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <nlohmann/json.hpp>

#include "engine/input/csv.hpp"
#include "engine/run/front_files.hpp"

namespace sotto::tools {
namespace {

using nlohmann::ordered_json;

std::string dump(const ordered_json& document) {
    return document.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace

ScoreText::ScoreText(ScoreForm form, const Scoring& scoring, const CandidateList& candidates)
    : form_(form), scoring_(scoring), candidates_(candidates) {
    for (std::size_t index = 0; index < candidates_.size(); ++index) {
        name_width_ = std::max(name_width_, candidates_.name(index).size());
    }
}

std::string ScoreText::head() const {
    const MetricChoice& choice = scoring_.choice();
    if (form_ == ScoreForm::json) {
        ordered_json plug_ins = ordered_json::array();
        for (std::size_t index = 0; index < choice.plug_ins.size(); ++index) {
            const plugin::Description& description = choice.plug_ins[index];
            ordered_json parameters = ordered_json::object();
            for (const plugin::Parameter& parameter : description.parameters) {
                const auto& given = scoring_.parameters(index);
                const auto found = given.find(parameter.name);
                parameters[parameter.name] = found == given.end() ? parameter.default_value : found->second;
            }
            plug_ins.push_back({{"id", description.id}, {"version", description.version}, {"parameters", parameters}});
        }
        return "{\"plug_ins\":" + dump(plug_ins) + ",\"networks\":[";
    }
    std::string text = form_ == ScoreForm::csv ? "network,genome,hash,status,reason" : padded("network");
    for (const ChosenMetric& metric : choice.metrics) {
        if (form_ == ScoreForm::csv) {
            text += ',' + input::csv_field(metric.metric.name);
        } else {
            char cell[128];
            std::snprintf(cell, sizeof cell, " %20s", metric.metric.name.c_str());
            text += cell;
        }
    }
    return text + '\n';
}

std::string ScoreText::padded(const std::string& name) const {
    return name + std::string(name_width_ - name.size(), ' ');
}

std::string ScoreText::row(const ScoredCandidate& candidate) const {
    const MetricChoice& choice = scoring_.choice();
    const std::string& name = candidates_.name(candidate.index);
    const std::string genome = candidates_.genome(candidate.index);
    if (form_ == ScoreForm::json) {
        ordered_json metrics = ordered_json::object();
        for (std::size_t metric = 0; metric < candidate.metrics.size(); ++metric) {
            const double value = candidate.metrics[metric];
            metrics[choice.metrics[metric].metric.name] = std::isnan(value) ? ordered_json() : ordered_json(value);
        }
        return (candidate.index == 0 ? "" : ",") + dump({{"network", name},
                                                         {"genome", genome},
                                                         {"hash", candidate.hash},
                                                         {"status", evaluate::to_text(candidate.status)},
                                                         {"reason", candidate.reason},
                                                         {"metrics", metrics}});
    }
    if (form_ == ScoreForm::csv) {
        std::string text = input::csv_field(name) + ',' + input::csv_field(genome) + ',' + candidate.hash + ',' +
                           std::string(evaluate::to_text(candidate.status)) + ',' + input::csv_field(candidate.reason);
        for (const double value : candidate.metrics) {
            text += ',' + (std::isnan(value) ? std::string() : run::number_text(value));
        }
        return text + '\n';
    }
    std::string text = padded(name);
    for (const double value : candidate.metrics) {
        char cell[64];
        if (std::isnan(value)) {
            std::snprintf(cell, sizeof cell, " %20s", "-");
        } else {
            std::snprintf(cell, sizeof cell, " %20.10g", value);
        }
        text += cell;
    }
    return text + (candidate.reason.empty() ? "" : "  " + candidate.reason) + '\n';
}

std::string ScoreText::end() const {
    return form_ == ScoreForm::json ? "]}\n" : "";
}

}  // namespace sotto::tools
