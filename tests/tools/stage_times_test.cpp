// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <utility>

#include <nlohmann/json.hpp>

#include "engine/run/store.hpp"
#include "tests/support/catch.hpp"
#include "tests/tools/nas_run.hpp"
#include "tests/tools/stage_runs.hpp"

using namespace sotto::tests;
using nlohmann::json;

TEST_CASE("the time of a run is that of search and stages in all its sessions") {
    const TemporaryFolder folder;
    const std::string config = write_run(folder, resumable_stages);
    const std::string directory = folder / "run";
    const std::string events = folder / "events";
    // What a session tells of its parts, and of all.
    const auto told = [&] {
        double parts = 0;
        double search = 0;
        double all = 0;
        for (const std::string& line : lines_of(read_text(events))) {
            const json event = json::parse(line);
            if (event.at("event") == "generation_finished") {
                search = event.at("seconds");
            } else if (event.at("event") == "stage_finished") {
                parts += event.at("seconds").get<double>();
            } else if (event.at("event") == "run_finished") {
                all = event.at("seconds");
            }
        }
        return std::pair{search + parts, all};
    };
    constexpr double rounding = 1e-9;
    // Stopped within the second stage.
    const Outcome stopped = start(config, directory, {"--json", "--events", events}, {"SOTTO_TEST_STEP_SIGNALS=2@18"});
    REQUIRE(stopped.exit_code == 130);
    const auto [first_parts, first] = told();
    CHECK(first + rounding >= first_parts);
    CHECK(json::parse(stopped.output).at("seconds") == first);
    const auto stage_seconds = [&] {
        const auto store = sotto::run::Store::open(directory + "/run.db", sotto::run::Store::Access::read_only);
        return std::pair{store.generations().back().seconds, std::stod(store.information().at("stage_seconds"))};
    };
    const auto [searched, before] = stage_seconds();
    CHECK(before > 0);
    CHECK(searched + before <= first + rounding);

    // The second session adds what it took to the first one's.
    const Outcome resumed = resume(directory, {"--json", "--events", events});
    REQUIRE(resumed.exit_code == 0);
    const double all = json::parse(resumed.output).at("seconds");
    CHECK(all == told().second);
    const auto [same, after] = stage_seconds();
    CHECK(same == searched);
    CHECK(after > before);
    CHECK(all + rounding >= searched + after);
    const std::string page = read_text(directory + "/report.html");
    CHECK(contains(page.substr(page.find("class=\"circumstances\"")), "The stages took "));

    // A session that scores nothing adds nothing to what is stored.
    REQUIRE(resume(directory).exit_code == 0);
    CHECK(stage_seconds().second == after);
}

TEST_CASE("the time of a stage that is stopped within its first network counts") {
    const TemporaryFolder folder;
    const Outcome stopped =
        start(write_run(folder, resumable_stages), folder / "run", {"--threads", "1"}, {"SOTTO_TEST_STEP_SIGNALS=2@1"});
    REQUIRE(stopped.exit_code == 130);
    const auto store = sotto::run::Store::open(folder / "run/run.db", sotto::run::Store::Access::read_only);
    REQUIRE(store.stage_scores().empty());
    CHECK(std::stod(store.information().at("stage_seconds")) > 0);
}

TEST_CASE("a time of the stages that is none is told") {
    const TemporaryFolder folder;
    const std::string directory = folder / "run";
    REQUIRE(start(write_run(folder, resumable_stages), directory).exit_code == 0);
    for (const std::string text : {"", "much", "1.5 s", "-1", "inf"}) {
        CAPTURE(text);
        sotto::run::Store::open(directory + "/run.db").set_information("stage_seconds", text);
        const Outcome outcome = resume(directory);
        CHECK(outcome.exit_code == 1);
        CHECK(contains(outcome.errors, "run.db: information 'stage_seconds': found '" + text + "', expected a number"));
    }
}

TEST_CASE("a fault in a stage is no end of its time") {
    const TemporaryFolder folder;
    const std::string config = write_run(
        folder, "stages:\n  - {id: resumable, candidates: 20, by: accuracy.steps, stop_after: 2, fails_every: 4}\n");
    const Outcome outcome = start(config, folder / "run", {"--events", folder / "events"});
    REQUIRE(outcome.exit_code == 1);
    const json last = json::parse(lines_of(read_text(folder / "events")).back());
    REQUIRE(last.at("event") == "run_finished");
    const auto store = sotto::run::Store::open(folder / "run/run.db", sotto::run::Store::Access::read_only);
    const double stages = std::stod(store.information().at("stage_seconds"));
    CHECK(stages > 0);
    CHECK(last.at("seconds").get<double>() + 1e-9 >= store.generations().back().seconds + stages);
}
