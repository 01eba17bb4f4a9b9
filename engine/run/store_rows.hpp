// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>

#include "engine/run/store.hpp"

namespace sotto::run {

// How rows and structs of the Store become each other. Statements are given reset, and are left so.

std::string insert_evaluation_sql(const std::vector<StoredMetric>& metrics);
std::string select_evaluation_sql(const std::vector<StoredMetric>& metrics);
inline constexpr const char* insert_candidate_sql =
    "INSERT INTO candidates (id, generation, position, source, hash, rejection, genome) VALUES (?, ?, ?, ?, ?, ?, ?) "
    "ON CONFLICT (id) DO NOTHING";

void insert(SQLite::Statement& statement, const evaluate::Evaluation& evaluation);
/// False where the id is taken.
bool insert(SQLite::Statement& statement, const StoredCandidate& candidate);

/// Replaces what is there of this generation.
void insert(SQLite::Database& database, const StoredGeneration& generation, std::span<const StoredOperator> operators);

/// The row that a statement of select_evaluation_sql stands on.
void read_row(SQLite::Statement& statement, std::size_t metrics, evaluate::Evaluation& evaluation);

std::vector<StoredCandidate> read_candidates(SQLite::Database& database);
std::vector<StoredGeneration> read_generations(SQLite::Database& database);
std::vector<StoredOperator> read_operators(SQLite::Database& database, std::uint32_t generation);
std::vector<StoredEvent> read_events(SQLite::Database& database);

}  // namespace sotto::run
