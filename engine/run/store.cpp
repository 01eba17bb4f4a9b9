// SPDX-License-Identifier: Apache-2.0
#include "engine/run/store.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <mutex>
#include <sstream>
#include <string>
#include <system_error>
#include <utility>

#include <SQLiteCpp/SQLiteCpp.h>

#include "engine/run/file_io.hpp"
#include "engine/run/store_rows.hpp"
#include "engine/run/store_schema.hpp"
#include "engine/run/store_stage_scores.hpp"

namespace sotto::run {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int busy_timeout_ms = 5000;
constexpr const char* partial_suffix = ".partial";

// Commits may take this part of the time while candidates are appended, and are never further apart than this.
constexpr int commit_share = 10;
constexpr std::chrono::milliseconds longest_wait{500};

std::string utc_now() {
    const auto now = std::chrono::system_clock::now();
    const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
    const auto milliseconds =
        std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
    std::tm parts{};
    ::gmtime_r(&seconds, &parts);
    std::array<char, 40> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    const std::string fraction = std::to_string(1000 + milliseconds);
    return text.data() + ('.' + fraction.substr(1)) + 'Z';
}

// The first words of two texts that differ: genomes are long.
std::pair<std::string, std::string> first_difference(const std::string& left, const std::string& right) {
    std::istringstream left_words(left);
    std::istringstream right_words(right);
    std::string of_left;
    std::string of_right;
    do {
        of_left.clear();
        of_right.clear();
        left_words >> of_left;
        right_words >> of_right;
    } while (of_left == of_right && !of_left.empty());
    return {of_left, of_right};
}

}  // namespace

struct Store::State {
    explicit State(std::filesystem::path file) : path(std::move(file)) {}

    // Turns what SQLite throws into a RunError.
    template <typename Function>
    auto guarded(const char* what, Function&& function) const {
        errno = 0;
        try {
            return function();
        } catch (const RunError&) {
            throw;
        } catch (const SQLite::Exception& error) {
            // SQLite says "disk I/O error" where the system knew more; its own record of that is not always filled in.
            const int system_error = errno;
            std::string reason = error.what();
            if (system_error != 0 &&
                (error.getErrorCode() == SQLITE_IOERR || error.getErrorCode() == SQLITE_CANTOPEN)) {
                reason += " (" + std::generic_category().message(system_error) + ')';
            }
            throw RunError(path, std::string(what) + ": " + reason);
        } catch (const std::exception& error) {
            throw RunError(path, std::string(what) + ": " + error.what());
        }
    }

    void open(const std::filesystem::path& file, int flags) {
        guarded("cannot be opened",
                [&] { database = std::make_unique<SQLite::Database>(file.string(), flags, busy_timeout_ms); });
    }

    template <typename Function>
    auto reading(Function&& function) const {
        const std::lock_guard lock(mutex);
        return guarded("cannot be read", std::forward<Function>(function));
    }

    std::uint64_t count(const char* table) const {
        return reading([&] {
            return static_cast<std::uint64_t>(
                database->execAndGet(std::string("SELECT count(*) FROM ") + table).getInt64());
        });
    }

    // Runs `function` inside the open transaction.
    template <typename Function>
    void writing(Function&& function) {
        const std::lock_guard lock(mutex);
        if (failed) {
            throw RunError(*failed);
        }
        try {
            guarded("cannot be written", [&] {
                if (!in_transaction) {
                    database->exec("BEGIN IMMEDIATE");
                    in_transaction = true;
                }
                function();
            });
        } catch (const RunError& error) {
            give_up(error);
            throw;
        }
    }

    void give_up(const RunError& error) {
        failed = error;
        if (in_transaction && sqlite3_get_autocommit(database->getHandle()) == 0) {
            database->tryExec("ROLLBACK");
        }
        in_transaction = false;
    }

    // Called with the mutex held, inside guarded().
    void commit() {
        if (!in_transaction) {
            return;
        }
        const Clock::time_point begin = Clock::now();
        database->exec("COMMIT");
        in_transaction = false;
        last_commit = Clock::now();
        commit_cost = (4 * commit_cost + (last_commit - begin)) / 5;
    }

