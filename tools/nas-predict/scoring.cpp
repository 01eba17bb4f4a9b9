// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-predict/scoring.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/arch/canonical_hash.hpp"
#include "engine/input/csv.hpp"
#include "engine/input/input_error.hpp"

namespace sotto::tools {
namespace {

using evaluate::Evaluation;
using nlohmann::ordered_json;

// Long enough that workers rarely wait for the last of a part, short enough that results come soon.
constexpr std::size_t candidates_a_worker = 16;

std::string number_text(double value) {
    char text[32];
    return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

std::string dump(const ordered_json& document) {
    return document.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace

struct Scoring::Row {
    std::string name;
    std::string genome;
    Evaluation::Status status = Evaluation::Status::complete;  ///< the worst of its plug-ins'
    std::string hash;
    std::string reason;
    std::vector<double> metrics;  ///< NaN: none
};

Scoring::Scoring(plugin::Registry& registry, MetricChoice choice, const ScoringOptions& options)
    : choice_(std::move(choice)), form_(options.form) {
    for (const auto& [id, parameters] : options.parameters) {
        if (std::none_of(choice_.plug_ins.begin(), choice_.plug_ins.end(),
                         [&, &name = id](const plugin::Description& used) { return used.id == name; })) {
            std::vector<std::string_view> used;
            for (const plugin::Description& description : choice_.plug_ins) {
                used.push_back(description.id);
            }
            throw input::InputError({{},
                                     "--parameter: a plug-in that gives none of these metrics",
                                     '\'' + id + '\'',
                                     input::list_names(used),
                                     std::string(input::nearest_name(id, used))});
        }
    }
    const bool needs_counts =
        std::any_of(choice_.metrics.begin(), choice_.metrics.end(),
                    [&](const ChosenMetric& metric) { return metric.giver == choice_.plug_ins.size(); });
    for (std::size_t giver = 0; giver < choice_.plug_ins.size() + (needs_counts ? 1 : 0); ++giver) {
        evaluate::PipelineOptions pipeline;
        pipeline.lowering_profile = options.lowering;
        pipeline.on_error = evaluate::ErrorPolicy::skip;
        pipeline.threads = options.threads;
        pipeline.seed = options.seed;
        if (giver < choice_.plug_ins.size()) {
            const plugin::Description& description = choice_.plug_ins[giver];
            const auto given = options.parameters.find(description.id);
            pipeline.stages.push_back(
                {description.kind,
                 description.id,
                 given == options.parameters.end() ? std::map<std::string, std::string>() : given->second,
                 {}});
        }
        pipelines_.push_back(std::make_unique<evaluate::Pipeline>(registry, std::move(pipeline)));
    }
    for (const ChosenMetric& metric : choice_.metrics) {
        columns_.push_back(pipelines_[metric.giver]->metric_index(metric.metric.name));
    }
}

ScoringTally Scoring::run(CandidateList& candidates, const std::atomic<bool>& stop,
                          const std::function<void(const std::string&)>& write,
                          const std::function<void(std::size_t done)>& progress) {
    ScoringTally tally;
    write(head());
    const std::size_t part = candidates_a_worker * pipelines_.front()->slots();
    for (std::size_t first = 0; first < candidates.size() && !tally.stopped; first += part) {
        const std::size_t count = std::min(part, candidates.size() - first);
        std::vector<Row> rows(count);
        for (std::size_t giver = 0; giver < pipelines_.size() && !tally.stopped; ++giver) {
            evaluate::Pipeline& pipeline = *pipelines_[giver];
            const evaluate::Batch batch =
                pipeline.evaluate(count, candidates.source(first, pipeline.slots()), {&stop, {}});
            for (std::size_t index = 0; index < count; ++index) {
                const Evaluation& evaluation = batch.evaluations[index];
                Row& row = rows[index];
                row.metrics.resize(choice_.metrics.size(), std::nan(""));
                tally.stopped = tally.stopped || evaluation.status == Evaluation::Status::cancelled;
                if (evaluation.status != Evaluation::Status::rejected) {
                    row.hash = arch::to_text(evaluation.hash);
                }
                if (evaluation.status != Evaluation::Status::complete) {
                    row.status = std::max(row.status, evaluation.status);
                    row.reason += (row.reason.empty() ? "" : "; ") + evaluation.reason;
                }
                for (std::size_t metric = 0; metric < columns_.size(); ++metric) {
                    if (choice_.metrics[metric].giver == giver && columns_[metric] < evaluation.metrics.size()) {
                        row.metrics[metric] = evaluation.metrics[columns_[metric]];
                    }
                }
            }
        }
        if (tally.stopped) {
            break;
        }
        std::string text;
        for (std::size_t index = 0; index < count; ++index) {
            Row& row = rows[index];
            row.name = candidates.name(first + index);
            row.genome = candidates.genome(first + index);
            text += row_text(row, first + index == 0);
            ++(row.status == Evaluation::Status::complete ? tally.scored
               : row.status == Evaluation::Status::failed ? tally.failed
                                                          : tally.without);
        }
        write(text);
        progress(first + count);
    }
    if (form_ == ScoreForm::json) {
        write("]}\n");
    }
    return tally;
}

std::string Scoring::head() const {
    if (form_ == ScoreForm::json) {
        ordered_json plug_ins = ordered_json::array();
        for (std::size_t index = 0; index < choice_.plug_ins.size(); ++index) {
            const plugin::Description& description = choice_.plug_ins[index];
            ordered_json parameters = ordered_json::object();
            for (const plugin::Parameter& parameter : description.parameters) {
                const auto& given = pipelines_[index]->options().stages.front().parameters;
                const auto found = given.find(parameter.name);
                parameters[parameter.name] = found == given.end() ? parameter.default_value : found->second;
            }
            plug_ins.push_back({{"id", description.id}, {"version", description.version}, {"parameters", parameters}});
        }
        return "{\"plug_ins\":" + dump(plug_ins) + ",\"networks\":[";
    }
    std::string text = form_ == ScoreForm::csv ? "network,genome,hash,status,reason" : "network                 ";
    for (const ChosenMetric& metric : choice_.metrics) {
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

std::string Scoring::row_text(const Row& row, bool is_first) const {
    if (form_ == ScoreForm::json) {
        ordered_json metrics = ordered_json::object();
        for (std::size_t metric = 0; metric < row.metrics.size(); ++metric) {
            const double value = row.metrics[metric];
            metrics[choice_.metrics[metric].metric.name] = std::isnan(value) ? ordered_json() : ordered_json(value);
        }
        return (is_first ? "" : ",") + dump({{"network", row.name},
                                             {"genome", row.genome},
                                             {"hash", row.hash},
                                             {"status", evaluate::to_text(row.status)},
                                             {"reason", row.reason},
                                             {"metrics", metrics}});
    }
    if (form_ == ScoreForm::csv) {
        std::string text = input::csv_field(row.name) + ',' + input::csv_field(row.genome) + ',' + row.hash + ',' +
                           std::string(evaluate::to_text(row.status)) + ',' + input::csv_field(row.reason);
        for (const double value : row.metrics) {
            text += ',' + (std::isnan(value) ? std::string() : number_text(value));
        }
        return text + '\n';
    }
    char cell[64];
    std::snprintf(cell, sizeof cell, "%-24.40s", row.name.c_str());
    std::string text = cell;
    for (const double value : row.metrics) {
        if (std::isnan(value)) {
            std::snprintf(cell, sizeof cell, " %20s", "-");
        } else {
            std::snprintf(cell, sizeof cell, " %20.10g", value);
        }
        text += cell;
    }
    return text + (row.reason.empty() ? "" : "  " + row.reason) + '\n';
}

}  // namespace sotto::tools
