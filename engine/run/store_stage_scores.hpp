// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <SQLiteCpp/SQLiteCpp.h>

#include "engine/run/stored_stage_score.hpp"

namespace sotto::run {

/// Makes the tables where they are missing: databases of runs that knew no stages have none.
void create_stage_tables(SQLite::Database& database);

/// A score that is there already stays, but a `failed` one is replaced.
void insert(SQLite::Database& database, const StoredStageScore& score);

/// Nothing where the stage has not scored the network, or the tables are missing.
std::optional<StoredStageScore> find_stage_score(SQLite::Database& database, const std::string& stage,
                                                 const arch::CanonicalHash& hash);

/// By stage, then hash.
std::vector<StoredStageScore> read_stage_scores(SQLite::Database& database);

}  // namespace sotto::run
