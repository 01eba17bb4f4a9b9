// SPDX-License-Identifier: Apache-2.0
// nas-run with every one of the deliberately bad plug-ins: plugins/faulty.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/run/store.hpp"
#include "tests/support/catch.hpp"
#include "tests/tools/nas_run.hpp"

using namespace sotto::tests;
using nlohmann::json;

namespace {

// Programs end without exit handlers, but not where a sanitizer reports in one.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool runs_exit_handlers = true;
#else
constexpr bool runs_exit_handlers = false;
#endif

const std::string faulty = SOTTO_BINARY_DIRECTORY "/lib/sotto/faulty/";

std::string library(const std::string& name) {
    return faulty + name + ".so";
}

std::string id_of(const std::string& name) {
    std::string id = "faulty-" + name;
    std::replace(id.begin(), id.end(), '_', '-');
    return id;
}

// Library and words of the refusal.
const std::map<std::string, std::vector<std::string>> refused = {
    {"wrong_version", {"found version 2", "expected 1"}},
    {"missing_symbol", {"sotto_plugin_entry", "expected"}},
    {"undefined_symbol", {"sotto_faulty_function_of_nobody"}},
    {"duplicate_id", {"found cost model 'faulty-duplicate-id'", "expected an id of its own"}},
    {"huge_metric_list", {"found 4000000000", "expected at most 1024"}},
    {"bad_metric_name", {"Total latency!"}},
    {"huge_stride", {"found 268435456", "at most 65536"}},
    {"rounds_in_create", {"create", "another rounding"}},
    {"text_not_utf8", {"byte 252 at 1", "expected UTF-8"}},
};

// Library and words of the candidate's failure, which are the same in a process of its own.
const std::map<std::string, std::string> failing = {
    {"throws", "table index 7 of 3"},
    {"nan", "expected a finite number"},
    {"negative", "expected 0 or more"},
    {"wrong_count", "the status of the result was not written"},
    {"forgotten_metric", "metric 'traffic.total_bytes' was not written"},
    {"writes_beyond", "found more metrics written than the 2 declared"},
    {"changes_rounding", "another rounding"},
};

// Library and words of the failure in a process of its own; in the program's process they end it.
const std::map<std::string, std::string> ending = {
    {"calls_exit", "its process exited with status 0"},
    {"closes_files", "its process exited with status 1"},
    {"crash", "its process was killed by signal 11"},
    {"ends_the_process", "its process exited with status 0"},
};

// What a run cannot see, or bears; nas-plugin check names it. `true`: the results are those of the plug-in without a
// fault.
const std::map<std::string, bool> borne = {
    {"any_name", true},
    {"batch_differs", false},
    {"changes_directory", true},
    {"changes_locale", true},
    {"changes_umask", true},
    {"changing_descriptor", true},
    {"child_differs", true},
    {"crashes_at_exit", true},
    {"differs_by_process", false},
    {"does_not_add_up", true},
    {"fails_on_empty", true},
    {"fit_reads_nothing", true},
    {"fits_on_top", true},
    {"forgotten_uncertainty", true},
    {"forks", true},
    {"garbage_state", true},
    {"honest", true},
    {"ignores_cancellation", true},
    {"incremental_differs", true},
    {"infinite_at_extreme", false},
    {"init_not_counted", true},
    {"keeps_candidate", true},
    {"leak", true},
    {"leaks_in_create", true},
    {"leaks_in_refusals", true},
    {"leaves_files_open", true},
    {"leaves_thread", true},
    {"lies_about_threads", true},
    {"long_batch_differs", true},
    {"nests_loops", true},
    {"order_dependent", false},
    {"overflows", true},
    {"prints", true},
    {"random_results", false},
    {"reads_absent_view", true},  // a run has the network at hand for other plug-ins
    {"reads_beyond", true},
    {"refused_fit_changes", true},
    {"rounds_when_loaded", true},
    {"scores_the_unknown", true},
    {"sets_an_alarm", true},
    {"shared_state", false},
    {"silent_failure", true},
    {"slow_scan", true},
    {"steals_signals", true},
    {"steps_with_sizeof", true},
    {"takes_the_loop_for_granted", false},  // the host refuses the loop
    {"third_instance_differs", true},
    {"tied_to_a_thread", true},
    {"writes_candidate", true},
};

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

// A run that ends by itself, with the front of the isolated run from the start, whatever ended it before.
void check_goes_on(const TemporaryFolder& folder, const std::string& safe, const std::string& name) {
    const Outcome whole = nas_run({safe, "--out", folder / (name + "-whole")});
    CAPTURE(whole.errors);
    REQUIRE(whole.exit_code == 0);
    const auto before = stored(folder / name);
    CHECK(before.size() >= 12);
    CHECK(before.size() < 60);
    const Outcome resumed = nas_run({safe, "--resume", folder / name});
    CAPTURE(resumed.errors);
    REQUIRE(resumed.exit_code == 0);
    const auto after = stored(folder / name);
    CHECK(after.size() == 60);
    for (const auto& [id, genome] : before) {
        CHECK(after.at(id) == genome);
    }
    CHECK((stored(folder / (name + "-whole")) == after));
    CHECK((read_text(folder / name + "/pareto.csv") == read_text(folder / (name + "-whole/pareto.csv"))));
}

}  // namespace

