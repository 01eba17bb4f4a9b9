// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/run/stored_generation.hpp"
#include "engine/run/stored_stage_score.hpp"

namespace sotto::run {

struct RunStarted {
    std::string directory;
    std::string space;
    std::string strategy;
    std::uint64_t seed = 0;
    std::uint64_t budget = 0;  ///< candidates to evaluate
    std::size_t threads = 0;
    bool resumed = false;
};

/// Some candidates more are done: for a progress bar. Not stored.
struct Progress {
    std::uint64_t evaluations = 0;  ///< so far
    std::uint64_t budget = 0;
};

struct GenerationFinished {
    StoredGeneration row;
    std::uint64_t budget = 0;
    std::vector<StoredOperator> operators;  ///< empty where the strategy has none that adapt
};

struct CandidateFailed {
    std::uint64_t id = 0;
    std::string reason;  ///< names the plug-in
};

struct Warning {
    std::string text;
};

struct RunFinished {
    enum class Outcome : std::uint8_t { done, interrupted, failed };

    Outcome outcome = Outcome::done;
    std::string reason;  ///< why it ended: `budget used`, `time limit`, `SIGINT`, ...
    std::uint64_t evaluations = 0;
    double seconds = 0;
};

/// A stage behind the search begins.
struct StageStarted {
    std::uint32_t stage = 0;     ///< 1, 2, ...
    std::uint32_t stages = 0;    ///< how many there are
    std::string id;              ///< of its plug-in
    std::uint64_t networks = 0;  ///< that it scores, the baseline included
};

/// A stage knows one network more.
struct FinalistScored {
    std::uint32_t stage = 0;
    std::uint64_t scored = 0;    ///< networks of this stage so far
    std::uint64_t networks = 0;  ///< of this stage
    bool computed = false;       ///< now; else it stood in the store
    StoredStageScore score;
};

struct StageFinished {
    std::uint32_t stage = 0;
    std::vector<std::uint64_t>
        ranking;  ///< the candidates that have a score, best first; the baseline is not among them
    double seconds = 0;
};

using Event = std::variant<RunStarted, Progress, GenerationFinished, CandidateFailed, Warning, RunFinished,
                           StageStarted, FinalistScored, StageFinished>;

/// `run_started`, `progress`, `generation_finished`, `candidate_failed`, `warning`, `run_finished`, `stage_started`,
/// `finalist_scored`, `stage_finished`.
std::string_view event_kind(const Event& event);

/// One line for a log or the table `events`.
std::string to_text(const Event& event);

/// What a program hears of a run. Libraries emit, programs subscribe and decide what to show.
class EventStream {
  public:
    using Observer = std::function<void(const Event&)>;

    /// Observers are called in the order they subscribed, one event at a time. They may not use the stream.
    void subscribe(Observer observer);

    /// From any thread.
    void emit(const Event& event);

  private:
    std::mutex mutex_;
    std::vector<Observer> observers_;
};

}  // namespace sotto::run
