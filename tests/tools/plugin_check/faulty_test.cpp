// SPDX-License-Identifier: Apache-2.0
// nas-plugin check over the plug-ins that each break one rule: the check that stands for the rule fails, with words
// that name the fault, and no other does.
#include <map>
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
const std::string faulty = SOTTO_BINARY_DIRECTORY "/lib/sotto/faulty/";

struct Fault {
    std::string library;
    std::string outcome;                       // of every check that is expected not to succeed
    std::map<std::string, std::string> words;  // check -> what its text names
    std::vector<std::string> options = {};     // besides --json and --timeout
};

const std::vector<Fault> faults = {
    {"wrong_version", "failed", {{"loads", "found version 2, expected 1"}}},
    {"missing_symbol", "failed", {{"loads", "sotto_plugin_entry"}}},
    {"undefined_symbol", "failed", {{"loads", "sotto_faulty_function_of_nobody"}}},
    {"duplicate_id", "failed", {{"ids-differ", "faulty-duplicate-id"}}},
    {"huge_metric_list", "failed", {{"describes-plugins", "4000000000"}}},
    {"bad_metric_name", "failed", {{"describes-plugins", "Total latency!"}}},
    {"init_not_counted", "failed", {{"init-counted", "init, init, deinit"}}},
    {"any_name",
     "failed",
     {{"unknown-factory-null", "expected null"}, {"unknown-plugin-refused", "expected invalid argument"}}},
    {"slow_scan", "warning", {{"scan-time", "expected less than 100 ms"}}, {"--only", "scan-time"}},
    {"throws", "failed", {{"evaluates", "an exception escaped: table index 7 of 3"}}},
    {"hang", "failed", {{"evaluates", "timed out"}}, {"--timeout", "1"}},
    {"crash", "crashed", {{"evaluates", "SIGSEGV while: evaluating a plain network"}}},
    {"calls_exit", "crashed", {{"evaluates", "exit code 0 while: evaluating a plain network"}}},
    {"ends_the_process", "crashed", {{"evaluates", "exit code 0 while: evaluating a plain network"}}},
    {"wrong_count", "failed", {{"every-record-written", "candidate 11 of 12"}}},
    {"forgotten_metric", "failed", {{"every-metric-written", "traffic.total_bytes"}}},
    {"nan", "failed", {{"finite-results", "latency.total_ms"}}},
    {"negative", "failed", {{"non-negative-results", "traffic.total_bytes"}}},
    {"writes_beyond", "failed", {{"writes-within-results", "beyond its metrics"}}},
    {"random_results", "failed", {{"deterministic-as-declared", "evaluated again"}}},
    {"order_dependent", "failed", {{"order-invariant", "at place"}}},
    {"batch_differs", "failed", {{"batch-equals-singles", "in a batch of 2 against alone"}}},
    {"lies_about_threads", "failed", {{"threads-agree", "at the declared thread level"}}},
    {"shared_state", "failed", {{"instances-independent", "another instance with scale=2"}}},
    {"scores_the_unknown", "failed", {{"unknown-operation-unsupported", "found ok, expected unsupported"}}},
    {"silent_failure", "failed", {{"refusal-has-reason", "without a text"}}},
    {"fails_on_empty", "failed", {{"empty-program", "expected a finite number"}}},
    {"overflows", "failed", {{"huge-operations", "2^31 elements"}}},
    {"reads_absent_view", "crashed", {{"absent-view-not-read", "SIGSEGV"}}},
    {"steps_with_sizeof", "failed", {{"strides-honoured", "sotto_operation_at"}}},
    {"does_not_add_up", "failed", {{"per-operation-sum", "add up to"}}},
    {"incremental_differs", "failed", {{"incremental-agrees", "as a child of itself"}}},
    {"garbage_state", "failed", {{"garbage-state-refused", "load of no bytes: found ok"}}},
    {"leaves_thread", "failed", {{"no-thread-left", "1 threads more after destroy"}}},
    {"ignores_cancellation", "failed", {{"cancellation-honoured", "cancel"}}, {"--timeout", "8"}},
    {"changes_locale", "failed", {{"locale-kept", "C.UTF-8"}}},
    {"changes_rounding", "failed", {{"floating-point-kept", "rounding"}}},
    {"changes_directory", "failed", {{"directory-kept", "expected '/"}}},
    {"steals_signals", "failed", {{"signals-kept", "handler of signal 2"}}},
    {"prints", "warning", {{"no-output", "scored one more candidate"}}},
    {"changing_descriptor",
     "failed",
     {{"descriptors-constant", "other values in its descriptor"}, {"descriptor-kept", "after create"}}},
    {"text_not_utf8", "failed", {{"describes-plugins", "byte 252 at 1, expected UTF-8"}}},
    {"huge_stride", "failed", {{"describes-plugins", "found 268435456, expected at least 40 and at most 65536"}}},
    {"crashes_at_exit", "crashed", {{"ends-cleanly", "SIGSEGV while: ending the process"}}},
    {"rounds_when_loaded", "failed", {{"floating-point-kept", "loading the library"}}},
    {"rounds_in_create", "failed", {{"floating-point-kept", "create returns with another rounding"}}},
    {"leaves_files_open", "failed", {{"no-descriptor-left", "5 more file descriptors"}}},
    {"closes_files", "failed", {{"descriptors-kept", "closed or replaced"}}},
    {"closes_and_hangs", "failed", {{"evaluates", "timed out"}}, {"--timeout", "1"}},
    {"forks_and_hangs", "failed", {{"evaluates", "found more than 64 processes"}}},
    {"forks", "failed", {{"no-process-left", "found a process that was started"}}, {"--only", "no-process-left"}},
    {"sets_an_alarm", "failed", {{"process-kept", "timer running"}}},
    {"changes_umask", "failed", {{"process-kept", "umask 777"}}},
    {"keeps_candidate", "crashed", {{"nothing-kept", "SIGSEGV while: evaluating candidate 1"}}},
    {"writes_candidate", "crashed", {{"candidate-only-read", "in memory that cannot be written"}}},
    {"reads_beyond", "crashed", {{"reads-within-candidate", "with nothing behind its arrays"}}},
    {"differs_by_process", "failed", {{"same-in-another-process", "in another process"}}},
    {"long_batch_differs", "failed", {{"batch-equals-singles", "candidate 128 in a batch of 129"}}},
    {"third_instance_differs", "failed", {{"deterministic-as-declared", "on another instance"}}},
    {"infinite_at_extreme", "failed", {{"allowed-values-scored", "a candidate with scale=0"}}},
    {"nests_loops", "failed", {{"host-services-used-rightly", "a body of parallel_for called parallel_for"}}},
    {"takes_the_loop_for_granted", "failed", {{"host-services-used-rightly", "against refused"}}},
    {"tied_to_a_thread", "crashed", {{"any-thread", "SIGSEGV while: destroy on another thread"}}},
    {"forgotten_uncertainty", "failed", {{"uncertainty-sound", "found no status"}}},
    {"child_differs", "failed", {{"incremental-agrees", "a chain that begins as the one before"}}},
    {"fits_on_top", "failed", {{"fit-repeatable", "fitted to the same measurements twice"}}},
    {"fit_reads_nothing", "crashed", {{"fit-answered", "SIGSEGV while: fitting to no measurement"}}},
    {"refused_fit_changes", "failed", {{"fit-answered", "after a refused fit"}}},
    {"honest", "failed", {}},
};

