// SPDX-License-Identifier: Apache-2.0
#include "engine/run/store_rows.hpp"

#include <cmath>
#include <limits>

#include "engine/run/store_schema.hpp"

namespace sotto::run {
namespace {

std::uint64_t unsigned_number(const SQLite::Column& column) {
    return static_cast<std::uint64_t>(column.getInt64());
}

}  // namespace

std::string insert_evaluation_sql(const std::vector<StoredMetric>& metrics) {
    std::string columns = "hash, status, reason, constraint_violation";
    std::string values = "?, ?, ?, ?";
    std::string updates =
        "status = excluded.status, reason = excluded.reason, constraint_violation = excluded.constraint_violation";
    for (const StoredMetric& metric : metrics) {
        const std::string column = identifier(metric.name);
        columns.append(", ").append(column);
        values += ", ?";
        updates.append(", ").append(column).append(" = excluded.").append(column);
    }
    return "INSERT INTO evaluations (" + columns + ") VALUES (" + values + ") ON CONFLICT (hash) DO UPDATE SET " +
           updates + " WHERE evaluations.status = 'failed'";
}

std::string select_evaluation_sql(const std::vector<StoredMetric>& metrics) {
    std::string columns = "hash, status, reason, constraint_violation";
    for (const StoredMetric& metric : metrics) {
        columns += ", " + identifier(metric.name);
    }
    return "SELECT " + columns + " FROM evaluations";
}

void insert(SQLite::Statement& statement, const evaluate::Evaluation& evaluation) {
    statement.bind(1, to_text(evaluation.hash));
    statement.bind(2, std::string(to_text(evaluation.status)));
    statement.bind(3, evaluation.reason);
    statement.bind(4, evaluation.constraint_violation);
    for (std::size_t i = 0; i < evaluation.metrics.size(); ++i) {
        const int position = static_cast<int>(i) + 5;
        // SQLite has no NaN: what was not computed is NULL.
        if (std::isnan(evaluation.metrics[i])) {
            statement.bind(position);
        } else {
            statement.bind(position, evaluation.metrics[i]);
        }
    }
    statement.exec();
    statement.reset();
}

bool insert(SQLite::Statement& statement, const StoredCandidate& candidate) {
    statement.bind(1, static_cast<std::int64_t>(candidate.id));
    statement.bind(2, static_cast<std::int64_t>(candidate.generation));
    statement.bind(3, static_cast<std::int64_t>(candidate.index));
    statement.bind(4, candidate.source);
    if (candidate.hash) {
        statement.bind(5, to_text(*candidate.hash));
    } else {
        statement.bind(5);
    }
    statement.bind(6, candidate.rejection);
    statement.bind(7, candidate.genome);
    const bool inserted = statement.exec() == 1;
    statement.reset();
    return inserted;
}

void insert(SQLite::Database& database, const StoredGeneration& generation, std::span<const StoredOperator> operators) {
    SQLite::Statement row(database,
                          "INSERT OR REPLACE INTO generations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    int column = 0;
    const auto bind_count = [&](std::uint64_t value) { row.bind(++column, static_cast<std::int64_t>(value)); };
    bind_count(generation.generation);
    bind_count(generation.evaluations);
    bind_count(generation.distinct);
    bind_count(generation.front_size);
    row.bind(++column, generation.hypervolume);
    row.bind(++column, generation.seconds);
    bind_count(generation.candidates);
    bind_count(generation.cache_hits);
    bind_count(generation.rejected);
    bind_count(generation.constrained);
    bind_count(generation.unsupported);
    bind_count(generation.failed);
    row.bind(++column, generation.candidates_per_second);
    row.exec();

    SQLite::Statement clear(database, "DELETE FROM operators WHERE generation = ?");
    clear.bind(1, static_cast<std::int64_t>(generation.generation));
    clear.exec();
    SQLite::Statement credit(database, "INSERT INTO operators VALUES (?, ?, ?, ?, ?, ?)");
    for (std::size_t position = 0; position < operators.size(); ++position) {
        credit.bind(1, static_cast<std::int64_t>(generation.generation));
        credit.bind(2, static_cast<std::int64_t>(position));
        credit.bind(3, operators[position].name);
        credit.bind(4, operators[position].probability);
        credit.bind(5, static_cast<std::int64_t>(operators[position].children));
        credit.bind(6, static_cast<std::int64_t>(operators[position].successes));
        credit.exec();
        credit.reset();
    }
}

void read_row(SQLite::Statement& statement, std::size_t metrics, evaluate::Evaluation& evaluation) {
    evaluation = {};
    evaluation.hash = arch::parse_canonical_hash(statement.getColumn(0).getString());
    const std::string status = statement.getColumn(1).getString();
    const auto parsed = evaluate::parse_status(status);
    if (!parsed) {
        throw std::runtime_error("unknown evaluation status '" + status + '\'');
    }
    evaluation.status = *parsed;
    evaluation.reason = statement.getColumn(2).getString();
    evaluation.constraint_violation = statement.getColumn(3).getDouble();
    evaluation.metrics.assign(metrics, std::numeric_limits<double>::quiet_NaN());
    for (std::size_t i = 0; i < metrics; ++i) {
        const SQLite::Column column = statement.getColumn(static_cast<int>(i) + 4);
        if (!column.isNull()) {
            evaluation.metrics[i] = column.getDouble();
        }
    }
}

std::vector<StoredCandidate> read_candidates(SQLite::Database& database) {
    std::vector<StoredCandidate> rows;
    SQLite::Statement select(
        database, "SELECT id, generation, position, source, hash, rejection, genome FROM candidates ORDER BY id");
    while (select.executeStep()) {
        StoredCandidate& row = rows.emplace_back();
        row.id = unsigned_number(select.getColumn(0));
        row.generation = select.getColumn(1).getUInt();
        row.index = select.getColumn(2).getUInt();
        row.source = select.getColumn(3).getString();
        if (!select.getColumn(4).isNull()) {
            row.hash = arch::parse_canonical_hash(select.getColumn(4).getString());
        }
        row.rejection = select.getColumn(5).getString();
        row.genome = select.getColumn(6).getString();
    }
    return rows;
}

std::vector<StoredGeneration> read_generations(SQLite::Database& database) {
    std::vector<StoredGeneration> rows;
    SQLite::Statement select(database,
                             "SELECT generation, evaluations, distinct_networks, front_size, hypervolume, seconds, "
                             "candidates, cache_hits, rejected, constrained, unsupported, failed, "
                             "candidates_per_second FROM generations ORDER BY generation");
    while (select.executeStep()) {
        const auto count = [&](int column) { return unsigned_number(select.getColumn(column)); };
        rows.push_back({select.getColumn(0).getUInt(), count(1), count(2), count(3), select.getColumn(4).getDouble(),
                        select.getColumn(5).getDouble(), count(6), count(7), count(8), count(9), count(10), count(11),
                        select.getColumn(12).getDouble()});
    }
    return rows;
}

std::vector<StoredOperator> read_operators(SQLite::Database& database, std::uint32_t generation) {
    std::vector<StoredOperator> rows;
    SQLite::Statement select(database,
                             "SELECT name, probability, children, successes FROM operators WHERE generation = ? "
                             "ORDER BY position");
    select.bind(1, static_cast<std::int64_t>(generation));
    while (select.executeStep()) {
        rows.push_back({select.getColumn(0).getString(), select.getColumn(1).getDouble(),
                        unsigned_number(select.getColumn(2)), unsigned_number(select.getColumn(3))});
    }
    return rows;
}

std::vector<StoredEvent> read_events(SQLite::Database& database) {
    std::vector<StoredEvent> rows;
    SQLite::Statement select(database, "SELECT time, kind, text FROM events ORDER BY id");
    while (select.executeStep()) {
        rows.push_back(
            {select.getColumn(0).getString(), select.getColumn(1).getString(), select.getColumn(2).getString()});
    }
    return rows;
}

}  // namespace sotto::run
