// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>

#include <nlohmann/json.hpp>

#include "engine/run/store.hpp"
#include "tests/support/catch.hpp"
#include "tests/tools/nas_run.hpp"
#include "tests/tools/stored_run.hpp"

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

std::string faulty_run(const TemporaryFolder& folder, const std::string& fault, const std::string& policy,
                       int every = 7) {
    std::string config = folder / (fault + '-' + policy + ".yaml");
    std::string text = read_text(tiny_run);
    text.replace(text.find("- id: probe"), 11,
                 "- {id: probe, fault: " + fault + ", every: " + std::to_string(every) + '}');
    write_text(config, text + "on_error: " + policy + '\n');
    return config;
}

Outcome run_with_fault(const TemporaryFolder& folder, const std::string& fault, const std::string& policy) {
    return nas_run({faulty_run(folder, fault, policy), "--plugin", probe_library, "--out",
                    folder / (fault + '-' + policy), "--json"});
}

// The failed candidate with the least number of a run that went on.
sotto::run::StoredCandidate first_failure(const std::string& directory) {
    const auto store = sotto::run::Store::open(directory + "/run.db", sotto::run::Store::Access::read_only);
    sotto::run::StoredCandidate first;
    for (const sotto::run::StoredCandidate& candidate : store.candidates()) {
        sotto::evaluate::Evaluation evaluation;
        if (candidate.hash && store.find(*candidate.hash, evaluation) &&
            evaluation.status == sotto::evaluate::Evaluation::Status::failed &&
            (first.id == 0 || candidate.id < first.id)) {
            first = candidate;
        }
    }
    return first;
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

TEST_CASE("a run whose baseline has no score is not told to go on") {
    const TemporaryFolder folder;
    const std::string config = faulty_run(folder, "unsupported", "skip", 2);
    bool was_met = false;
    for (int seed = 1; seed <= 20 && !was_met; ++seed) {
        const std::string directory = folder / ("run-" + std::to_string(seed));
        const Outcome outcome = nas_run({config, "--plugin", probe_library, "--out", directory, "--evaluations", "1",
                                         "--seed", std::to_string(seed)});
        if (outcome.exit_code == 0) {
            continue;  // the fault does not hit the baseline
        }
        CAPTURE(outcome.errors);
        was_met = true;
        CHECK(outcome.exit_code == 1);
        CHECK(contains(outcome.errors, "the baseline has no score (unsupported)"));
        CHECK_FALSE(contains(outcome.errors, "--resume"));
        CHECK(resume(directory).exit_code == 1);
    }
    CHECK(was_met);
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

TEST_CASE("the candidate that stops a run is named by its number and genome") {
    // In the first generation, and in a later one.
    for (const int every : {7, 31}) {
        CAPTURE(every);
        const TemporaryFolder folder;
        const Outcome skipped = nas_run(
            {faulty_run(folder, "throw", "skip", every), "--plugin", probe_library, "--out", folder / "skipped"});
        REQUIRE(skipped.exit_code == 0);
        const sotto::run::StoredCandidate failed = first_failure(folder / "skipped");
        REQUIRE(failed.id > 0);
        for (const char* threads : {"1", "3"}) {
            const std::string directory = folder / (std::string("stopped-") + threads);
            const Outcome stopped = nas_run({faulty_run(folder, "throw", "stop", every), "--plugin", probe_library,
                                             "--out", directory, "--threads", threads, "--events", folder / "events"});
            CAPTURE(stopped.errors);
            REQUIRE(stopped.exit_code == 1);
            CHECK(contains(stopped.errors, "candidate " + std::to_string(failed.id) + ": "));
            CHECK(contains(stopped.errors, "its genome: " + failed.genome + '\n'));
            CHECK(contains(stopped.errors, "nas-run CONFIG --resume " + directory));
            const std::vector<std::string> events = lines_of(read_text(folder / "events"));
            REQUIRE(events.size() > 2);
            const json told = json::parse(events[events.size() - 2]);
            CHECK(told["event"] == "candidate_failed");
            CHECK(told["id"] == failed.id);
            const json finished = json::parse(events.back());
            CHECK(finished["event"] == "run_finished");
            CHECK(finished["outcome"] == "failed");
            const auto store = sotto::run::Store::open(directory + "/run.db", sotto::run::Store::Access::read_only);
            CHECK(store.events().size() >= 3);
        }
    }
}

TEST_CASE("a run that a fault stopped goes on under another policy as if it had begun with it") {
    for (const std::string policy : {"skip", "penalise"}) {
        CAPTURE(policy);
        const TemporaryFolder folder;
        const Outcome whole = run_with_fault(folder, "throw", policy);
        REQUIRE(whole.exit_code == 0);
        REQUIRE(run_with_fault(folder, "throw", "stop").exit_code == 1);
        const std::string directory = folder / "throw-stop";
        const Outcome again = resume(directory);
        CHECK(again.exit_code == 1);
        const Outcome resumed = nas_run({folder / ("throw-" + policy + ".yaml"), "--resume", directory});
        CAPTURE(resumed.errors);
        REQUIRE(resumed.exit_code == 0);
        CHECK((files_of(directory) == files_of(folder / ("throw-" + policy))));
        // And there is no way back: candidates have failed.
        const Outcome back = nas_run({folder / "throw-stop.yaml", "--resume", directory});
        CHECK(back.exit_code == 2);
        CHECK(contains(back.errors, "on_error"));
    }
}

TEST_CASE("a library that moved is named where it is, and one that was built anew is warned of") {
    const TemporaryFolder folder;
    std::filesystem::create_directories(folder / "before");
    std::filesystem::create_directories(folder / "after");
    const std::string before = folder / "before/probe.so";
    const std::string after = folder / "after/probe.so";
    std::filesystem::copy_file(probe_library, before);
    REQUIRE(run_tiny(folder / "whole", {"--evaluations", "60"}).exit_code == 0);
    REQUIRE(nas_run({tiny_run, "--plugin", before, "--out", folder / "run", "--evaluations", "40"}).exit_code == 0);
    std::filesystem::rename(before, after);

    const Outcome lost = resume(folder / "run", {"--evaluations", "50"});
    CHECK(lost.exit_code == 2);
    CHECK(contains(lost.errors, before));
    CHECK(contains(lost.errors, "--plugin"));
    const Outcome found = resume(folder / "run", {"--evaluations", "50", "--plugin", after});
    CAPTURE(found.errors);
    REQUIRE(found.exit_code == 0);
    CHECK_FALSE(contains(found.errors, "is not the one"));

    // Another file that gives the same.
    std::ofstream(after, std::ios::app | std::ios::binary) << "built anew";
    const Outcome rebuilt = resume(folder / "run", {"--evaluations", "60"});
    CAPTURE(rebuilt.errors);
    REQUIRE(rebuilt.exit_code == 0);
    CHECK(contains(rebuilt.errors, "the library of accuracy.probe is not the one that the run was begun with"));
    CHECK((read_text(folder / "run/pareto.csv") == read_text(folder / "whole/pareto.csv")));
}

TEST_CASE("a run whose candidates are mostly unsupported says why") {
    const TemporaryFolder folder;
    const auto run_with_engine = [&](const std::string& engine) {
        write_text(
            folder / "run.yaml",
            "format: 1\nsearch: {strategy: random, evaluations: 60, seed: 1}\n"
            "cost_model: {id: protocol, setting: lan, engine: " +
                engine +
                "}\n"
                "objectives: [{metric: latency.total_ms, goal: minimize}, {metric: params, goal: maximize}]\n"
                "space:\n  input: {shape: [3, 8, 8]}\n"
                "  choices: {first: [relu, square], second: [relu, square], third: [relu, square], width: [1, 2, 3]}\n"
                "  layers:\n    - {type: conv, channels: 4 * width, kernel: 1}\n    - {type: \"${first}\"}\n"
                "    - {type: conv, channels: 4, kernel: 1}\n    - {type: \"${second}\"}\n"
                "    - {type: conv, channels: 4, kernel: 1}\n    - {type: \"${third}\"}\n"
                "  baseline: {first: relu, second: relu, third: relu, width: 2}\n");
        return nas_run({folder / "run.yaml", "--out", folder / engine});
    };
    const Outcome unmeasured = run_with_engine("opencheetah-2023");
    CAPTURE(unmeasured.errors);
    REQUIRE(unmeasured.exit_code == 0);
    CHECK(contains(unmeasured.errors, "more than half of the candidates are unsupported"));
    CHECK(contains(unmeasured.errors, "elementwise product"));
    const Outcome measured = run_with_engine("opencheetah-2022");
    REQUIRE(measured.exit_code == 0);
    CHECK_FALSE(contains(measured.errors, "more than half"));
}

TEST_CASE("an unsupported candidate is an answer, not a fault") {
    const TemporaryFolder folder;
    const Outcome outcome = run_with_fault(folder, "unsupported", "stop");
    CAPTURE(outcome.errors);
    REQUIRE(outcome.exit_code == 0);
    CHECK_FALSE(contains(outcome.errors, "not supported by the probe"));
}
