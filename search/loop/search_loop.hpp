// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/evaluate/pipeline.hpp"
#include "engine/plugin/registry.hpp"
#include "engine/run/events.hpp"
#include "engine/run/store.hpp"
#include "search/loop/candidate_stopped.hpp"
#include "search/loop/front.hpp"
#include "search/loop/run_configuration.hpp"
#include "search/loop/space_source.hpp"
#include "search/space/space.hpp"
#include "search/strategy/strategy.hpp"

namespace sotto::search {

/// Why a run ended.
enum class Ending : std::uint8_t {
    budget_used,
    space_exhausted,  ///< the strategy has no further candidate
    stopped,          ///< asked to; every candidate that was done is in the store
};

/// What became of candidates. A function of the configuration, whatever was recalled.
struct Tally {
    std::uint64_t candidates = 0;
    std::uint64_t cache_hits = 0;   ///< gave a network that the run had asked for before
    std::uint64_t rejected = 0;     ///< gave no network
    std::uint64_t constrained = 0;  ///< broke a hard limit
    std::uint64_t unsupported = 0;
    std::uint64_t failed = 0;
    std::string first_unsupported;  ///< why the first of the unsupported is; empty where there is none
};

/// What a plug-in had to do in this session.
struct StageWork {
    std::string id;
    std::uint64_t candidates = 0;  ///< it was given: those that no limit on a cheaper metric refused
};

struct LoopResult {
    Ending ending = Ending::budget_used;
    std::uint64_t evaluations = 0;  ///< candidates evaluated
    std::uint64_t distinct = 0;     ///< different networks among them
    Tally tally;
    std::uint64_t computed = 0;     ///< networks evaluated in this session; the others were known
    std::vector<StageWork> stages;  ///< in the order they run
    std::uint32_t generations = 0;  ///< begun; the budget may have ended within the last
    double hypervolume = 0;         ///< in units of the baseline (hypervolume_scale)
    double seconds = 0;             ///< of all sessions of this run
    std::vector<Member> front;      ///< by the first objective as minimised, then the others
};

/// The baseline could not be evaluated, so that there is nothing to compare a front with. The text says why.
class BaselineError : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The search: asks the strategy, evaluates, stores every candidate as soon as it is done, keeps the front, tells the
/// strategy. A function of the configuration alone: threads, interruptions and what the store already holds change
/// nothing but the time it takes.
///
/// A run is resumed by running it again from the start on its store: what the store knows is recalled, not evaluated.
/// The strategy is always asked for whole generations. Where the budget ends within one, its first candidates are
/// evaluated, may be on the front, and the strategy is not told: a run with a larger budget goes through the same
/// candidates and further.
///
/// Belongs to one thread. Writes nothing to the terminal.
class SearchLoop {
  public:
    /// Makes the plug-ins. `threads`: workers, 0 for one per processor. `configuration` and `registry` must outlive the
    /// loop. Throws input::InputError and
    /// plugin::PluginError as evaluate::Pipeline does.
    SearchLoop(const RunConfiguration& configuration, plugin::Registry& registry, std::size_t threads);
    ~SearchLoop();
    SearchLoop(const SearchLoop&) = delete;
    SearchLoop& operator=(const SearchLoop&) = delete;

    std::span<const plugin::Metric> metrics() const noexcept;
    std::size_t column(std::size_t objective) const { return columns_[objective]; }
    std::size_t threads() const noexcept;

    /// Takes over the evaluations that the store holds. Call before anything is evaluated; the store must outlive the
    /// loop. Throws run::RunError where its metrics are not those of this run.
    void attach(run::Store& store);

    /// Evaluates the space's baseline, without the constraints, and fixes the hypervolume's reference point. False
    /// where `stop` was set first. Throws BaselineError where it has no score, unless the configuration names the
    /// reference. Call once, after attach, before search.
    bool evaluate_baseline(const std::atomic<bool>& stop);

    const std::optional<Member>& baseline() const noexcept { return baseline_; }
    /// The reference point in the objectives' own units.
    const std::vector<double>& reference() const noexcept { return reference_; }

    /// Runs until the budget is used or `stop` is set; then finishes the candidates in flight. Emits Progress,
    /// GenerationFinished, CandidateFailed, and a Warning for each objective whose metric declares no better way.
    /// Throws CandidateStopped, run::RunError (nothing can be stored any more), NoValidGenome.
    LoopResult search(run::EventStream& events, const std::atomic<bool>& stop);

    /// What is known after an exception of search: the front so far.
    LoopResult result_so_far();

  private:
    struct Progress;

    evaluate::Evaluation evaluate_alone(evaluate::Pipeline& pipeline, const Genome& genome,
                                        const std::atomic<bool>& stop);
    evaluate::Batch evaluate_generation(const Strategy& strategy, std::span<const Genome> genomes,
                                        run::EventStream& events, const std::atomic<bool>& stop);
    void warn_of_objectives(run::EventStream& events) const;
    void offer(std::span<const Genome> genomes, const evaluate::Batch& batch);
    void count(const evaluate::Batch& batch);
    std::vector<Outcome> outcomes(const evaluate::Batch& batch) const;
    double hypervolume();
    void finish_generation(std::uint32_t generation, std::uint64_t candidates,
                           std::vector<run::StoredOperator> operators, run::EventStream& events);

    const RunConfiguration& configuration_;
    plugin::Registry& registry_;
    evaluate::Pipeline pipeline_;
    std::vector<std::size_t> columns_;  // of the objectives, in metrics()
    SpaceSource source_;
    run::Store* store_ = nullptr;
    std::optional<Member> baseline_;
    std::vector<double> reference_;
    std::unique_ptr<Progress> progress_;
};

}  // namespace sotto::search
