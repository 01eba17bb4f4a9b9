// SPDX-License-Identifier: Apache-2.0
#include "tools/nas-run/event_lines.hpp"

#include <array>
#include <variant>

#include <nlohmann/json.hpp>

namespace sotto::tools {
namespace {

using nlohmann::ordered_json;

struct Fields {
    ordered_json& line;

    void operator()(const run::RunStarted& event) const {
        line["run_dir"] = event.directory;
        line["space"] = event.space;
        line["strategy"] = event.strategy;
        line["seed"] = event.seed;
        line["budget"] = event.budget;
        line["threads"] = event.threads;
        line["resumed"] = event.resumed;
    }
    void operator()(const run::Progress& event) const {
        line["evaluations"] = event.evaluations;
        line["budget"] = event.budget;
    }
    void operator()(const run::GenerationFinished& event) const {
        const run::StoredGeneration& row = event.row;
        line["generation"] = row.generation;
        line["evaluations"] = row.evaluations;
        line["budget"] = event.budget;
        line["distinct"] = row.distinct;
        line["front_size"] = row.front_size;
        line["hypervolume"] = row.hypervolume;
        line["seconds"] = row.seconds;
        line["candidates"] = row.candidates;
        line["cache_hits"] = row.cache_hits;
        line["rejected"] = row.rejected;
        line["constrained"] = row.constrained;
        line["unsupported"] = row.unsupported;
        line["failed"] = row.failed;
        line["candidates_per_second"] = row.candidates_per_second;
        line["operators"] = ordered_json::array();
        for (const run::StoredOperator& credit : event.operators) {
            line["operators"].push_back({{"name", credit.name},
                                         {"probability", credit.probability},
                                         {"children", credit.children},
                                         {"successes", credit.successes}});
        }
    }
    void operator()(const run::CandidateFailed& event) const {
        line["id"] = event.id;
        line["reason"] = event.reason;
    }
    void operator()(const run::Warning& event) const { line["text"] = event.text; }
    void operator()(const run::RunFinished& event) const {
        constexpr std::array<const char*, 3> outcomes = {"done", "interrupted", "failed"};
        line["outcome"] = outcomes.at(static_cast<std::size_t>(event.outcome));
        line["reason"] = event.reason;
        line["evaluations"] = event.evaluations;
        line["seconds"] = event.seconds;
    }
    void operator()(const run::StageStarted& event) const {
        line["stage"] = event.stage;
        line["stages"] = event.stages;
        line["id"] = event.id;
        line["networks"] = event.networks;
    }
    void operator()(const run::FinalistScored& event) const {
        line["stage"] = event.stage;
        line["scored"] = event.scored;
        line["networks"] = event.networks;
        line["computed"] = event.computed;
        line["id"] = event.score.candidate;
        line["hash"] = to_text(event.score.hash);
        line["status"] = std::string(evaluate::to_text(event.score.status));
        line["reason"] = event.score.reason;
        line["metrics"] = ordered_json::object();
        for (const auto& [metric, value] : event.score.metrics) {
            line["metrics"][metric] = value;
        }
    }
    void operator()(const run::StageFinished& event) const {
        line["stage"] = event.stage;
        line["ranking"] = event.ranking;
        line["seconds"] = event.seconds;
    }
};

}  // namespace

std::string to_json_line(const run::Event& event) {
    ordered_json line = {{"event", std::string(run::event_kind(event))}};
    std::visit(Fields{line}, event);
    // What a plug-in says may be no UTF-8: better a mark in the text than no line.
    return line.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace sotto::tools