TEST_CASE("what becomes of a run is known for every faulty plug-in") {
    std::set<std::string> known = {"hang", "closes_and_hangs", "forks_and_hangs"};
    for (const auto& [name, words] : refused) {
        known.insert(name);
    }
    for (const auto* table : {&failing, &ending}) {
        for (const auto& [name, words] : *table) {
            known.insert(name);
        }
    }
    for (const auto& [name, is_same] : borne) {
        known.insert(name);
    }
    std::set<std::string> present;
    for (const auto& entry : std::filesystem::directory_iterator(faulty)) {
        present.insert(entry.path().stem().string());
    }
    CHECK(present == known);
}

TEST_CASE("a plug-in library that breaks the rules is refused, in this process and in its own") {
    const TemporaryFolder folder;
    for (const auto& [name, words] : refused) {
        for (const char* isolation : {"none", "process"}) {
            CAPTURE(name, isolation);
            const std::string config =
                configuration(folder, "run.yaml", "id: " + id_of(name) + ", isolation: " + isolation, name, "skip");
            const Outcome outcome = nas_run({config, "--out", folder / "run"});
            CAPTURE(outcome.errors);
            CHECK(outcome.exit_code == 2);
            CHECK(contains(outcome.errors, library(name)));
            for (const std::string& word : words) {
                CHECK(contains(outcome.errors, word));
            }
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
    const auto check = [&](const std::string& name, const std::string& isolation, const std::string& words) {
        for (const std::string policy : {"stop", "skip", "penalise"}) {
            CAPTURE(name, isolation, policy);
            const std::string config = configuration(
                folder, "run.yaml", "id: " + id_of(name) + ", every: 17, isolation: " + isolation, name, policy);
            std::filesystem::remove_all(folder / "run");
            const Outcome outcome = nas_run({config, "--out", folder / "run"});
            CAPTURE(outcome.errors);
            CHECK(outcome.exit_code == (policy == "stop" ? 1 : 0));
            CHECK(contains(outcome.errors, "candidate "));
            CHECK(contains(outcome.errors, "cost model '" + id_of(name) + '\''));
            CHECK(contains(outcome.errors, words));
            CHECK(stored(folder / "run").size() <= 60);
            CHECK((stored(folder / "run").size() == 60) == (policy != "stop"));
            CHECK(read_text(folder / "run/pareto.csv").size() > 100);
        }
    };
    for (const auto& [name, words] : failing) {
        check(name, "none", words);
        check(name, "process", words);
    }
    for (const auto& [name, words] : ending) {
        check(name, "process", words);
    }
    check("hang", "{mode: process, timeout_s: 0.2}", "gave no answer within 0.2 s");
    check("closes_and_hangs", "{mode: process, timeout_s: 0.2}", "its process");
    check("forks_and_hangs", "{mode: process, timeout_s: 0.2}", "gave no answer within 0.2 s");
}

TEST_CASE("a plug-in that ends the run loses nothing, and the run goes on with it isolated") {
    const TemporaryFolder folder;
    for (const auto& [name, words] : ending) {
        CAPTURE(name);
        const std::string model = "id: " + id_of(name) + ", every: 37";
        const std::string unsafe = configuration(folder, "unsafe.yaml", model, name, "skip");
        const std::string safe = configuration(folder, "safe.yaml", model + ", isolation: process", name, "skip");
        const Outcome ended = nas_run({unsafe, "--out", folder / name, "--threads", "1"});
        CAPTURE(ended.errors);
        CHECK(ended.signal == (name == "crash" ? SIGSEGV : 0));
        CHECK(ended.exit_code == (name == "crash" ? -1 : 1));
        if (name == "calls_exit") {
            CHECK(contains(ended.errors, "something called exit"));
        }
        if (name == "closes_files") {
            CHECK(contains(ended.errors, "run.db: cannot be written"));
        }
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // they tell of crashes in their own way
        if (name == "crash") {
            CHECK(contains(ended.errors, "cost model 'faulty-crash' (" + library(name) +
                                             ") crashed in evaluate with SIGSEGV; what was evaluated is saved"));
        }
#endif
        if (name == "ends_the_process") {
            CHECK(contains(ended.errors, library(name) + " called _Exit"));
        }
        CHECK(ended.output.empty());
        check_goes_on(folder, safe, name);
    }
}

TEST_CASE("a plug-in that hangs is left with two signals, which lose nothing") {
    const TemporaryFolder folder;
    const std::string model = "id: faulty-hang, every: 37";
    const std::string unsafe = configuration(folder, "unsafe.yaml", model, "hang", "skip");
    const std::string safe =
        configuration(folder, "safe.yaml", model + ", isolation: {mode: process, timeout_s: 0.2}", "hang", "skip");
    const std::string program = SOTTO_BINARY_DIRECTORY "/bin/nas-run";
    const std::string directory = folder / "hang";
    const pid_t run = fork();
    REQUIRE(run >= 0);
    if (run == 0) {
        execl(program.c_str(), program.c_str(), unsafe.c_str(), "--out", directory.c_str(), "--threads", "1", "--quiet",
              nullptr);
        _exit(127);
    }
    // Until the first generation is stored, or for so long that something is wrong.
    const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(2);
    std::size_t count = 0;
    while (count < 12 && std::chrono::steady_clock::now() < end && waitpid(run, nullptr, WNOHANG) == 0) {
        if (std::filesystem::exists(directory + "/config.yaml")) {
            count = stored(directory).size();
        }
    }
    kill(run, SIGINT);
    kill(run, SIGTERM);
    int status = 0;
    REQUIRE(waitpid(run, &status, 0) == run);
    REQUIRE(WIFEXITED(status));
    CHECK(WEXITSTATUS(status) == 130);
    check_goes_on(folder, safe, "hang");
}

TEST_CASE("a fault that a run can bear changes no other candidate, file or stream") {
    const TemporaryFolder folder;
    std::string honest;
    for (const std::string isolation : {"none", "process"}) {
        const std::string config =
            configuration(folder, "honest.yaml", "id: honest, isolation: " + isolation, "honest", "stop");
        REQUIRE(nas_run({config, "--out", folder / ("honest-" + isolation)}).exit_code == 0);
        honest = read_text(folder / ("honest-" + isolation + "/pareto.csv"));
        for (const auto& [name, is_same] : borne) {
            if (name == "honest" || (name == "crashes_at_exit" && runs_exit_handlers)) {
                continue;
            }
            CAPTURE(name, isolation);
            const std::string file = name + '-' + isolation;
            configuration(folder, file + ".yaml", "id: " + id_of(name) + ", isolation: " + isolation, name, "stop");
            const Outcome outcome =
                nas_run({file + ".yaml", "--out", file, "--json", "--threads", "1"}, {}, folder.path());
            CAPTURE(outcome.errors);
            REQUIRE(outcome.exit_code == 0);
            CHECK(json::parse(outcome.output, nullptr, false)["evaluations"] == 60);
            CHECK(stored(folder / file).size() == 60);
            CHECK(std::filesystem::exists(folder / (file + "/best/01/network.yaml")));
            if (is_same) {
                CHECK((read_text(folder / (file + "/pareto.csv")) == honest));
            }
            const bool is_told = isolation == "none" &&
                                 (name == "changes_directory" || name == "changes_locale" || name == "steals_signals");
            CHECK(contains(outcome.errors, "a plug-in changed") == is_told);
        }
    }
}