Json check_json(const Fault& fault, int& exit_code) {
    std::vector<std::string> arguments = {program, "check", faulty + fault.library + ".so", "--json", "--fuzz", "40"};
    arguments.insert(arguments.end(), fault.options.begin(), fault.options.end());
    const auto outcome = run_program(arguments);
    exit_code = outcome.exit_code;
    INFO(outcome.errors);
    return Json::parse(outcome.output);
}

bool is_machine_dependent(const std::string& check) {
    return check == "scan-time";
}

}  // namespace

TEST_CASE("Each faulty plug-in fails the check of the rule it breaks and no other") {
    for (const Fault& fault : faults) {
        DYNAMIC_SECTION(fault.library) {
            int exit_code = -1;
            const Json report = check_json(fault, exit_code);
            auto expected = fault.words;
            for (const Json& one : report.at("checks")) {
                const std::string name = one.at("name");
                const std::string outcome = one.at("outcome");
                const std::string text = one.at("text");
                INFO(name << ": " << outcome << ": " << text);
                if (const auto found = expected.find(name); found != expected.end()) {
                    CHECK(outcome == fault.outcome);
                    CHECK_THAT(text, contains_text(found->second));
                    expected.erase(found);
                } else if (!is_machine_dependent(name)) {
                    CHECK((outcome == "success" || outcome == "skipped"));
                }
            }
            CHECK(expected.empty());
            const bool is_bad = fault.outcome != "warning" && !fault.words.empty();
            CHECK(exit_code == (is_bad ? 1 : 0));
        }
    }
}

// In the table the leaks would be skipped under sanitizers, whose allocators keep what was freed.
TEST_CASE("A leak is found where it is") {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    SOTTO_SKIP("the checks need the allocator of the C library");
#else
    const std::map<std::string, std::map<std::string, std::string>> leaks = {
        {"leak", {{"no-leak", "in 10000 evaluations"}}},
        {"leaks_in_create", {{"no-leak-elsewhere", "create and destroy the heap grew"}}},
        {"leaks_in_refusals", {{"no-leak-elsewhere", "refusals of an unknown kind the heap grew"}}},
    };
    for (const auto& [library, words] : leaks) {
        DYNAMIC_SECTION(library) {
            const auto outcome = run_program({program, "check", faulty + library + ".so", "--json"});
            CHECK(outcome.exit_code == 1);
            const Json report = Json::parse(outcome.output);
            for (const Json& one : report.at("checks")) {
                const auto found = words.find(one.at("name").get<std::string>());
                INFO(one.dump());
                CHECK((one.at("outcome") == "failed") == (found != words.end()));
                if (found != words.end()) {
                    CHECK_THAT(one.at("text").get<std::string>(), contains_text(found->second));
                }
            }
        }
    }
#endif
}
