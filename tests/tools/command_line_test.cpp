// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include "tests/support/catch.hpp"
#include "tests/tools/nas_run.hpp"

using namespace sotto::tests;

namespace {

// What the dynamic linker loaded during a run of nas-run.
std::string loaded_libraries(const std::vector<std::string>& arguments, int expected_exit) {
    const TemporaryFolder folder;
    const Outcome outcome = nas_run(arguments, {"LD_DEBUG=libs", "LD_DEBUG_OUTPUT=" + (folder / "libraries")});
    CHECK(outcome.exit_code == expected_exit);
    std::string text;
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        text += read_text(entry.path());
    }
    CHECK(contains(text, "libc.so"));  // it was watched at all
    return text;
}

}  // namespace

TEST_CASE("help lists every option on standard output") {
    const Outcome outcome = nas_run({"--help"});
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.errors.empty());
    for (const char* option :
         {"CONFIG", "--out", "--seed", "--threads", "--evaluations", "--time-limit", "--resume", "--plugin",
          "--allow-writable", "--strategy", "--dry-run", "--json", "--quiet", "--version"}) {
        CAPTURE(option);
        CHECK(contains(outcome.output, option));
    }
}

TEST_CASE("the version names engine, ABI, lowering, build and libraries") {
    const Outcome outcome = nas_run({"--version"});
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.errors.empty());
    for (const char* part : {"nas-run 0.", "plug-in ABI ", "athos-cheetah", "build ", "SQLite 3.", "yaml-cpp 0."}) {
        CAPTURE(part);
        CHECK(contains(outcome.output, part));
    }
}

TEST_CASE("a library that others can write to is loaded where that is allowed and the run says so") {
    const TemporaryFolder folder;
    const std::string library = folder / "probe_plugin.so";
    std::filesystem::copy_file(probe_library, library);
    std::filesystem::permissions(library, std::filesystem::perms{0666});
    const Outcome refused = nas_run({tiny_run, "--plugin", library, "--dry-run"});
    CHECK(refused.exit_code == 2);
    CHECK(contains(refused.errors, "named by its path with --allow-writable"));
    const Outcome run =
        nas_run({tiny_run, "--plugin", library, "--allow-writable", "--evaluations", "20", "--out", folder / "run"});
    CHECK(run.exit_code == 0);
    CHECK(contains(read_text(folder / "run/config.yaml"), "allow_writable: true"));
    CHECK(resume(folder / "run", {"--evaluations", "30"}).exit_code == 0);
}

TEST_CASE("LibTorch is not loaded where nothing needs it") {
    if (SOTTO_TEST_LIBTORCH_BUILT_IN != 0) {
        SOTTO_SKIP("a plug-in that uses LibTorch is built in");
    }
    const TemporaryFolder folder;
    CHECK_FALSE(contains(loaded_libraries({"--help"}, 0), "torch"));
    CHECK_FALSE(contains(loaded_libraries({"--version"}, 0), "torch"));
    CHECK_FALSE(contains(loaded_libraries({tiny_run, "--plugin", probe_library, "--dry-run"}, 0), "torch"));
    CHECK_FALSE(contains(
        loaded_libraries({tiny_run, "--plugin", probe_library, "--evaluations", "40", "--out", folder / "run"}, 0),
        "torch"));
}

TEST_CASE("a dry run of a configuration with LibTorch proxies does not load LibTorch") {
    const std::string config = SOTTO_SOURCE_DIRECTORY "/configs/squeezenet_space.yaml";
    if (!std::filesystem::exists(SOTTO_BINARY_DIRECTORY "/lib/sotto/plugins/sotto_accuracy.json")) {
        SOTTO_SKIP("the accuracy proxies are built in or not built");
    }
    CHECK_FALSE(contains(loaded_libraries({config, "--dry-run"}, 0), "torch"));
}

TEST_CASE("a wrong command line ends with 2 and names the nearest option") {
    const TemporaryFolder folder;
    const auto refused = [&](std::vector<std::string> arguments, const std::string& expected) {
        const Outcome outcome = nas_run(std::move(arguments), {}, folder.path());
        CHECK(outcome.exit_code == 2);
        CHECK(outcome.output.empty());
        CAPTURE(outcome.errors);
        CHECK(contains(outcome.errors, expected));
        CHECK(std::filesystem::is_empty(folder.path()));
    };
    refused({}, "expected a run configuration");
    refused({tiny_run, "--sede", "3"}, "did you mean '--seed'?");
    refused({tiny_run, "--evaluation=5"}, "did you mean '--evaluations'?");
    refused({tiny_run, "--seed", "-1"}, "--seed");
    refused({tiny_run, "--seed", "one"}, "--seed");
    refused({tiny_run, "--threads", "2000"}, "--threads");
    refused({tiny_run, "--evaluations", "0"}, "--evaluations");
    refused({tiny_run, "--time-limit", "10 parsecs"}, "expected a time such as 90s, 10m or 1h30m");
    refused({tiny_run, "--plugin", probe_library, "--strategy", "nsga"}, "did you mean 'nsga2'?");
    refused({tiny_run, "--out", "a", "--resume", "b"}, "--resume");
    refused({tiny_run, "--plugin", "absent.so"}, "absent.so");
    refused({"absent.yaml"}, "absent.yaml: cannot be read");
    refused({"--resume", "absent"}, "absent");
}

TEST_CASE("a dry run prints a summary and writes nothing") {
    const TemporaryFolder folder;
    const Outcome outcome = nas_run({tiny_run, "--plugin", probe_library, "--dry-run"}, {}, folder.path());
    CHECK(outcome.exit_code == 0);
    CHECK(std::filesystem::is_empty(folder.path()));
    for (const char* part : {"space         tiny", "genes         11", "minimize latency.total_ms",
                             "maximize accuracy.probe", "analytical", "setting=lan", "weight=0.5", "params 77610"}) {
        CAPTURE(part, outcome.output);
        CHECK(contains(outcome.output, part));
    }
}
