// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/arch/canonical_hash.hpp"
#include "engine/evaluate/evaluation.hpp"
#include "engine/run/run_error.hpp"
#include "engine/run/stored_generation.hpp"
#include "engine/run/stored_stage_score.hpp"

namespace sotto::run {

/// Version of the tables (SQLite's user_version); another one is refused.
inline constexpr int schema_version = 2;

struct StoredMetric {
    std::string name;
    std::string unit;

    friend bool operator==(const StoredMetric&, const StoredMetric&) = default;
};

/// One genome that the search asked for. The hash is missing where it gave no network.
struct StoredCandidate {
    std::uint64_t id = 0;  ///< 1, 2, ... in the order asked
    std::uint32_t generation = 0;
    std::uint32_t index = 0;  ///< within the generation
    std::string genome;       ///< `choice=value ...`
    std::optional<arch::CanonicalHash> hash;
    std::string source;     ///< how it came up: `baseline`, `initial`, `child`, ...
    std::string rejection;  ///< why it gave no network; append() takes it from the evaluation
};

/// Why a network has no complete evaluation, or a candidate no network. Views are valid until the call returns.
struct StoredShortfall {
    std::string_view status;  ///< of the evaluation, or `rejected`
    std::string_view reason;
    std::string_view key;  ///< the network's hash, or the candidate's id
};

struct StoredEvent {
    std::string time;  ///< UTC, `2026-01-31T12:00:00.123Z`; filled in by append_event
    std::string kind;
    std::string text;
};

/// The database of a run, `run.db` (SQLite; tables in docs/formats.md). Written in transactions to a write-ahead log: a
/// process that is killed at any instant leaves everything that was committed, readable. append() commits at once where
/// commits cost under a tenth of the time, else several together (candidates that cost milliseconds: at once; those
/// that cost microseconds: some tens together).
///
/// Every function throws RunError with path and reason (disk full, read only, damaged). -0 reads back as 0,
/// every other double as it was. After a failed write the store
/// refuses further writes with the same error; what was committed stays. Functions may be called from any thread.
class Store {
  public:
    /// A new database; refuses a file that exists. `information`: versions, seed, config text, ... (any keys). Metric
    /// names become columns of the table `evaluations`.
    static Store create(const std::filesystem::path& path, const std::map<std::string, std::string>& information,
                        std::vector<StoredMetric> metrics);

    /// An existing one, checked: that it is a run's database, its schema version (found and expected), its integrity.
    enum class Access : std::uint8_t { read_write, read_only };
    static Store open(const std::filesystem::path& path, Access access = Access::read_write);

    Store(Store&&) noexcept;
    Store& operator=(Store&&) noexcept;
    /// Commits what is left; an error there is lost, so call flush() first.
    ~Store();

    // Writing.

    /// A candidate with its evaluation (null: none). Of a `rejected` one the reason is kept with the candidate.
    /// Candidates and evaluations that are there already stay as they are, but an evaluation replaces a `failed` one.
    /// Throws RunError where the candidate stored under this id has another genome (the run is being resumed with
    /// something changed). `cancelled` evaluations are a programmer's error.
    void append(const StoredCandidate& candidate, const evaluate::Evaluation* evaluation);

    /// Writes or replaces the generation's row and those of its operators, and commits.
    void finish_generation(const StoredGeneration& generation, std::span<const StoredOperator> operators = {});

    /// Commits. A score that is there already stays, but a `failed` one is replaced.
    void append_stage_score(const StoredStageScore& score);

    /// Commits.
    void append_event(std::string_view kind, std::string_view text);

    /// Adds to or replaces information. Commits.
    void set_information(const std::string& key, const std::string& value);

    void flush();

    // Reading; sees what was appended.

    /// Of the database's file, as it was given.
    const std::filesystem::path& path() const noexcept;
    std::map<std::string, std::string> information() const;
    const std::vector<StoredMetric>& metrics() const noexcept;

    /// Throws RunError naming the first metric that differs, found and expected.
    void require_metrics(std::span<const StoredMetric> expected) const;

    /// The evaluation of a network, metrics in the order of metrics().
    bool find(const arch::CanonicalHash& hash, evaluate::Evaluation& evaluation) const;

    /// Calls `each` for every evaluation, in ascending order of the hash. `each` may not use the store.
    void for_each_evaluation(const std::function<void(const evaluate::Evaluation&)>& each) const;

    /// Calls `each` for every candidate whose evaluation is complete, by id, with those of metrics() that `columns`
    /// names. `each` may not use the store.
    void for_each_complete(std::span<const std::size_t> columns,
                           const std::function<void(std::uint64_t id, std::span<const double> values)>& each) const;

    /// Calls `each` for complete evaluations, at most `most`, with those of metrics() that `columns` names: by the
    /// hash, which spreads evenly, so that they are as good as drawn from all. `each` may not use the store.
    void sample_complete(std::span<const std::size_t> columns, std::size_t most,
                         const std::function<void(std::span<const double> values)>& each) const;

    /// Calls `each` for every evaluation that is not complete, by hash, and for every candidate that gave no network,
    /// by id. `each` may not use the store.
    void for_each_shortfall(const std::function<void(const StoredShortfall&)>& each) const;

    std::vector<StoredCandidate> candidates() const;                        ///< by id
    std::vector<StoredGeneration> generations() const;                      ///< by number
    std::vector<StoredOperator> operators(std::uint32_t generation) const;  ///< in the order given
    std::vector<StoredEvent> events() const;                                ///< in the order written
    std::optional<StoredStageScore> stage_score(const std::string& stage, const arch::CanonicalHash& hash) const;
    std::vector<StoredStageScore> stage_scores() const;  ///< by stage, then hash
    std::uint64_t evaluation_count() const;
    std::uint64_t candidate_count() const;

  private:
    struct State;
    explicit Store(std::unique_ptr<State> state);
    std::unique_ptr<State> state_;
};

}  // namespace sotto::run
