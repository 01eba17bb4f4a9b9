// SPDX-License-Identifier: Apache-2.0
#include "engine/run/store_schema.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace sotto::run {
namespace {

// "SOTT": tells a run's database from any other (SQLite's application_id).
constexpr int application_id = 0x534f5454;

constexpr std::array<std::string_view, 4> fixed_columns = {"hash", "status", "reason", "constraint_violation"};

constexpr const char* fixed_tables = R"(
CREATE TABLE information (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE metrics (position INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, unit TEXT NOT NULL);
CREATE TABLE candidates (
    id INTEGER PRIMARY KEY,
    generation INTEGER NOT NULL,
    position INTEGER NOT NULL,
    source TEXT NOT NULL,
    hash TEXT,
    rejection TEXT NOT NULL,
    genome TEXT NOT NULL);
CREATE TABLE generations (
    generation INTEGER PRIMARY KEY,
    evaluations INTEGER NOT NULL,
    distinct_networks INTEGER NOT NULL,
    front_size INTEGER NOT NULL,
    hypervolume REAL NOT NULL,
    seconds REAL NOT NULL,
    candidates INTEGER NOT NULL,
    cache_hits INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    constrained INTEGER NOT NULL,
    unsupported INTEGER NOT NULL,
    failed INTEGER NOT NULL,
    candidates_per_second REAL NOT NULL);
CREATE TABLE operators (
    generation INTEGER NOT NULL,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    probability REAL NOT NULL,
    children INTEGER NOT NULL,
    successes INTEGER NOT NULL,
    PRIMARY KEY (generation, position)) WITHOUT ROWID;
CREATE TABLE events (id INTEGER PRIMARY KEY, time TEXT NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL);
)";

}  // namespace

std::string identifier(const std::string& name) {
    std::string text = "\"";
    for (const char c : name) {
        text += c;
        if (c == '"') {
            text += c;
        }
    }
    return text + '"';
}

void create_tables(SQLite::Database& database, const std::filesystem::path& path,
                   const std::vector<StoredMetric>& metrics) {
    std::string evaluations =
        "CREATE TABLE evaluations (hash TEXT PRIMARY KEY, status TEXT NOT NULL, reason TEXT NOT NULL, "
        "constraint_violation REAL NOT NULL";
    for (const StoredMetric& metric : metrics) {
        if (std::find(fixed_columns.begin(), fixed_columns.end(), metric.name) != fixed_columns.end()) {
            throw RunError(path, "the metric name '" + metric.name + "' is taken by a column of the table evaluations");
        }
        evaluations += ", " + identifier(metric.name) + " REAL";
    }
    database.exec(fixed_tables);
    database.exec(evaluations + ") WITHOUT ROWID");
    SQLite::Statement insert(database, "INSERT INTO metrics VALUES (?, ?, ?)");
    for (std::size_t i = 0; i < metrics.size(); ++i) {
        insert.bind(1, static_cast<std::int64_t>(i));
        insert.bind(2, metrics[i].name);
        insert.bind(3, metrics[i].unit);
        insert.exec();
        insert.reset();
    }
    database.exec("PRAGMA application_id = " + std::to_string(application_id));
    database.exec("PRAGMA user_version = " + std::to_string(schema_version));
}

void check_database(SQLite::Database& database, const std::filesystem::path& path) {
    const int found_id = database.execAndGet("PRAGMA application_id").getInt();
    const int version = database.execAndGet("PRAGMA user_version").getInt();
    if (found_id != application_id) {
        throw RunError(path, "not a run's database: found application id " + std::to_string(found_id) + ", expected " +
                                 std::to_string(application_id));
    }
    if (version != schema_version) {
        throw RunError(path, "written by another version: found schema version " + std::to_string(version) +
                                 ", expected " + std::to_string(schema_version));
    }
    const std::string verdict = database.execAndGet("PRAGMA quick_check(1)").getString();
    if (verdict != "ok") {
        throw RunError(path, "the database is damaged: " + verdict);
    }
}

std::vector<StoredMetric> read_metrics(SQLite::Database& database) {
    std::vector<StoredMetric> metrics;
    SQLite::Statement select(database, "SELECT name, unit FROM metrics ORDER BY position");
    while (select.executeStep()) {
        metrics.push_back({select.getColumn(0).getString(), select.getColumn(1).getString()});
    }
    return metrics;
}

}  // namespace sotto::run