    void commit_if_due() {
        if (Clock::now() - last_commit >= std::min<Clock::duration>(commit_share * commit_cost, longest_wait)) {
            commit();
        }
    }

    void prepare() {
        guarded("cannot be read", [&] {
            metrics = read_metrics(*database);
            select_evaluation.emplace(*database, select_evaluation_sql(metrics) + " WHERE hash = ?");
        });
    }

    void prepare_writing() {
        guarded("cannot be written", [&] {
            database->exec("PRAGMA journal_mode = WAL");
            // Commits reach the system, which keeps them when the process is killed; they are flushed to the disk at
            // checkpoints. A loss of power can so take the last commits, never the database, and a resumed run computes
            // them again. Flushing each would cost more than evaluating a candidate.
            database->exec("PRAGMA synchronous = NORMAL");
            database->exec("PRAGMA cache_size = -16384");
            create_stage_tables(*database);
            insert_evaluation.emplace(*database, insert_evaluation_sql(metrics));
            insert_candidate.emplace(*database, insert_candidate_sql);
            select_genome.emplace(*database, "SELECT genome FROM candidates WHERE id = ?");
        });
    }

    void close_statements() {
        insert_evaluation.reset();
        insert_candidate.reset();
        select_genome.reset();
        select_evaluation.reset();
    }

    std::filesystem::path path;
    mutable std::mutex mutex;
    std::unique_ptr<SQLite::Database> database;
    std::vector<StoredMetric> metrics;
    std::optional<SQLite::Statement> insert_evaluation;
    std::optional<SQLite::Statement> insert_candidate;
    std::optional<SQLite::Statement> select_genome;
    std::optional<SQLite::Statement> select_evaluation;
    bool in_transaction = false;
    std::optional<RunError> failed;
    Clock::time_point last_commit = Clock::now();
    Clock::duration commit_cost{};
};

Store::Store(std::unique_ptr<State> state) : state_(std::move(state)) {}

Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;

Store::~Store() {
    if (state_ && state_->insert_evaluation) {
        if (state_->in_transaction) {
            state_->database->tryExec("COMMIT");
        }
        // A run that ended well is one plain file, which can be read where nothing can be written.
        state_->close_statements();
        state_->database->tryExec("PRAGMA journal_mode = DELETE");
    }
}

Store Store::create(const std::filesystem::path& path, const std::map<std::string, std::string>& information,
                    std::vector<StoredMetric> metrics) {
    std::error_code error;
    if (std::filesystem::exists(path, error)) {
        throw RunError(path, "the file exists already");
    }
    // Under its name once it is whole: a database that is there can be resumed, whenever the process was killed or the
    // power went.
    std::filesystem::path partial = path;
    partial += partial_suffix;
    std::filesystem::remove(partial, error);
    {
        State making(path);
        making.open(partial, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE);
        making.guarded("cannot be written", [&] {
            // What a killed process left half done must not be rolled back into this.
            making.database->exec("PRAGMA journal_mode = MEMORY");
            SQLite::Transaction transaction(*making.database);
            create_tables(*making.database, path, metrics);
            SQLite::Statement insert(*making.database, "INSERT INTO information VALUES (?, ?)");
            for (const auto& [key, value] : information) {
                insert.bind(1, key);
                insert.bind(2, value);
                insert.exec();
                insert.reset();
            }
            transaction.commit();
        });
    }
    std::filesystem::rename(partial, path, error);
    if (error) {
        throw RunError(path, with_reason("cannot be written", error.value()));
    }
    flush_directory(path.parent_path());
    return open(path);
}

Store Store::open(const std::filesystem::path& path, Access access) {
    std::error_code error;
    if (!std::filesystem::exists(path, error)) {
        throw RunError(path, "there is no such file");
    }
    const bool writes = access == Access::read_write;
    auto state = std::make_unique<State>(path);
    state->open(path, writes ? SQLite::OPEN_READWRITE : SQLite::OPEN_READONLY);
    state->guarded("not a readable run database", [&] { check_database(*state->database, path); });
    state->prepare();
    if (writes) {
        state->prepare_writing();
    }
    return Store(std::move(state));
}

