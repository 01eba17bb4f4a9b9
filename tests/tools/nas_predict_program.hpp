// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"
#include "tests/tools/process.hpp"

namespace sotto::tests {

inline Outcome nas_predict(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), SOTTO_BINARY_DIRECTORY "/bin/nas-predict");
    return run_program(arguments);
}

inline nlohmann::json predicted(std::vector<std::string> arguments) {
    arguments.push_back("--json");
    const Outcome outcome = nas_predict(std::move(arguments));
    CAPTURE(outcome.errors);
    REQUIRE(outcome.exit_code == 0);
    return nlohmann::json::parse(outcome.output);
}

inline void check_refused(const Outcome& outcome, const std::string& part) {
    CHECK(outcome.exit_code == 2);
    CHECK(outcome.output.empty());
    CHECK_THAT(outcome.errors, matchers::contains_text("nas-predict: ") && matchers::contains_text(part));
}

}  // namespace sotto::tests
