// SPDX-License-Identifier: Apache-2.0
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/run/store.hpp"
#include "tests/support/catch.hpp"
#include "tests/tools/nas_run.hpp"
#include "tests/tools/stage_runs.hpp"
#include "tests/tools/stored_run.hpp"

using namespace sotto::tests;
using nlohmann::json;

TEST_CASE("stages score ever fewer members of the front, the baseline beside them") {
    const TemporaryFolder folder;
    const std::string directory = folder / "run";
    const Outcome outcome = start(write_run(folder, probe_stages), directory);
    CAPTURE(outcome.errors);
    REQUIRE(outcome.exit_code == 0);
    const std::vector<Row> front = table_of(directory + "/pareto.csv");
    const std::vector<Row> finalists = table_of(directory + "/finalists.csv");
    REQUIRE(finalists.size() == 7);

    CHECK(finalists[0].at("rank") == "0");
    CHECK(finalists[0].at("id") == "1");
    CHECK(finalists[0].at("stage") == "3");
    CHECK(number(finalists[0], "latency_of_baseline") == 1);
    const std::vector<std::string> reached = {"3", "2", "2", "1", "1", "1"};
    for (std::size_t i = 1; i < finalists.size(); ++i) {
        const Row& row = finalists[i];
        CAPTURE(i, row.at("id"));
        CHECK(row.at("rank") == std::to_string(i));
        CHECK(row.at("stage") == reached[i - 1]);
        CHECK(number(row, "latency_of_baseline") <= 0.7);
        CHECK(number(row, "latency_of_baseline") ==
              Approx(number(row, "latency.total_ms") / number(finalists[0], "latency.total_ms")));
        const auto member =
            std::find_if(front.begin(), front.end(), [&](const Row& other) { return other.at("id") == row.at("id"); });
        REQUIRE(member != front.end());
        CHECK(member->at("accuracy.probe") == row.at("accuracy.probe"));
        CHECK(read_text(directory + '/' + row.at("best") + "/genome.txt") == row.at("genome") + '\n');
        CHECK(row.at("reason").empty());
    }
    // The probe's score is a width and its weight times the activations: by the weights .5, 1, 2 and 3 it grows by
    // half of them, all of them, all of them.
    for (const Row& row : finalists) {
        const double first = number(row, "stage1.accuracy.probe");
        const double activations = 2 * (first - number(row, "accuracy.probe"));
        CHECK(activations == Approx(std::round(activations)));
        if (row.at("stage") != "1") {
            CHECK(number(row, "stage2.accuracy.probe") == Approx(first + activations));
        } else {
            CHECK(row.at("stage2.accuracy.probe").empty());
        }
        if (row.at("stage") == "3") {
            CHECK(number(row, "stage3.accuracy.probe") == Approx(first + 2 * activations));
        }
    }

    // Behind the front: an empty line, and the finalists under a header.
    const std::vector<std::string> table = lines_of(outcome.output);
    REQUIRE(table.size() == front.size() + 2 + 1 + 8);
    CHECK(table[front.size() + 2].empty());
    CHECK(contains(table[front.size() + 3], "rank"));
    CHECK(contains(table[front.size() + 4], "baseline"));
    CHECK(contains(outcome.errors, "7 in stage 1, 4 in stage 2, 2 in stage 3"));
    CHECK(contains(outcome.errors, "stage 2/3 probe 4/4"));
}

TEST_CASE("finalists have their networks written however few of the front do") {
    const TemporaryFolder folder;
    const std::string directory = folder / "run";
    REQUIRE(start(write_run(folder, probe_stages + "best: 1\n"), directory).exit_code == 0);
    const std::vector<Row> finalists = table_of(directory + "/finalists.csv");
    REQUIRE(finalists.size() == 7);
    std::set<std::string> named;
    for (std::size_t i = 1; i < finalists.size(); ++i) {
        named.insert(finalists[i].at("best"));
        CHECK(read_text(directory + '/' + finalists[i].at("best") + "/genome.txt") == finalists[i].at("genome") + '\n');
    }
    CHECK(named.size() == 6);
    std::size_t written = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory + "/best")) {
        written += entry.is_directory() ? 1 : 0;
    }
    CHECK(written <= 7);
    CHECK(table_of(directory + "/pareto.csv").size() > 7);
}

