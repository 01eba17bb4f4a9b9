// SPDX-License-Identifier: Apache-2.0
#include "engine/run/events.hpp"

#include <array>
#include <utility>

#include "engine/run/front_files.hpp"

namespace sotto::run {
namespace {

struct Text {
    std::string operator()(const RunStarted& event) const {
        return std::string(event.resumed ? "resumed" : "started") + " in " + event.directory + ": space " +
               event.space + ", strategy " + event.strategy + ", seed " + std::to_string(event.seed) + ", " +
               std::to_string(event.budget) + " evaluations, " + std::to_string(event.threads) + " threads";
    }
    std::string operator()(const Progress& event) const {
        return std::to_string(event.evaluations) + " of " + std::to_string(event.budget) + " evaluations";
    }
    std::string operator()(const GenerationFinished& event) const {
        return "generation " + std::to_string(event.row.generation) + ": " + std::to_string(event.row.evaluations) +
               " of " + std::to_string(event.budget) + " evaluations, " + std::to_string(event.row.distinct) +
               " distinct, front of " + std::to_string(event.row.front_size) + ", hypervolume " +
               number_text(event.row.hypervolume);
    }
    std::string operator()(const CandidateFailed& event) const {
        return "candidate " + std::to_string(event.id) + " failed: " + event.reason;
    }
    std::string operator()(const Warning& event) const { return event.text; }
    std::string operator()(const RunFinished& event) const {
        static constexpr std::array<const char*, 3> outcomes = {"done", "interrupted", "failed"};
        return std::string(outcomes.at(static_cast<std::size_t>(event.outcome))) + " (" + event.reason + ") after " +
               std::to_string(event.evaluations) + " evaluations";
    }
    std::string operator()(const StageStarted& event) const {
        return "stage " + std::to_string(event.stage) + " of " + std::to_string(event.stages) + ": " + event.id +
               ", networks to score: " + std::to_string(event.networks);
    }
    std::string operator()(const FinalistScored& event) const {
        std::string text = "stage " + std::to_string(event.stage) + ": " + std::to_string(event.scored) + " of " +
                           std::to_string(event.networks) + ", candidate " + std::to_string(event.score.candidate) +
                           ' ' + std::string(evaluate::to_text(event.score.status));
        for (const auto& [metric, value] : event.score.metrics) {
            text += ", " + metric + ' ' + number_text(value);
        }
        return event.score.reason.empty() ? text : text + ": " + event.score.reason;
    }
    std::string operator()(const StageFinished& event) const {
        std::string text = "stage " + std::to_string(event.stage) + " finished, best first:";
        for (const std::uint64_t candidate : event.ranking) {
            text += ' ' + std::to_string(candidate);
        }
        return text;
    }
};

}  // namespace

std::string_view event_kind(const Event& event) {
    static constexpr std::array<std::string_view, std::variant_size_v<Event>> kinds = {
        "run_started",  "progress",      "generation_finished", "candidate_failed", "warning",
        "run_finished", "stage_started", "finalist_scored",     "stage_finished"};
    return kinds.at(event.index());
}

std::string to_text(const Event& event) {
    return std::visit(Text{}, event);
}

void EventStream::subscribe(Observer observer) {
    const std::lock_guard lock(mutex_);
    observers_.push_back(std::move(observer));
}

void EventStream::emit(const Event& event) {
    const std::lock_guard lock(mutex_);
    for (const Observer& observer : observers_) {
        observer(event);
    }
}

}  // namespace sotto::run
