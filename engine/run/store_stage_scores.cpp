// SPDX-License-Identifier: Apache-2.0
#include "engine/run/store_stage_scores.hpp"

#include <stdexcept>

namespace sotto::run {
namespace {

constexpr const char* tables = R"(
CREATE TABLE IF NOT EXISTS stage_evaluations (
    stage TEXT NOT NULL,
    hash TEXT NOT NULL,
    candidate INTEGER NOT NULL,
    status TEXT NOT NULL,
    reason TEXT NOT NULL,
    PRIMARY KEY (stage, hash)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS stage_metrics (
    stage TEXT NOT NULL,
    hash TEXT NOT NULL,
    position INTEGER NOT NULL,
    metric TEXT NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (stage, hash, position)) WITHOUT ROWID;
)";

constexpr const char* select_scores = "SELECT stage, hash, candidate, status, reason FROM stage_evaluations";

// The row that a statement of select_scores stands on.
StoredStageScore read_score(SQLite::Database& database, SQLite::Statement& select) {
    StoredStageScore score;
    score.stage = select.getColumn(0).getString();
    score.hash = arch::parse_canonical_hash(select.getColumn(1).getString());
    score.candidate = static_cast<std::uint64_t>(select.getColumn(2).getInt64());
    const std::string status = select.getColumn(3).getString();
    const auto parsed = evaluate::parse_status(status);
    if (!parsed) {
        throw std::runtime_error("unknown evaluation status '" + status + '\'');
    }
    score.status = *parsed;
    score.reason = select.getColumn(4).getString();
    SQLite::Statement metrics(database,
                              "SELECT metric, value FROM stage_metrics WHERE stage = ? AND hash = ? ORDER BY position");
    metrics.bind(1, score.stage);
    metrics.bind(2, to_text(score.hash));
    while (metrics.executeStep()) {
        score.metrics.emplace_back(metrics.getColumn(0).getString(), metrics.getColumn(1).getDouble());
    }
    return score;
}

}  // namespace

void create_stage_tables(SQLite::Database& database) {
    database.exec(tables);
}

void insert(SQLite::Database& database, const StoredStageScore& score) {
    SQLite::Statement row(database,
                          "INSERT INTO stage_evaluations (stage, hash, candidate, status, reason) "
                          "VALUES (?, ?, ?, ?, ?) ON CONFLICT (stage, hash) DO UPDATE SET "
                          "status = excluded.status, reason = excluded.reason "
                          "WHERE stage_evaluations.status = 'failed'");
    row.bind(1, score.stage);
    row.bind(2, to_text(score.hash));
    row.bind(3, static_cast<std::int64_t>(score.candidate));
    row.bind(4, std::string(to_text(score.status)));
    row.bind(5, score.reason);
    row.exec();
    SQLite::Statement metric(database,
                             "INSERT INTO stage_metrics (stage, hash, position, metric, value) "
                             "VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING");
    for (std::size_t position = 0; position < score.metrics.size(); ++position) {
        metric.bind(1, score.stage);
        metric.bind(2, to_text(score.hash));
        metric.bind(3, static_cast<std::int64_t>(position));
        metric.bind(4, score.metrics[position].first);
        metric.bind(5, score.metrics[position].second);
        metric.exec();
        metric.reset();
    }
}

std::optional<StoredStageScore> find_stage_score(SQLite::Database& database, const std::string& stage,
                                                 const arch::CanonicalHash& hash) {
    if (!database.tableExists("stage_evaluations")) {
        return std::nullopt;
    }
    SQLite::Statement select(database, std::string(select_scores) + " WHERE stage = ? AND hash = ?");
    select.bind(1, stage);
    select.bind(2, to_text(hash));
    if (!select.executeStep()) {
        return std::nullopt;
    }
    return read_score(database, select);
}

std::vector<StoredStageScore> read_stage_scores(SQLite::Database& database) {
    std::vector<StoredStageScore> scores;
    if (!database.tableExists("stage_evaluations")) {
        return scores;
    }
    SQLite::Statement select(database, std::string(select_scores) + " ORDER BY stage, hash");
    while (select.executeStep()) {
        scores.push_back(read_score(database, select));
    }
    return scores;
}

}  // namespace sotto::run