TEST_CASE("those that nothing beats in latency and score go on, the best scores first") {
    const TemporaryFolder folder;
    const std::string directory = folder / "run";
    REQUIRE(start(write_run(folder, probe_stages), directory).exit_code == 0);
    std::vector<Row> finalists = table_of(directory + "/finalists.csv");
    finalists.erase(finalists.begin());
    for (int stage = 1; stage <= 2; ++stage) {
        CAPTURE(stage);
        const std::string score = "stage" + std::to_string(stage) + ".accuracy.probe";
        std::vector<Row> scored;
        std::copy_if(finalists.begin(), finalists.end(), std::back_inserter(scored),
                     [&](const Row& row) { return !row.at(score).empty(); });
        const auto beaten = [&](const Row& row) {
            return std::any_of(scored.begin(), scored.end(), [&](const Row& other) {
                return number(other, score) >= number(row, score) &&
                       number(other, "latency.total_ms") <= number(row, "latency.total_ms") &&
                       other.at("id") != row.at("id");
            });
        };
        // The front of a search by this score's like: few are beaten here, and all that went on are not.
        std::vector<Row> unbeaten;
        std::copy_if(scored.begin(), scored.end(), std::back_inserter(unbeaten),
                     [&](const Row& row) { return !beaten(row); });
        std::sort(unbeaten.begin(), unbeaten.end(),
                  [&](const Row& a, const Row& b) { return number(a, score) > number(b, score); });
        const std::size_t places = stage == 1 ? 3 : 1;
        REQUIRE(unbeaten.size() >= places);
        std::set<std::string> expected;
        std::set<std::string> found;
        for (std::size_t i = 0; i < places; ++i) {
            expected.insert(unbeaten[i].at("id"));
        }
        for (const Row& row : finalists) {
            if (std::stoi(row.at("stage")) > stage) {
                found.insert(row.at("id"));
            }
        }
        CHECK(found == expected);
    }
}

TEST_CASE("what the stages find does not depend on threads or isolation") {
    const TemporaryFolder folder;
    const std::string config = write_run(folder, resumable_stages);
    REQUIRE(start(config, folder / "one", {"--threads", "1"}).exit_code == 0);
    const std::string expected = read_text(folder / "one/finalists.csv");
    // The seed of a row finds what its plug-in keeps: this one has files of their numbers.
    for (const Row& row : table_of(folder / "one/finalists.csv")) {
        CHECK(row.at("seed").size() == 16);
        CHECK(std::filesystem::exists(folder / "one/resumable/" +
                                      std::to_string(std::stoull(row.at("seed"), nullptr, 16))));
    }
    for (const char* threads : {"2", "4"}) {
        REQUIRE(start(config, folder / threads, {"--threads", threads}).exit_code == 0);
        CHECK((read_text(folder / threads + "/finalists.csv") == expected));
    }
    // The resolved configuration is the same run.
    REQUIRE(nas_run({folder / "one/config.yaml", "--out", folder / "again"}).exit_code == 0);
    CHECK((files_of(folder / "again") == files_of(folder / "one")));

    std::string isolated = read_text(config);
    isolated.replace(isolated.find("stop_after: 2"), 13, "stop_after: 2, isolation: process");
    write_text(folder / "isolated.yaml", isolated);
    const Outcome outcome = start(folder / "isolated.yaml", folder / "isolated");
    CAPTURE(outcome.errors);
    REQUIRE(outcome.exit_code == 0);
    CHECK((read_text(folder / "isolated/finalists.csv") == expected));
}

TEST_CASE("stages that were killed at any step go on where they were") {
    const TemporaryFolder folder;
    const std::string config = write_run(folder, resumable_stages);
    const std::vector<std::string> one_thread = {"--threads", "1"};
    REQUIRE(start(config, folder / "whole", one_thread).exit_code == 0);
    const std::string expected = files_of(folder / "whole");
    const std::string rows = rows_of(folder / "whole");
    for (const int killed_at : {1, 2, 8, 14, 15, 20, 26}) {
        CAPTURE(killed_at);
        const std::string directory = folder / ("killed-" + std::to_string(killed_at));
        const std::string log = "SOTTO_TEST_STEPS=" + directory + ".steps";
        const Outcome killed =
            start(config, directory, one_thread, {log, "SOTTO_TEST_STEP_SIGNALS=9@" + std::to_string(killed_at)});
        REQUIRE(killed.signal == SIGKILL);
        CHECK_FALSE(std::filesystem::exists(directory + "/finalists.csv"));
        const Outcome resumed = resume(directory, {}, {log});
        CAPTURE(resumed.errors);
        REQUIRE(resumed.exit_code == 0);
        CHECK((files_of(directory) == expected));
        CHECK((rows_of(directory) == rows));
        // Every step of every network was done once: 7 times 2, and 4 times 3 more.
        const std::vector<std::string> steps = lines_of(read_text(directory + ".steps"));
        CHECK(steps.size() == 26);
        CHECK(std::set<std::string>(steps.begin(), steps.end()).size() == 26);
    }
}

