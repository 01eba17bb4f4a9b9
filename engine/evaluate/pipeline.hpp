// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "engine/arch/canonical_hash.hpp"
#include "engine/arch/network.hpp"
#include "engine/evaluate/evaluation.hpp"
#include "engine/input/input_error.hpp"
#include "engine/plugin/description.hpp"
#include "engine/plugin/registry.hpp"

namespace sotto::evaluate {

/// A plug-in to run on every candidate.
struct Stage {
    plugin::Kind kind = plugin::Kind::cost_model;
    std::string id;
    std::map<std::string, std::string> parameters;
    input::SourceLocation location;  ///< where a person asked for it; empty: not in a file
    plugin::Isolation isolation{};   ///< whether it runs in processes of its own, one per worker
};

/// A hard limit on a metric. A candidate that breaks it is `constrained`, and later stages do not run on it.
struct Limit {
    std::string metric;
    std::optional<double> least;
    std::optional<double> most;
    input::SourceLocation location;
};

/// What happens when a plug-in breaks its contract.
enum class ErrorPolicy : std::uint8_t {
    stop,      ///< evaluate() throws EvaluationStopped
    skip,      ///< the candidate is `failed` and has no score
    penalise,  ///< the candidate is `failed`, with Evaluation::worst_case set
};

/// `stop`, `skip`, `penalise`, in the order of the enumeration.
std::span<const std::string_view> error_policy_names();

struct PipelineOptions {
    std::vector<Stage> stages;
    std::vector<Limit> limits;
    std::string lowering_profile = "athos-cheetah";
    ErrorPolicy on_error = ErrorPolicy::stop;
    std::size_t threads = 0;                         ///< workers; 0: as many as the machine has
    std::uint64_t seed = 1;                          ///< of the run
    std::size_t cache_capacity = 1U << 16U;          ///< evaluations remembered
    std::size_t batch_size = 128;                    ///< most candidates a cheap plug-in is given in one call
    double costly_from_us = plugin::costly_from_us;  ///< plug-ins at least this costly get one candidate per call
};

/// How an evaluation came about.
enum class Origin : std::uint8_t {
    computed,   ///< the stages ran
    recalled,   ///< known from an earlier batch, preload or recall
    duplicate,  ///< the same network as a candidate with a lower index of this batch
    none,       ///< rejected or cancelled
};

/// What evaluate() gives back, by candidate index.
struct Batch {
    std::vector<Evaluation> evaluations;
    std::vector<Origin> origins;
};

/// Totals since the pipeline was made. Do not depend on the number of threads. `computed` and `recalled` depend on what
/// the pipeline remembers (cache capacity, preload); `asked`, `rejected` and `distinct` do not.
struct Counters {
    std::uint64_t asked = 0;  ///< candidates answered, cancelled ones not counted
    std::uint64_t computed = 0;
    std::uint64_t recalled = 0;
    std::uint64_t duplicates = 0;
    std::uint64_t rejected = 0;
    std::uint64_t distinct = 0;  ///< different networks among those asked
};

/// Candidate `index` as a network, valid until the next call with the same slot; or null and the reason in `rejection`.
/// Called once per index, from worker threads: calls with different slots may run at once, calls with one slot never
/// do. `slot` < Pipeline::slots(): the place for a decoder and other scratch. May throw: evaluate() then stops and
/// throws the same.
using Source = std::function<const arch::Network*(std::size_t index, std::size_t slot, std::string& rejection)>;

struct EvaluateOptions {
    /// Set from any thread or a signal handler: candidates not begun become `cancelled`, those in flight finish (a
    /// plug-in that asks the host gives up sooner). Null: cannot be cancelled.
    const std::atomic<bool>* cancel = nullptr;
    /// Called once for every candidate that is not cancelled, as soon as it is done, from worker threads and from the
    /// calling one, several at once. May throw: evaluate() then stops and throws the same.
    std::function<void(std::size_t index, const Evaluation& evaluation, Origin origin)> on_finished;
};

/// Thrown under ErrorPolicy::stop. The text names plug-in, candidate and reason. Candidates that were done before are
/// in finished(), the others are `cancelled` there (the failed one is `failed`); on_finished saw those that are done.
class EvaluationStopped : public std::runtime_error {
  public:
    EvaluationStopped(std::size_t index, const std::string& reason, std::shared_ptr<const Batch> finished);

