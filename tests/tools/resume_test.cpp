// SPDX-License-Identifier: Apache-2.0
#include <signal.h>

#include <filesystem>

#include <nlohmann/json.hpp>

#include "engine/run/store.hpp"
#include "search/strategy/strategy.hpp"
#include "tests/support/catch.hpp"
#include "tests/tools/nas_run.hpp"
#include "tests/tools/stored_run.hpp"

using namespace sotto::tests;
using nlohmann::json;

namespace {

struct StoredRun {
    explicit StoredRun(const std::string& path) {
        const auto store = sotto::run::Store::open(path, sotto::run::Store::Access::read_only);
        candidates = store.candidates().size();
        evaluations = store.evaluation_count();
        generations = store.generations();
        events = store.events().size();
    }
    std::size_t candidates;
    std::uint64_t evaluations;
    std::vector<sotto::run::StoredGeneration> generations;
    std::size_t events;
};

std::string uninterrupted(const TemporaryFolder& folder, const std::vector<std::string>& more = {}) {
    REQUIRE(run_tiny(folder / "uninterrupted", more).exit_code == 0);
    return files_of(folder / "uninterrupted");
}

}  // namespace

TEST_CASE("a run that was killed and resumed ends in the same bytes") {
    const TemporaryFolder folder;
    const std::string expected = uninterrupted(folder);
    for (const int killed_at : {1, 2, 13, 60, 119}) {
        CAPTURE(killed_at);
        const std::string directory = folder / ("killed-" + std::to_string(killed_at));
        const Outcome killed = run_tiny(directory, {}, {"SOTTO_TEST_SIGNALS=9@" + std::to_string(killed_at)});
        REQUIRE(killed.signal == SIGKILL);
        CHECK_FALSE(std::filesystem::exists(directory + "/pareto.csv"));
        const Outcome resumed = resume(directory);
        CAPTURE(resumed.errors);
        REQUIRE(resumed.exit_code == 0);
        CHECK((files_of(directory) == expected));
    }
}

TEST_CASE("a run may be killed several times") {
    const TemporaryFolder folder;
    const std::string expected = uninterrupted(folder);
    const std::string directory = folder / "run";
    REQUIRE(run_tiny(directory, {}, {"SOTTO_TEST_SIGNALS=9@30"}).signal == SIGKILL);
    REQUIRE(resume(directory, {}, {"SOTTO_TEST_SIGNALS=9@30"}).signal == SIGKILL);
    REQUIRE(resume(directory, {}, {"SOTTO_TEST_SIGNALS=9@10"}).signal == SIGKILL);
    REQUIRE(resume(directory).exit_code == 0);
    CHECK((files_of(directory) == expected));
}

TEST_CASE("Ctrl-C and SIGTERM save everything, end with 130 and can be resumed") {
    const TemporaryFolder folder;
    const std::string expected = uninterrupted(folder);
    for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
        CAPTURE(number);
        const std::string directory = folder / ("stopped-" + std::to_string(number));
        const Outcome stopped =
            run_tiny(directory, {"--json"}, {"SOTTO_TEST_SIGNALS=" + std::to_string(number) + "@50"});
        CAPTURE(stopped.errors);
        REQUIRE(stopped.exit_code == 130);
        CHECK(contains(stopped.errors, "nas-run: stopping; what is being evaluated is finished first, or given up"));
        CHECK(contains(stopped.errors, "nas-run --resume " + directory));
        const json result = json::parse(stopped.output);
        CHECK(result["status"] == "interrupted");
        CHECK(result["evaluations"].get<int>() >= 40);
        CHECK(result["evaluations"].get<int>() < 120);
        CHECK(read_text(directory + "/pareto.csv").size() > 100);
        CHECK(std::filesystem::exists(directory + "/best/01/network.yaml"));
        REQUIRE(resume(directory).exit_code == 0);
        CHECK((files_of(directory) == expected));
    }
}

TEST_CASE("a second signal ends at once, and the run can still be resumed") {
    const TemporaryFolder folder;
    const std::string expected = uninterrupted(folder);
    const std::string directory = folder / "run";
    const Outcome stopped = run_tiny(directory, {}, {"SOTTO_TEST_SIGNALS=2@50 15@50"});
    CHECK(stopped.exit_code == 130);
    CHECK(contains(stopped.errors, "nas-run: ended at once; what was evaluated is saved"));
    CHECK(contains(stopped.errors, "nas-run --resume " + directory));
    CHECK_FALSE(std::filesystem::exists(directory + "/pareto.csv"));
    REQUIRE(resume(directory).exit_code == 0);
    CHECK((files_of(directory) == expected));
}

