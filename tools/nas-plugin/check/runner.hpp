// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include "tools/nas-plugin/check/check.hpp"

namespace sotto::check {

struct Request {
    Context context;                ///< context.plugin: that plug-in alone; empty: all of the library
    std::vector<std::string> only;  ///< names of checks; empty: all
    bool in_process = false;
};

struct Result {
    const Check* check = nullptr;
    plugin::Kind kind = plugin::Kind::cost_model;
    std::string plugin;  ///< empty for checks of the library
    Outcome outcome = Outcome::skipped;
    std::string text;
    double seconds = 0;
};

/// The request cannot be carried out as it stands. The text gives found, expected, nearest.
class BadRequest : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// Whether the check finds out which plug-ins there are (loads, initialises, describes-plugins): without it no other
/// can run.
bool tells_plugins(const Check& check);

/// Runs the checks one after another and returns their results in that order; `on_result` is told of each at once.
/// Throws BadRequest for a library that is not there, an unknown check, plug-in or parameter, and a wrong value of one.
std::vector<Result> run_checks(const Request& request, const std::function<void(const Result&)>& on_result);

}  // namespace sotto::check
