// SPDX-License-Identifier: Apache-2.0
// nas-run with deliberately bad plug-ins: plugins/faulty.
#include <signal.h>

#include <map>
#include <string>
#include <vector>

#include "engine/run/store.hpp"
#include "tests/support/catch.hpp"
#include "tests/tools/nas_run.hpp"

using namespace sotto::tests;

namespace {

std::string library(const std::string& name) {
    return SOTTO_BINARY_DIRECTORY "/lib/sotto/faulty/" + name + ".so";
}

// A run of 60 candidates of the tiny space that the plug-in scores.
std::string configuration(const TemporaryFolder& folder, const std::string& file, const std::string& cost_model,
                          const std::string& name, const std::string& policy) {
    const std::string tiny = read_text(tiny_run);
    std::string text = "format: 1\nsearch: {population: 12, evaluations: 60, seed: 7}\n";
    text += "cost_model: {" + cost_model + "}\n";
    text += "objectives:\n  - {metric: latency.total_ms, goal: minimize}\n  - {metric: params, goal: maximize}\n";
    text += "hypervolume_reference: {latency.total_ms: 1000, params: 0}\n";
    text += "on_error: " + policy + "\nplugins: [" + library(name) + "]\n";
    text += tiny.substr(tiny.find("space:\n"));
    write_text(folder / file, text);
    return folder / file;
}

// Genome of every stored candidate by its number.
std::map<std::uint64_t, std::string> stored(const std::string& directory) {
    const auto store = sotto::run::Store::open(directory + "/run.db", sotto::run::Store::Access::read_only);
    std::map<std::uint64_t, std::string> rows;
    for (const auto& candidate : store.candidates()) {
        rows[candidate.id] = candidate.genome;
    }
    return rows;
}

}  // namespace

TEST_CASE("a plug-in library that breaks the rules is refused, in this process and in its own") {
    const TemporaryFolder folder;
    const std::vector<std::vector<std::string>> cases = {
        {"wrong_version", "found version", "expected 1"},
        {"missing_symbol", "sotto_plugin_entry", "expected"},
        {"duplicate_id", "found cost model 'faulty-duplicate-id'", "expected an id of its own"},
        {"huge_metric_list", "found 4000000000", "expected at most 1024"},
    };
    for (const auto& wrong : cases) {
        for (const char* isolation : {"none", "process"}) {
            CAPTURE(wrong[0], isolation);
            const std::string config =
                configuration(folder, "run.yaml", "id: faulty, isolation: " + std::string(isolation), wrong[0], "skip");
            const Outcome outcome = nas_run({config, "--out", folder / "run"});
            CAPTURE(outcome.errors);
            CHECK(outcome.exit_code == 2);
            CHECK(contains(outcome.errors, library(wrong[0])));
            CHECK(contains(outcome.errors, wrong[1]));
            CHECK(contains(outcome.errors, wrong[2]));
            CHECK_FALSE(std::filesystem::exists(folder / "run"));
        }
    }
}

TEST_CASE("isolation changes no result, with any number of threads") {
    const TemporaryFolder folder;
    std::vector<std::string> fronts;
    for (const char* isolation : {"none", "process"}) {
        const std::string config =
            configuration(folder, "run.yaml", "id: honest, isolation: " + std::string(isolation), "honest", "stop");
        for (const char* threads : {"1", "3"}) {
            const std::string directory = folder / (std::string(isolation) + threads);
            const Outcome outcome = nas_run({config, "--out", directory, "--threads", threads});
            CAPTURE(outcome.errors);
            REQUIRE(outcome.exit_code == 0);
            fronts.push_back(read_text(directory + "/pareto.csv"));
        }
    }
    CHECK(fronts[0].size() > 100);
    for (const std::string& front : fronts) {
        CHECK((front == fronts[0]));
    }
}

TEST_CASE("a fault stops the run or costs the candidate, isolated or not") {
    const TemporaryFolder folder;
    const std::vector<std::vector<std::string>> cases = {
        {"throws", "process", "table index 7 of 3"},
        {"throws", "none", "table index 7 of 3"},
        {"nan", "process", "expected a finite number"},
        {"nan", "none", "expected a finite number"},
        {"negative", "process", "expected 0 or more"},
        {"negative", "none", "expected 0 or more"},
        {"crash", "process", "its process was killed by signal 11"},
        {"hang", "{mode: process, timeout_s: 0.2}", "gave no answer within 0.2 s"},
    };
    for (const auto& fault : cases) {
        for (const char* policy : {"stop", "skip", "penalise"}) {
            CAPTURE(fault[0], fault[1], policy);
            const std::string config = configuration(
                folder, "run.yaml", "id: faulty-" + fault[0] + ", every: 17, isolation: " + fault[1], fault[0], policy);
            std::filesystem::remove_all(folder / "run");
            const Outcome outcome = nas_run({config, "--out", folder / "run"});
            CAPTURE(outcome.errors);
            CHECK(outcome.exit_code == (std::string(policy) == "stop" ? 1 : 0));
            CHECK(contains(outcome.errors, "candidate "));
            CHECK(contains(outcome.errors, "cost model 'faulty-" + fault[0] + '\''));
            CHECK(contains(outcome.errors, fault[2]));
        }
    }
}

TEST_CASE("a plug-in that crashes the run loses nothing, and the run goes on with it isolated") {
    const TemporaryFolder folder;
    const std::string model = "id: faulty-crash, every: 37";
    const std::string unsafe = configuration(folder, "unsafe.yaml", model, "crash", "skip");
    const std::string safe = configuration(folder, "safe.yaml", model + ", isolation: process", "crash", "skip");
    const Outcome whole = nas_run({safe, "--out", folder / "whole"});
    CAPTURE(whole.errors);
    REQUIRE(whole.exit_code == 0);
    REQUIRE(contains(whole.errors, "killed by signal 11"));

    const Outcome crashed = nas_run({unsafe, "--out", folder / "run", "--threads", "1"});
    REQUIRE(crashed.signal == SIGSEGV);
    const auto before = stored(folder / "run");
    CHECK(before.size() >= 12);
    const Outcome resumed = nas_run({safe, "--resume", folder / "run"});
    CAPTURE(resumed.errors);
    REQUIRE(resumed.exit_code == 0);
    const auto after = stored(folder / "run");
    CHECK(after.size() == 60);
    for (const auto& [id, genome] : before) {
        CHECK(after.at(id) == genome);
    }
    CHECK((stored(folder / "whole") == after));
    CHECK((read_text(folder / "run/pareto.csv") == read_text(folder / "whole/pareto.csv")));
}
