// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/arch/canonical_hash.hpp"
#include "engine/evaluate/pipeline.hpp"
#include "engine/plugin/registry.hpp"
#include "engine/run/events.hpp"
#include "engine/run/store.hpp"
#include "search/loop/candidate_stopped.hpp"
#include "search/loop/front.hpp"
#include "search/loop/front_spread.hpp"
#include "search/loop/run_configuration.hpp"

namespace sotto::search {

/// A network that the stages score.
struct Finalist {
    Member member;
    arch::CanonicalHash hash;
    /// Of the stages it reached, in their order. The metrics are those of the stage's plug-in in its order, empty where
    /// it has no score.
    std::vector<evaluate::Evaluation> scores;
};

struct HalvingResult {
    bool complete = false;                ///< every stage ran to its end
    std::optional<Finalist> baseline;     ///< where the space has one
    std::vector<Finalist> finalists;      ///< best first: those that got further, then by the order of their last stage
    std::vector<std::uint64_t> computed;  ///< by stage begun: networks scored in this session, the others were known
    double seconds = 0;                   ///< wall time of all stages in all sessions of this run
};

/// HalvingResult::seconds as far as the store holds it: of sessions that scored something. Throws run::RunError where
/// what it holds is no time.
double stored_stage_seconds(const run::Store& store);

/// Successive halving (Jamieson and Talwalkar, "Non-stochastic best arm identification and hyperparameter
/// optimization", AISTATS 2016) over the finalists of a run. The first stage scores some members of the front, well
/// spread over those that keep the limits (spread_members); each further stage the best of the one before
/// (halving_order, by its metric and those objectives of the search that are costs: metrics of the cost model and
/// counts). The baseline is scored by every stage, besides.
///
/// What a stage finds is stored at once and recalled where the store holds it. A function of the configuration and the
/// front: threads and interruptions change nothing. Belongs to one thread. Writes nothing to the terminal.
class SuccessiveHalving {
  public:
    /// `metrics`: what members of the front hold. `state_root`: where plug-ins that go on with what they began are
    /// given a directory of their own, `state_root/ID`. All but the numbers must outlive the object.
    SuccessiveHalving(const RunConfiguration& configuration, plugin::Registry& registry,
                      std::span<const plugin::Metric> metrics, std::size_t threads, std::filesystem::path state_root);

    /// Makes each plug-in of the stages once and lets it go, so that what is wrong with it or its parameters is told
    /// before hours of searching. Throws input::InputError and plugin::PluginError as evaluate::Pipeline does.
    static void try_plugins(const RunConfiguration& configuration, plugin::Registry& registry);

    /// Throws BaselineError where a limit of the stages is relative to a baseline that has no score.
    static void require_baseline(const RunConfiguration& configuration, const std::optional<Member>& baseline);

    /// Runs all stages, or until `stop` is set. Emits StageStarted, FinalistScored and StageFinished, and a Warning
    /// where no member of the front keeps the limits. Throws CandidateStopped, run::RunError. Call once.
    void run(std::span<const Member> front, const std::optional<Member>& baseline, run::Store& store,
             run::EventStream& events, const std::atomic<bool>& stop);

    /// What is known; after an exception of run as well.
    const HalvingResult& result() const noexcept { return result_; }

  private:
    bool run_stages(run::Store& store, run::EventStream& events, const std::atomic<bool>& stop);
    double seconds() const;
    void choose_finalists(std::span<const Member> front, const std::optional<Member>& baseline,
                          run::EventStream& events);
    std::vector<const Member*> within_limits(std::span<const Member> front,
                                             const std::optional<Member>& baseline) const;
    Finalist finalist_of(const Member& member) const;
    bool run_stage(std::size_t stage, run::Store& store, run::EventStream& events, const std::atomic<bool>& stop);
    evaluate::Batch score(std::size_t stage, const std::vector<Finalist*>& networks, run::Store& store,
                          run::EventStream& events, const std::atomic<bool>& stop);
    void rank(std::size_t stage);

    const RunConfiguration& configuration_;
    plugin::Registry& registry_;
    std::span<const plugin::Metric> metrics_;
    std::size_t threads_;
    std::filesystem::path state_root_;
    ObjectiveRoles roles_;
    HalvingResult result_;
    std::chrono::steady_clock::time_point begin_;
    double seconds_before_ = 0;  // of earlier sessions
    std::size_t reached_ = 0;    // finalists [0, reached_) are those of the stage in work
};

}  // namespace sotto::search
