// SPDX-License-Identifier: Apache-2.0
// The command line of nas-plugin check: lists, selection, replay, bad input.
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"
#include "tests/tools/process.hpp"

namespace {

using Json = nlohmann::json;
using sotto::matchers::contains_text;
using sotto::tests::run_program;

const std::string program = SOTTO_BINARY_DIRECTORY "/bin/nas-plugin";
const std::string honest = SOTTO_BINARY_DIRECTORY "/lib/sotto/faulty/honest.so";
const std::string gives_nan = SOTTO_BINARY_DIRECTORY "/lib/sotto/faulty/nan.so";

auto run_check(std::vector<std::string> options) {
    options.insert(options.begin(), {program, "check"});
    return run_program(options);
}

}  // namespace

TEST_CASE("The checks are listed with distinct kebab-case names and a description each") {
    const auto outcome = run_check({"--list", "--json"});
    CHECK(outcome.exit_code == 0);
    const Json list = Json::parse(outcome.output);
    CHECK(list.size() >= 25);
    std::set<std::string> names;
    for (const Json& one : list) {
        const std::string name = one.at("name");
        INFO(name);
        CHECK(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") == std::string::npos);
        CHECK(names.insert(name).second);
        CHECK(one.at("description").get<std::string>().back() == '.');
    }
}

TEST_CASE("Every check is described in docs/plugin_check.md") {
    const std::string text = sotto::tests::read_text(SOTTO_SOURCE_DIRECTORY "/docs/plugin_check.md");
    for (const Json& one : Json::parse(run_check({"--list", "--json"}).output)) {
        CHECK_THAT(text, contains_text("`" + one.at("name").get<std::string>() + "`"));
    }
}

TEST_CASE("The checks named by --only run alone") {
    const auto outcome = run_check({honest, "--json", "--only", "order-invariant", "--only", "scan-time"});
    CHECK(outcome.exit_code == 0);
    const Json checks = Json::parse(outcome.output).at("checks");
    REQUIRE(checks.size() == 2);
    CHECK(checks[0].at("name") == "scan-time");
    CHECK(checks[1].at("name") == "order-invariant");
    CHECK(checks[1].at("plugin") == "honest");
}

TEST_CASE("A check runs in this process where that is asked for") {
    const auto outcome = run_check({gives_nan, "--in-process", "--only", "finite-results"});
    CHECK(outcome.exit_code == 1);
    CHECK_THAT(outcome.output, contains_text("is not finite"));
}

TEST_CASE("A fuzzed failure names the seed that replays it") {
    // With `every` the fault strikes one candidate in 1000: the one of seed 1000.
    const std::vector<std::string> common = {gives_nan, "--param", "every=1000", "--only", "fuzz-candidates"};
    auto options = common;
    options.insert(options.end(), {"--seed", "990", "--fuzz", "30"});
    const auto found = run_check(options);
    CHECK(found.exit_code == 1);
    CHECK_THAT(found.output, contains_text("--fuzz 1 --seed 1000"));
    options = common;
    options.insert(options.end(), {"--fuzz", "1", "--seed", "1000"});
    CHECK(run_check(options).exit_code == 1);
    options.back() = "1001";
    CHECK(run_check(options).exit_code == 0);
}

TEST_CASE("A library that others can write to is not loaded, unless it is allowed") {
    const sotto::tests::TemporaryFolder folder;
    const std::string library = folder / "honest.so";
    std::filesystem::copy_file(honest, library);
    std::filesystem::permissions(library, std::filesystem::perms::group_write, std::filesystem::perm_options::add);
    const auto refused = run_check({library, "--json"});
    CHECK(refused.exit_code == 1);
    const Json report = Json::parse(refused.output);
    for (const Json& one : report.at("checks")) {
        INFO(one.dump());
        CHECK(one.at("outcome") == (one.at("name") == "loads" ? "failed" : "skipped"));
        if (one.at("name") == "loads") {
            CHECK_THAT(one.at("text").get<std::string>(), contains_text("writable by its group"));
        }
    }
    CHECK(run_check({library, "--only", "evaluates", "--allow-writable"}).exit_code == 0);
}

TEST_CASE("What is no library is answered with one line and the reason at the end") {
    const sotto::tests::TemporaryFolder folder;
    const std::string library = folder / "text.so";
    sotto::tests::write_text(library, "no library");
    const auto refused = run_check({library});
    CHECK(refused.exit_code == 1);
    const std::vector<std::string> lines = sotto::tests::lines_of(refused.output);
    const std::size_t all = Json::parse(run_check({"--list", "--json"}).output).size();
    REQUIRE(lines.size() == 4);
    CHECK(lines[0].starts_with("failed    (library)           loads"));
    CHECK_THAT(lines[2], contains_text(std::to_string(all - 1) + " checks skipped, as the library cannot be used: ") &&
                             contains_text("text.so': cannot be loaded"));
    CHECK(lines[3].starts_with("0 success, 1 failed, 0 crashed, " + std::to_string(all - 1) + " skipped"));
}

TEST_CASE("What is built in is checked by its id") {
    const auto outcome = run_check({"analytical", "--json", "--only", "evaluates"});
    if (outcome.exit_code == 2) {
        FAIL_CHECK(outcome.errors);
        return;
    }
    const Json checks = Json::parse(outcome.output).at("checks");
    REQUIRE(checks.size() == 1);
    CHECK(checks[0].at("plugin") == "analytical");
    CHECK(checks[0].at("outcome") == "success");
}

TEST_CASE("Bad input ends with 2 and says what was expected") {
    const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
        {{}, "expected the path of one"},
        {{"/no/such/library.so"}, "found no such file"},
        {{"analytica"}, "did you mean 'analytical'?"},
        {{honest, "--only", "order-invariance"}, "did you mean 'order-invariant'?"},
        {{honest, "--plugin", "honesty"}, "did you mean 'honest'?"},
        {{honest, "--param", "scal=1"}, "did you mean 'scale'?"},
        {{honest, "--param", "scale=-1"}, "scale"},
        {{honest, "--param", "scale"}, "expected NAME=VALUE"},
        {{honest, "--fuzz", "many"}, "expected a number above 0"},
        {{honest, "--timeout", "0"}, "--timeout"},
        {{honest, "--seed", "x"}, "--seed"},
    };
    for (const auto& [options, words] : cases) {
        const auto outcome = run_check(options);
        INFO(outcome.errors);
        CHECK(outcome.exit_code == 2);
        CHECK_THAT(outcome.errors, contains_text(words));
    }
}
