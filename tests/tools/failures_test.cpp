// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"
#include "tests/tools/nas_run.hpp"

using namespace sotto::tests;
using nlohmann::json;

namespace {

std::string quoted(const std::string& text) {
    return '\'' + text + '\'';
}

// nas-run under a shell command that limits or redirects it.
Outcome under_shell(const std::string& before, const std::string& directory, const std::string& after) {
    return run_program({"/bin/sh", "-c",
                        before + " exec " + quoted(SOTTO_BINARY_DIRECTORY "/bin/nas-run") + ' ' + quoted(tiny_run) +
                            " --plugin " + quoted(probe_library) + " --out " + quoted(directory) + ' ' + after});
}

Outcome run_with_fault(const TemporaryFolder& folder, const std::string& fault, const std::string& policy) {
    const std::string config = folder / (fault + '-' + policy + ".yaml");
    std::string text = read_text(tiny_run);
    text.replace(text.find("- id: probe"), 11, "- {id: probe, fault: " + fault + ", every: 7}");
    write_text(config, text + "on_error: " + policy + '\n');
    return nas_run({config, "--plugin", probe_library, "--out", folder / (fault + '-' + policy), "--json"});
}

}  // namespace

TEST_CASE("a directory that cannot be made ends with 1 and its name") {
    const TemporaryFolder folder;
    write_text(folder / "file", "");
    const Outcome outcome = run_tiny(folder / "file/run");
    CHECK(outcome.exit_code == 1);
    CHECK(outcome.output.empty());
    CHECK(contains(outcome.errors, folder / "file/run"));
    CHECK(contains(outcome.errors, "Not a directory"));
    CHECK(run_tiny("/proc/sotto/run").exit_code == 1);
}

TEST_CASE("a directory that holds something is not overwritten") {
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder / "run");
    REQUIRE(run_tiny(folder / "run", {"--evaluations", "20"}).exit_code == 0);
    const std::string before = read_text(folder / "run/pareto.csv");
    const Outcome outcome = run_tiny(folder / "run", {"--seed", "9"});
    CHECK(outcome.exit_code == 2);
    CHECK(contains(outcome.errors, "--resume"));
    CHECK(read_text(folder / "run/pareto.csv") == before);
}

TEST_CASE("a full disk ends with 1, and what was saved can be resumed") {
    const TemporaryFolder folder;
    REQUIRE(run_tiny(folder / "whole", {"--evaluations", "2000"}).exit_code == 0);
    // Files may grow to some hundred KiB, in units of 512 bytes: less than this run's database.
    const Outcome full = under_shell("ulimit -f 200;", folder / "run", "--evaluations 2000");
    CAPTURE(full.errors);
    REQUIRE(full.exit_code == 1);
    CHECK(contains(full.errors, folder / "run"));
    CHECK(contains(full.errors, "what was evaluated is saved"));
    const Outcome resumed = resume(folder / "run");
    CAPTURE(resumed.errors);
    REQUIRE(resumed.exit_code == 0);
    CHECK(read_text(folder / "run/pareto.csv") == read_text(folder / "whole/pareto.csv"));
}

TEST_CASE("standard output that cannot be written ends with 1, the run complete") {
    const TemporaryFolder folder;
    const Outcome outcome = under_shell("", folder / "run", "> /dev/full");
    CHECK(outcome.exit_code == 1);
    CHECK(contains(outcome.errors, "standard output cannot be written"));
    CHECK(std::filesystem::exists(folder / "run/pareto.csv"));
}

TEST_CASE("a plug-in's fault stops the run, or costs the candidate, as the configuration says") {
    const TemporaryFolder folder;
    const Outcome stopped = run_with_fault(folder, "throw", "stop");
    CHECK(stopped.exit_code == 1);
    CHECK(contains(stopped.errors, "probe"));
    CHECK(contains(stopped.errors, "the probe threw as asked"));
    CHECK(contains(stopped.errors, "--resume"));
    CHECK(std::filesystem::exists(folder / "throw-stop/run.db"));

    for (const char* fault : {"throw", "nan"}) {
        for (const char* policy : {"skip", "penalise"}) {
            CAPTURE(fault, policy);
            const Outcome outcome = run_with_fault(folder, fault, policy);
            REQUIRE(outcome.exit_code == 0);
            CHECK(contains(outcome.errors, "'probe'"));
            CHECK(json::parse(outcome.output)["evaluations"] == 120);
        }
    }
}

TEST_CASE("an unsupported candidate is an answer, not a fault") {
    const TemporaryFolder folder;
    const Outcome outcome = run_with_fault(folder, "unsupported", "stop");
    CAPTURE(outcome.errors);
    REQUIRE(outcome.exit_code == 0);
    CHECK_FALSE(contains(outcome.errors, "not supported by the probe"));
}
