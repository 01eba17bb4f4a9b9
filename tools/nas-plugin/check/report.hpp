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

/// The table, line by line. Where the library cannot be used at all, what is skipped for it is one line at the end,
/// with the reason.
class Table {
  public:
    /// What is printed for the next result: nothing for some.
    std::string next(const Result& result);
    /// What is printed after the last.
    std::string end() const;

  private:
    std::string obstacle_;  ///< why the library cannot be used; empty: it can
    std::size_t skipped_ = 0;
};

/// `31 success, 1 failed, ...`, and the seed that replays the run.
std::string summary_of(const std::vector<Result>& results, const Request& request);

/// Everything as one JSON object, with a line end.
std::string json_of(const std::vector<Result>& results, const Request& request);

/// Every check with its description, as text or JSON.
std::string list_of_checks(bool as_json);

/// Whether no check failed or crashed.
bool is_good(const std::vector<Result>& results);

}  // namespace sotto::check
