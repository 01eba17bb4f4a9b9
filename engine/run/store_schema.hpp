// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>

#include "engine/run/store.hpp"

namespace sotto::run {

/// Quoted as an SQL identifier.
std::string identifier(const std::string& name);

/// Makes the tables. Throws RunError for a metric name that a column cannot have.
void create_tables(SQLite::Database& database, const std::filesystem::path& path,
                   const std::vector<StoredMetric>& metrics);

/// Throws RunError where the database is not one of a run, has another schema version, or is damaged.
void check_database(SQLite::Database& database, const std::filesystem::path& path);

std::vector<StoredMetric> read_metrics(SQLite::Database& database);

}  // namespace sotto::run