    std::size_t index() const noexcept { return index_; }
    const Batch& finished() const noexcept { return *finished_; }

  private:
    std::size_t index_;
    std::shared_ptr<const Batch> finished_;
};

/// The seed that plug-ins are given for a candidate: a function of the run's seed and the network alone (one
/// Philox4x32-10 block, the hash encrypted under the seed).
std::uint64_t candidate_seed(std::uint64_t run_seed, const arch::CanonicalHash& hash);

struct PipelineState;

/// Evaluates candidates: counts, then the stages, cheapest first, each limit checked as soon as its metric is known, on
/// `threads` workers. Every result is a function of the networks and the options, the same for 1 worker and N. What is
/// kept beyond a call: a bounded cache and some 40 bytes for each distinct network.
///
/// Belongs to one thread (the workers are its own); only is-const functions without arguments may run beside
/// evaluate().
class Pipeline {
  public:
    /// Creates the plug-ins: one instance per worker at thread level `instance`, else one; no two calls at once into
    /// one library at level `none`. The registry must outlive the pipeline. Throws input::InputError for an unknown
    /// plug-in, parameter, metric or profile, for two metrics of one name, and for a limit whose least is over its
    /// most; plugin::PluginError for a plug-in of unknown place that cannot be made.
    Pipeline(plugin::Registry& registry, PipelineOptions options);
    ~Pipeline();
    Pipeline(const Pipeline&) = delete;
    Pipeline& operator=(const Pipeline&) = delete;

    const PipelineOptions& options() const noexcept;

    /// The stages as they run.
    std::span<const plugin::Description> stages() const noexcept;

    /// What Evaluation::metrics holds: `params`, `macs`, `relus`, `comparisons` (arch::Counts), then the metrics of the
    /// stages in the order they run.
    std::span<const plugin::Metric> metrics() const noexcept;

    /// Index into metrics(). Throws input::InputError naming the nearest metric, at `location`.
    std::size_t metric_index(std::string_view name, const input::SourceLocation& location = {}) const;

    /// Number of workers; slots are 0 .. slots() - 1.
    std::size_t slots() const noexcept;

    /// Evaluates candidates 0 .. count - 1. A network that stands twice is evaluated once, under the lower index.
    Batch evaluate(std::size_t count, const Source& source, const EvaluateOptions& options = {});

    /// Calls body(item) once for every item 0 .. count - 1 on the workers, in any order, and waits: for other work of
    /// the caller between two calls of evaluate(). May throw: of several exceptions, that of the lowest item is
    /// rethrown.
    void run_on_workers(std::size_t count, const std::function<void(std::size_t item)>& body);

    /// Puts a known evaluation into the cache (within its capacity), without counting it as asked. Its metrics are in
    /// the order of metrics(); throws std::invalid_argument for another count.
    void preload(const Evaluation& evaluation);

    /// Where evaluations beyond the cache are looked up (a run's store): fills `evaluation` and returns true where
    /// `hash` is known. Called from the thread that calls evaluate(). Under ErrorPolicy::stop a recalled failure is
    /// evaluated again.
    void set_recall(std::function<bool(const arch::CanonicalHash& hash, Evaluation& evaluation)> recall);

    Counters counters() const noexcept;

    /// How many candidates stage `stage` of stages() was given: fewer than were computed where limits on cheaper
    /// metrics refused some.
    std::uint64_t scored_by(std::size_t stage) const;

  private:
    std::unique_ptr<PipelineState> state_;
};

}  // namespace sotto::evaluate