TEST_CASE("Ctrl-C within a stage saves everything and ends with 130") {
    const TemporaryFolder folder;
    const std::string config = write_run(folder, resumable_stages);
    REQUIRE(start(config, folder / "whole").exit_code == 0);
    const std::string directory = folder / "stopped";
    const Outcome stopped = start(config, directory, {"--json"}, {"SOTTO_TEST_STEP_SIGNALS=2@18"});
    CAPTURE(stopped.errors);
    REQUIRE(stopped.exit_code == 130);
    CHECK(contains(stopped.errors, "nas-run --resume " + directory));
    const json result = json::parse(stopped.output);
    CHECK(result.at("status") == "interrupted");
    CHECK(result.at("evaluations") == 120);
    // The first stage is done, the second is not.
    std::size_t second = 0;
    for (const Row& row : table_of(directory + "/finalists.csv")) {
        CHECK(!row.at("stage1.accuracy.steps").empty());
        second += row.at("stage2.accuracy.steps").empty() ? 0 : 1;
    }
    CHECK(second < 4);
    REQUIRE(resume(directory).exit_code == 0);
    CHECK((read_text(directory + "/finalists.csv") == read_text(folder / "whole/finalists.csv")));
}

TEST_CASE("stages may follow a run that is complete, and others may follow those") {
    const TemporaryFolder folder;
    const std::string config = write_run(folder, resumable_stages);
    REQUIRE(start(config, folder / "whole").exit_code == 0);
    const std::string directory = folder / "run";
    REQUIRE(run_tiny(directory).exit_code == 0);
    CHECK_FALSE(std::filesystem::exists(directory + "/finalists.csv"));

    const Outcome added =
        nas_run({config, "--plugin", probe_library, "--plugin", resumable_library, "--resume", directory});
    CAPTURE(added.errors);
    REQUIRE(added.exit_code == 0);
    CHECK(contains(added.errors, "evaluated now: 0 networks"));
    CHECK((files_of(directory) == files_of(folder / "whole")));

    const Outcome again = resume(directory);
    CHECK(again.exit_code == 0);
    CHECK(contains(again.errors, "complete already"));
    CHECK(contains(again.errors, "0 in stage 1, 0 in stage 2"));

    // One more stage: what is known is recalled.
    const std::string longer =
        write_run(folder, resumable_stages + "  - {id: resumable, candidates: 1, by: accuracy.steps, stop_after: 9}\n",
                  "longer.yaml");
    const Outcome more =
        nas_run({longer, "--plugin", probe_library, "--plugin", resumable_library, "--resume", directory});
    CAPTURE(more.errors);
    REQUIRE(more.exit_code == 0);
    CHECK(contains(more.errors, "0 in stage 1, 0 in stage 2, 2 in stage 3"));
    CHECK(table_of(directory + "/finalists.csv").at(1).at("stage") == "3");
    // A larger budget finds another front; the stages follow it.
    const Outcome grown = resume(directory, {"--evaluations", "160"});
    CAPTURE(grown.errors);
    REQUIRE(grown.exit_code == 0);
    REQUIRE(start(longer, folder / "grown", {"--evaluations", "160"}).exit_code == 0);
    CHECK((read_text(directory + "/finalists.csv") == read_text(folder / "grown/finalists.csv")));
}

TEST_CASE("resuming a complete run with stages scores nothing and changes nothing") {
    const TemporaryFolder folder;
    const std::string directory = folder / "run";
    // Every parameter that can has its default, which the plug-ins spell otherwise than config.yaml does.
    const std::string config = write_run(folder,
                                         "stages:\n  - {id: probe, candidates: 6, by: accuracy.probe}\n"
                                         "  - {id: resumable, candidates: 3, by: accuracy.steps, stop_after: 4}\n");
    const std::string log = "SOTTO_TEST_STEPS=" + directory + ".steps";
    REQUIRE(start(config, directory, {}, {log}).exit_code == 0);
    const std::string steps = read_text(directory + ".steps");
    CHECK(lines_of(steps).size() == 16);  // four of each of three finalists and the baseline
    // What the plug-in kept may be damaged since: nobody asks for it.
    for (const auto& entry : std::filesystem::directory_iterator(directory + "/resumable")) {
        write_text(entry.path().string(), "damaged");
    }
    const std::string files = files_of(directory);
    const std::string rows = rows_of(directory);
    const auto stored = [&] {
        const auto store = sotto::run::Store::open(directory + "/run.db", sotto::run::Store::Access::read_only);
        return std::pair{store.information(), store.events().size()};
    };
    const auto before = stored();
    const std::vector<std::string> plugins = {"--plugin", probe_library, "--plugin", resumable_library};
    for (const std::vector<std::string>& arguments : {std::vector<std::string>{}, {config}}) {
        CAPTURE(arguments);
        std::vector<std::string> more = plugins;
        more.insert(more.begin(), arguments.begin(), arguments.end());
        const Outcome again = resume(directory, more, {log});
        CAPTURE(again.errors);
        REQUIRE(again.exit_code == 0);
        CHECK(contains(again.errors, "complete already"));
        CHECK(contains(again.errors, "0 in stage 1, 0 in stage 2"));
        CHECK((files_of(directory) == files));
        CHECK((rows_of(directory) == rows));
        CHECK((stored() == before));
        CHECK(read_text(directory + ".steps") == steps);
    }
}

