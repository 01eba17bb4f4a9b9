// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-predict/scoring.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/arch/canonical_hash.hpp"
#include "engine/input/input_error.hpp"

namespace sotto::tools {
namespace {

using evaluate::Evaluation;

// Long enough that workers rarely wait for the last of a part, short enough that results come soon.
constexpr std::size_t candidates_a_worker = 16;

}  // namespace

Scoring::Scoring(plugin::Registry& registry, MetricChoice choice, const ScoringOptions& options)
    : choice_(std::move(choice)) {
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
                 {},
                 options.isolation ? options.isolation(description.library) : plugin::Isolation()});
        }
        pipelines_.push_back(std::make_unique<evaluate::Pipeline>(registry, std::move(pipeline)));
    }
    for (const ChosenMetric& metric : choice_.metrics) {
        columns_.push_back(pipelines_[metric.giver]->metric_index(metric.metric.name));
    }
}

const std::map<std::string, std::string>& Scoring::parameters(std::size_t plug_in) const {
    return pipelines_[plug_in]->options().stages.front().parameters;
}

ScoringTally Scoring::run(CandidateList& candidates, const std::atomic<bool>& stop,
                          const std::function<void(const std::vector<ScoredCandidate>&)>& take) {
    ScoringTally tally;
    const std::size_t part_size = candidates_a_worker * pipelines_.front()->slots();
    for (std::size_t first = 0; first < candidates.size(); first += part_size) {
        std::vector<ScoredCandidate> part(std::min(part_size, candidates.size() - first));
        for (std::size_t index = 0; index < part.size(); ++index) {
            part[index].index = first + index;
            part[index].metrics.resize(choice_.metrics.size(), std::nan(""));
        }
        for (std::size_t giver = 0; giver < pipelines_.size(); ++giver) {
            if (!score(candidates, giver, part, stop)) {
                tally.stopped = true;
                return tally;
            }
        }
        for (const ScoredCandidate& candidate : part) {
            ++(candidate.status == Evaluation::Status::complete ? tally.scored
               : candidate.status == Evaluation::Status::failed ? tally.failed
                                                                : tally.without);
        }
        take(part);
    }
    return tally;
}

/// A genome that gives no network does so for every plug-in; what one plug-in says is told from what others say.
void Scoring::add_reason(ScoredCandidate& candidate, std::size_t giver, const Evaluation& evaluation) const {
    // A failure's text begins with the plug-in's name already.
    const bool takes_name = evaluation.status == Evaluation::Status::unsupported && choice_.plug_ins.size() > 1 &&
                            giver < choice_.plug_ins.size();
    const std::string reason = (takes_name ? choice_.plug_ins[giver].id + ": " : "") + evaluation.reason;
    if (evaluation.status != Evaluation::Status::rejected || candidate.reason.empty()) {
        candidate.reason += (candidate.reason.empty() ? "" : "; ") + reason;
    }
}

/// Whether all of the part was done.
bool Scoring::score(CandidateList& candidates, std::size_t giver, std::vector<ScoredCandidate>& part,
                    const std::atomic<bool>& stop) {
    evaluate::Pipeline& pipeline = *pipelines_[giver];
    const evaluate::Batch batch =
        pipeline.evaluate(part.size(), candidates.source(part.front().index, pipeline.slots()), {&stop, {}});
    for (std::size_t index = 0; index < part.size(); ++index) {
        const Evaluation& evaluation = batch.evaluations[index];
        ScoredCandidate& candidate = part[index];
        if (evaluation.status == Evaluation::Status::cancelled) {
            return false;
        }
        if (evaluation.status != Evaluation::Status::rejected) {
            candidate.hash = arch::to_text(evaluation.hash);
        }
        if (evaluation.status != Evaluation::Status::complete) {
            candidate.status = std::max(candidate.status, evaluation.status);
            add_reason(candidate, giver, evaluation);
        }
        for (std::size_t metric = 0; metric < columns_.size(); ++metric) {
            if (choice_.metrics[metric].giver == giver && columns_[metric] < evaluation.metrics.size()) {
                candidate.metrics[metric] = evaluation.metrics[columns_[metric]];
            }
        }
    }
    return true;
}

}  // namespace sotto::tools