TEST_CASE("a stop while the baseline is evaluated leaves a run that can be resumed") {
    const TemporaryFolder folder;
    const std::string expected = uninterrupted(folder);
    REQUIRE(run_tiny(folder / "run", {}, {"SOTTO_TEST_SIGNALS=2@1"}).exit_code == 130);
    REQUIRE(resume(folder / "run").exit_code == 0);
    CHECK((files_of(folder / "run") == expected));
}

TEST_CASE("a run goes on to a larger budget as if it had been asked for at the start") {
    const TemporaryFolder folder;
    for (const std::string_view strategy : sotto::search::strategy_names()) {
        CAPTURE(strategy);
        const std::string name(strategy);
        const std::string whole = folder / (name + "-whole");
        REQUIRE(run_tiny(whole, {"--strategy", name}).exit_code == 0);
        // 50 and 97 end in the middle of a generation of 12, 60 and 61 at its end and just behind.
        for (const std::vector<std::string>& budgets :
             {std::vector<std::string>{"50", "97", "120"}, {"60", "120"}, {"61", "119", "120"}, {"1", "120"}}) {
            const std::string directory = folder / (name + "-grown");
            REQUIRE(run_tiny(directory, {"--strategy", name, "--evaluations", budgets.front()}).exit_code == 0);
            for (std::size_t i = 1; i < budgets.size(); ++i) {
                CAPTURE(budgets[i]);
                const Outcome outcome = resume(directory, {"--evaluations", budgets[i]});
                CAPTURE(outcome.errors);
                REQUIRE(outcome.exit_code == 0);
                CHECK(contains(outcome.errors, budgets[i] + " candidates, "));
            }
            CHECK((files_of(directory) == files_of(whole)));
            CHECK((rows_of(directory) == rows_of(whole)));
            std::filesystem::remove_all(directory);
        }
    }
}

TEST_CASE("a budget smaller than what was evaluated is refused and changes nothing") {
    const TemporaryFolder folder;
    const std::string expected = uninterrupted(folder);
    const Outcome outcome = resume(folder / "uninterrupted", {"--evaluations", "50"});
    CHECK(outcome.exit_code == 2);
    CHECK(contains(outcome.errors, "found 50, expected --evaluations of at least 120"));
    CHECK((files_of(folder / "uninterrupted") == expected));
}

TEST_CASE("resuming a complete run says so and changes nothing") {
    const TemporaryFolder folder;
    const std::string expected = uninterrupted(folder);
    const StoredRun before(folder / "uninterrupted/run.db");
    const Outcome outcome = resume(folder / "uninterrupted", {"--threads", "2"});
    CHECK(outcome.exit_code == 0);
    CHECK(contains(outcome.errors, "complete already"));
    CHECK((files_of(folder / "uninterrupted") == expected));
    const StoredRun after(folder / "uninterrupted/run.db");
    CHECK(before.candidates == 120);
    CHECK(after.candidates == before.candidates);
    CHECK(after.evaluations == before.evaluations);
    CHECK((after.generations == before.generations));  // their times too
    CHECK(after.events == before.events);
}

TEST_CASE("a time limit ends a run that can be resumed") {
    const TemporaryFolder folder;
    const std::string expected = uninterrupted(folder);
    const Outcome outcome = run_tiny(folder / "run", {"--time-limit", "0.001s"});
    CHECK(outcome.exit_code == 0);
    CHECK(contains(outcome.errors, "time limit"));
    REQUIRE(resume(folder / "run").exit_code == 0);
    CHECK((files_of(folder / "run") == expected));
}

TEST_CASE("a run is not resumed as another") {
    const TemporaryFolder folder;
    const std::string directory = folder / "run";
    REQUIRE(run_tiny(directory, {"--evaluations", "40"}).exit_code == 0);

    const Outcome seed = resume(directory, {"--seed", "8"});
    CHECK(seed.exit_code == 2);
    CHECK(contains(seed.errors, "found 'seed: 8', expected 'seed: 7'"));
    CHECK(resume(directory, {"--strategy", "random"}).exit_code == 2);

    const std::string other = folder / "other.yaml";
    std::string text = read_text(tiny_run);
    text.replace(text.find("to: 4}"), 6, "to: 5}");
    write_text(other, text);
    const Outcome space = nas_run({other, "--plugin", probe_library, "--resume", directory});
    CHECK(space.exit_code == 2);
    CHECK(contains(space.errors, "to: 5"));
    CHECK(nas_run({tiny_run, "--plugin", probe_library, "--resume", directory}).exit_code == 0);

    std::string config = read_text(directory + "/config.yaml");
    config.replace(config.find("accuracy.probe: 1"), 17, "accuracy.probe: 9");
    write_text(directory + "/config.yaml", config);
    const Outcome version = resume(directory);
    CHECK(version.exit_code == 2);
    CHECK(contains(version.errors, "found 'accuracy.probe: 1', expected 'accuracy.probe: 9'"));
}