void Store::append(const StoredCandidate& candidate, const evaluate::Evaluation* evaluation) {
    using Status = evaluate::Evaluation::Status;
    assert(evaluation == nullptr || evaluation->status != Status::cancelled);
    const bool is_rejected = evaluation != nullptr && evaluation->status == Status::rejected;
    assert(evaluation == nullptr || is_rejected || evaluation->metrics.size() == state_->metrics.size());
    std::optional<std::string> other_genome;
    state_->writing([&] {
        bool inserted = false;
        if (is_rejected) {
            StoredCandidate rejected = candidate;
            rejected.rejection = evaluation->reason;
            inserted = insert(*state_->insert_candidate, rejected);
        } else {
            inserted = insert(*state_->insert_candidate, candidate);
        }
        if (!inserted) {
            SQLite::Statement& select = *state_->select_genome;
            select.bind(1, static_cast<std::int64_t>(candidate.id));
            std::string genome = select.executeStep() ? select.getColumn(0).getString() : std::string();
            select.reset();
            if (genome != candidate.genome) {
                other_genome = std::move(genome);
                return;
            }
        }
        if (evaluation != nullptr && !is_rejected) {
            insert(*state_->insert_evaluation, *evaluation);
        }
        state_->commit_if_due();
    });
    if (other_genome) {
        const auto [stored, found] = first_difference(*other_genome, candidate.genome);
        throw OtherRunError(state_->path, "this is another run: candidate " + std::to_string(candidate.id) +
                                              " is stored as '" + stored + "', found '" + found + '\'');
    }
}

void Store::finish_generation(const StoredGeneration& generation, std::span<const StoredOperator> operators) {
    state_->writing([&] {
        insert(*state_->database, generation, operators);
        state_->commit();
    });
}

void Store::append_stage_score(const StoredStageScore& score) {
    state_->writing([&] {
        insert(*state_->database, score);
        state_->commit();
    });
}

void Store::append_event(std::string_view kind, std::string_view text) {
    state_->writing([&] {
        SQLite::Statement insert(*state_->database, "INSERT INTO events (time, kind, text) VALUES (?, ?, ?)");
        insert.bind(1, utc_now());
        insert.bind(2, std::string(kind));
        insert.bind(3, std::string(text));
        insert.exec();
        state_->commit();
    });
}

void Store::set_information(const std::string& key, const std::string& value) {
    state_->writing([&] {
        SQLite::Statement insert(*state_->database, "INSERT OR REPLACE INTO information VALUES (?, ?)");
        insert.bind(1, key);
        insert.bind(2, value);
        insert.exec();
        state_->commit();
    });
}

void Store::flush() {
    state_->writing([&] { state_->commit(); });
}

const std::filesystem::path& Store::path() const noexcept {
    return state_->path;
}

std::map<std::string, std::string> Store::information() const {
    return state_->reading([&] {
        std::map<std::string, std::string> information;
        SQLite::Statement select(*state_->database, "SELECT key, value FROM information");
        while (select.executeStep()) {
            information[select.getColumn(0).getString()] = select.getColumn(1).getString();
        }
        return information;
    });
}

const std::vector<StoredMetric>& Store::metrics() const noexcept {
    return state_->metrics;
}

void Store::require_metrics(std::span<const StoredMetric> expected) const {
    const auto describe = [](std::span<const StoredMetric> metrics, std::size_t i) {
        return i < metrics.size() ? '\'' + metrics[i].name + "' (" + metrics[i].unit + ')' : std::string("none");
    };
    for (std::size_t i = 0; i < std::max(expected.size(), state_->metrics.size()); ++i) {
        const std::string found = describe(state_->metrics, i);
        if (found != describe(expected, i)) {
            throw RunError(state_->path, "holds other metrics than this run: metric " + std::to_string(i + 1) +
                                             ": found " + found + ", expected " + describe(expected, i));
        }
    }
}