TEST_CASE("the stages are told as events and in the JSON form") {
    const TemporaryFolder folder;
    const Outcome outcome = start(write_run(folder, resumable_stages), folder / "run",
                                  {"--events", folder / "events", "--json", "--quiet"});
    CAPTURE(outcome.errors);
    REQUIRE(outcome.exit_code == 0);
    std::map<std::string, std::vector<json>> events;
    for (const std::string& line : lines_of(read_text(folder / "events"))) {
        const json event = json::parse(line);
        events[event.at("event")].push_back(event);
    }
    REQUIRE(events["stage_started"].size() == 2);
    CHECK(events["stage_started"][0].at("networks") == 7);
    CHECK(events["stage_started"][1].at("networks") == 4);
    CHECK(events["stage_started"][1].at("stage") == 2);
    CHECK(events["stage_started"][1].at("stages") == 2);
    REQUIRE(events["finalist_scored"].size() == 11);
    CHECK(events["finalist_scored"][6].at("scored") == 7);
    CHECK(events["finalist_scored"][6].at("computed") == true);
    REQUIRE(events["stage_finished"].size() == 2);
    CHECK(events["stage_finished"][0].at("ranking").size() == 6);

    const json result = json::parse(outcome.output);
    REQUIRE(result.at("finalists").size() == 7);
    CHECK(result["finalists"][0].at("rank") == 0);
    CHECK(result["finalists"][0].at("metrics") == result.at("baseline"));
    // What a network of so many convolutions has after five steps (resumable_plugin.cpp); the baseline has five.
    CHECK(result["finalists"][0].at("stages").at(1).at("metrics").at("accuracy.steps").get<double>() ==
          Approx(1 - 1.0 / 10));
    CHECK(result["finalists"][1].at("stages").size() == 2);
    CHECK(result["finalists"][1].at("id") == events["stage_finished"][1].at("ranking").at(0));
    CHECK(result.at("finalist_stages").at(0).at("computed") == 7);
    const auto store = sotto::run::Store::open(folder / "run/run.db", sotto::run::Store::Access::read_only);
    CHECK(store.stage_scores().size() == 11);
}

TEST_CASE("where no member of the front keeps the limits the baseline is scored alone") {
    const TemporaryFolder folder;
    const std::string stages =
        "stages:\n  - {id: resumable, candidates: 6, by: accuracy.steps, limits: {latency.total_ms: {max: 1}}}\n";
    const Outcome outcome = start(write_run(folder, stages), folder / "run");
    CAPTURE(outcome.errors);
    CHECK(outcome.exit_code == 0);
    CHECK(contains(outcome.errors, "no network of the front keeps the limits"));
    CHECK(table_of(folder / "run/finalists.csv").size() == 1);
}

TEST_CASE("a dry run shows the stages and what they cost as declared") {
    const TemporaryFolder folder;
    const Outcome outcome = nas_run(
        {write_run(folder, resumable_stages), "--plugin", probe_library, "--plugin", resumable_library, "--dry-run"});
    CAPTURE(outcome.errors, outcome.output);
    REQUIRE(outcome.exit_code == 0);
    CHECK(contains(outcome.output, "resumable fails_every=0 stop_after=2: 6 and the baseline, by accuracy.steps"));
    CHECK(contains(outcome.output, "2 s a network and 14 s of one worker"));
    CHECK(contains(outcome.output, "2 s a network and 8 s of one worker"));
}

TEST_CASE("the shipped run that ends in training is well formed") {
    const Outcome outcome = nas_run({SOTTO_SOURCE_DIRECTORY "/configs/fashion_small.yaml", "--dry-run", "--json"});
    if (contains(outcome.errors, "unknown accuracy proxy") || contains(outcome.errors, "no accuracy proxy")) {
        SOTTO_SKIP("the accuracy proxies are not built");
    }
    CAPTURE(outcome.errors);
    REQUIRE(outcome.exit_code == 0);
    CHECK(json::parse(outcome.output).at("stages").size() == 3);
}

TEST_CASE("what is wrong with a stage is told before the search begins") {
    const TemporaryFolder folder;
    const std::string neutral = write_run(folder, "stages:\n  - {id: resumable, candidates: 6, by: steps.neutral}\n");
    const Outcome outcome = start(neutral, folder / "run");
    CHECK(outcome.exit_code == 2);
    CHECK(contains(outcome.errors, "run.yaml:43:"));
    CHECK(contains(outcome.errors, "which way is better is not declared"));
    CHECK_FALSE(std::filesystem::exists(folder / "run"));
}
