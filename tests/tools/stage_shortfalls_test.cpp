// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/run/store.hpp"
#include "tests/support/catch.hpp"
#include "tests/tools/nas_run.hpp"
#include "tests/tools/stage_runs.hpp"

using namespace sotto::tests;
using nlohmann::json;

TEST_CASE("a fault in a stage stops the run or keeps the candidate out as on_error says") {
    const TemporaryFolder folder;
    const std::string faulty = R"(stages:
  - {id: resumable, candidates: 20, by: accuracy.steps, stop_after: 2, fails_every: 4}
  - {id: resumable, candidates: 2, by: accuracy.steps, stop_after: 3}
)";
    const Outcome skipped = start(write_run(folder, "on_error: skip\n" + faulty, "skip.yaml"), folder / "skip");
    CAPTURE(skipped.errors);
    REQUIRE(skipped.exit_code == 0);
    CHECK(contains(skipped.errors, "it failed as asked"));
    std::size_t failures = 0;
    bool is_behind = false;
    for (const Row& row : table_of(folder / "skip/finalists.csv")) {
        const bool failed = contains(row.at("reason"), "it failed as asked");
        failures += failed ? 1 : 0;
        CHECK(failed == row.at("stage1.accuracy.steps").empty());
        if (row.at("rank") != "0") {
            CHECK((failed || !is_behind));  // those without a score stand last
            is_behind = is_behind || failed;
            CHECK((!failed || row.at("stage") == "1"));
        }
    }
    CHECK(failures > 0);

    const Outcome stopped = start(write_run(folder, faulty, "stop.yaml"), folder / "stop");
    CAPTURE(stopped.errors);
    CHECK(stopped.exit_code == 1);
    CHECK(contains(stopped.errors, "nas-run: stage 1, candidate "));
    CHECK(contains(stopped.errors, "it failed as asked"));
    CHECK(contains(stopped.errors, "nas-run --resume " + (folder / "stop")));
    CHECK(std::filesystem::exists(folder / "stop/finalists.csv"));
    CHECK(resume(folder / "stop").exit_code == 1);
}

TEST_CASE("networks without a score in a stage are told in the log and counted") {
    const TemporaryFolder folder;
    // A probe's fault hits seeds: the second stage has those left that the first one's did not.
    const std::string stages = R"(on_error: skip
stages:
  - {id: probe, candidates: 20, by: accuracy.probe, fault: unsupported, every: 3}
  - {id: probe, candidates: 12, by: accuracy.probe, fault: throw, every: 4}
  - {id: probe, candidates: 2, by: accuracy.probe, weight: 3}
)";
    const std::string config = write_run(folder, stages);
    const Outcome outcome = start(config, folder / "run", {"--json"});
    CAPTURE(outcome.errors);
    REQUIRE(outcome.exit_code == 0);
    std::vector<std::map<std::string, int>> expected(3);
    const auto store = sotto::run::Store::open(folder / "run/run.db", sotto::run::Store::Access::read_only);
    for (const sotto::run::StoredStageScore& score : store.stage_scores()) {
        const std::size_t stage = contains(score.stage, "fault=unsupported") ? 0
                                  : contains(score.stage, "throw")           ? 1
                                                                             : 2;
        ++expected[stage][std::string(to_text(score.status))];
    }
    REQUIRE(expected[0]["unsupported"] > 1);
    REQUIRE(expected[0]["failed"] == 0);
    REQUIRE(expected[1]["failed"] > 0);
    REQUIRE(expected[1]["unsupported"] == 0);
    REQUIRE(expected[2].size() == 1);
    const json result = json::parse(outcome.output);
    for (std::size_t stage = 0; stage < 3; ++stage) {
        CAPTURE(stage);
        CHECK(result.at("finalist_stages").at(stage).at("unsupported") == expected[stage]["unsupported"]);
        CHECK(result.at("finalist_stages").at(stage).at("failed") == expected[stage]["failed"]);
    }
    const auto said = [&](int stage, const std::string& counts, const std::string& reason) {
        const std::string begin = "nas-run: stage " + std::to_string(stage) + ": ";
        for (const std::string& line : lines_of(outcome.errors)) {
            if (line.starts_with(begin)) {
                return contains(line, counts) && contains(line, reason);
            }
        }
        return false;
    };
    CHECK(said(1, '(' + std::to_string(expected[0]["unsupported"]) + " unsupported, 0 failed)",
               "not supported by the probe"));
    CHECK(said(2, "(0 unsupported, " + std::to_string(expected[1]["failed"]) + " failed)", "the probe threw as asked"));
    CHECK_FALSE(contains(outcome.errors, "nas-run: stage 3: "));
    // A complete run that is resumed knows them as well.
    const Outcome again = resume(folder / "run", {"--json"});
    CHECK(json::parse(again.output).at("finalist_stages").at(0).at("unsupported") == expected[0]["unsupported"]);
}

TEST_CASE("a baseline without a score stands under the last stage that it reached") {
    const TemporaryFolder folder;
    const Outcome outcome = start(write_run(folder,
                                            "on_error: skip\nstages:\n"
                                            "  - {id: resumable, candidates: 6, by: accuracy.steps, fails_every: 1}\n"
                                            "  - {id: resumable, candidates: 3, by: accuracy.steps, fails_every: 1}\n"),
                                  folder / "run");
    CAPTURE(outcome.errors);
    REQUIRE(outcome.exit_code == 0);
    const std::vector<Row> finalists = table_of(folder / "run/finalists.csv");
    REQUIRE(finalists.size() == 7);
    for (const Row& row : finalists) {
        CHECK(row.at("stage") == (row.at("rank") == "0" ? "2" : "1"));
        CHECK(row.at("stage1.accuracy.steps").empty());
        CHECK(row.at("stage2.accuracy.steps").empty());
        CHECK(contains(row.at("reason"), "it failed as asked"));
    }
}