bool Store::find(const arch::CanonicalHash& hash, evaluate::Evaluation& evaluation) const {
    return state_->reading([&] {
        SQLite::Statement& select = *state_->select_evaluation;
        select.bind(1, to_text(hash));
        const bool found = select.executeStep();
        if (found) {
            read_row(select, state_->metrics.size(), evaluation);
        }
        select.reset();
        return found;
    });
}

void Store::for_each_evaluation(const std::function<void(const evaluate::Evaluation&)>& each) const {
    state_->reading([&] {
        SQLite::Statement select(*state_->database, select_evaluation_sql(state_->metrics) + " ORDER BY hash");
        evaluate::Evaluation evaluation;
        while (select.executeStep()) {
            read_row(select, state_->metrics.size(), evaluation);
            each(evaluation);
        }
    });
}

void Store::for_each_complete(std::span<const std::size_t> columns,
                              const std::function<void(std::uint64_t id, std::span<const double> values)>& each) const {
    state_->reading([&] {
        std::string sql = "SELECT c.id";
        for (const std::size_t column : columns) {
            sql += ", e." + identifier(state_->metrics.at(column).name);
        }
        sql += " FROM candidates c JOIN evaluations e ON e.hash = c.hash WHERE e.status = 'complete' ORDER BY c.id";
        SQLite::Statement select(*state_->database, sql);
        std::vector<double> values(columns.size());
        while (select.executeStep()) {
            for (std::size_t k = 0; k < values.size(); ++k) {
                values[k] = select.getColumn(static_cast<int>(k) + 1).getDouble();
            }
            each(static_cast<std::uint64_t>(select.getColumn(0).getInt64()), values);
        }
    });
}

void Store::sample_complete(std::span<const std::size_t> columns, std::size_t most,
                            const std::function<void(std::span<const double> values)>& each) const {
    state_->reading([&] {
        std::string sql = "SELECT status";
        for (const std::size_t column : columns) {
            sql += ", " + identifier(state_->metrics.at(column).name);
        }
        sql += " FROM evaluations WHERE status = 'complete' ORDER BY hash LIMIT ?";
        SQLite::Statement select(*state_->database, sql);
        select.bind(1, static_cast<std::int64_t>(most));
        std::vector<double> values(columns.size());
        while (select.executeStep()) {
            for (std::size_t k = 0; k < values.size(); ++k) {
                values[k] = select.getColumn(static_cast<int>(k) + 1).getDouble();
            }
            each(values);
        }
    });
}

void Store::for_each_shortfall(const std::function<void(const StoredShortfall&)>& each) const {
    state_->reading([&] {
        for (const char* sql : {"SELECT status, reason, hash FROM evaluations WHERE status <> 'complete' ORDER BY hash",
                                "SELECT 'rejected', rejection, id FROM candidates WHERE rejection <> '' ORDER BY id"}) {
            SQLite::Statement select(*state_->database, sql);
            while (select.executeStep()) {
                const std::string status = select.getColumn(0).getString();
                const std::string reason = select.getColumn(1).getString();
                const std::string key = select.getColumn(2).getString();
                each({status, reason, key});
            }
        }
    });
}

std::vector<StoredCandidate> Store::candidates() const {
    return state_->reading([&] { return read_candidates(*state_->database); });
}

std::vector<StoredGeneration> Store::generations() const {
    return state_->reading([&] { return read_generations(*state_->database); });
}

std::vector<StoredOperator> Store::operators(std::uint32_t generation) const {
    return state_->reading([&] { return read_operators(*state_->database, generation); });
}

std::vector<StoredEvent> Store::events() const {
    return state_->reading([&] { return read_events(*state_->database); });
}

std::optional<StoredStageScore> Store::stage_score(const std::string& stage, const arch::CanonicalHash& hash) const {
    return state_->reading([&] { return find_stage_score(*state_->database, stage, hash); });
}

std::vector<StoredStageScore> Store::stage_scores() const {
    return state_->reading([&] { return read_stage_scores(*state_->database); });
}

std::uint64_t Store::evaluation_count() const {
    return state_->count("evaluations");
}

std::uint64_t Store::candidate_count() const {
    return state_->count("candidates");
}

}  // namespace sotto::run
