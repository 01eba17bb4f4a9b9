// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "tools/nas-plugin/check/runner.hpp"

namespace sotto::check {

/// One line of the table, with its end.
std::string line_of(const Result& result);

/// `31 success, 1 failed, ...`, and the seed that replays the run.
std::string summary_of(const std::vector<Result>& results, const Request& request);

/// Everything as one JSON object, with a line end.
std::string json_of(const std::vector<Result>& results, const Request& request);

/// Every check with its description, as text or JSON.
std::string list_of_checks(bool as_json);

/// Whether no check failed or crashed.
bool is_good(const std::vector<Result>& results);

}  // namespace sotto::check
