// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"
#include "tests/tools/process.hpp"

using namespace sotto::tests;
using nlohmann::json;
using sotto::matchers::contains_text;

namespace {

const std::string program = SOTTO_BINARY_DIRECTORY "/bin/nas-plugin";
const std::string probe = SOTTO_TEST_PLUGINS "/probe_plugin.so";

Outcome nas_plugin(std::vector<std::string> arguments, const std::vector<std::string>& environment = {},
                   const std::filesystem::path& folder = {}) {
    arguments.insert(arguments.begin(), program);
    return run_program(arguments, environment, folder);
}

bool lists(const Outcome& outcome, const std::string& id) {
    const json listed = json::parse(outcome.output);
    for (const json& one : listed.at("plugins")) {
        if (one.at("id") == id) {
            return true;
        }
    }
    return false;
}

}  // namespace

TEST_CASE("list shows the plug-ins that are built in and those of SOTTO_PLUGIN_PATH, never of the current directory") {
    const TemporaryFolder folder;
    std::filesystem::copy_file(probe, folder / "probe_plugin.so");
    const Outcome usual = nas_plugin({"list", "--json"}, {}, folder.path());
    CHECK(usual.exit_code == 0);
    CHECK(lists(usual, "analytical"));
    CHECK_FALSE(lists(usual, "probe"));
    CHECK(lists(nas_plugin({"list", "--json"}, {"SOTTO_PLUGIN_PATH=" + folder.path().string()}), "probe"));
    CHECK_FALSE(lists(nas_plugin({"list", "--json"}, {"SOTTO_PLUGIN_PATH=."}, folder.path()), "probe"));
    CHECK_THAT(nas_plugin({"list"}).output, contains_text("cost model analytical"));
}

TEST_CASE("list goes on where a library is refused, says why and ends with 1") {
    const TemporaryFolder folder;
    std::filesystem::copy_file(probe, folder / "probe_plugin.so");
    write_text(folder / "broken.so", "no library");
    const Outcome outcome = nas_plugin({"list", "--json"}, {"SOTTO_PLUGIN_PATH=" + folder.path().string()});
    CHECK(outcome.exit_code == 1);
    CHECK(lists(outcome, "probe"));
    CHECK_THAT(outcome.errors, contains_text("broken.so': cannot be loaded"));
}

TEST_CASE("info names metrics with units and parameters with type, range, default and help") {
    const Outcome by_path = nas_plugin({"info", probe});
    CHECK(by_path.exit_code == 0);
    for (const char* part : {"accuracy proxy probe 1", "accuracy.probe [1]", "weight  number, 0 to 10, default '5e-1'",
                             "of one activation", "none, nan, throw, unsupported"}) {
        CHECK_THAT(by_path.output, contains_text(part));
    }
    const json by_id = json::parse(nas_plugin({"info", "analytical", "--json"}).output);
    REQUIRE(by_id.size() == 1);
    CHECK(by_id[0].at("metrics").at(2).at("unit") == "ms");
    CHECK(by_id[0].at("parameters").at(0).at("choices") == json{"local", "lan", "wan"});
    CHECK(by_id[0].at("operations").size() == 8);
    const TemporaryFolder folder;
    std::filesystem::copy_file(probe, folder / "probe_plugin.so");
    CHECK_THAT(nas_plugin({"info", "probe_plugin"}, {"SOTTO_PLUGIN_PATH=" + folder.path().string()}).output,
               contains_text("accuracy proxy probe 1"));
}

// Which methods a class overrides, and whether get_extension is there at all, stands in the sources of the plug-ins.
TEST_CASE("info lists the extensions that instances offer, or says why they are not known") {
    const auto extensions_of = [](const std::vector<std::string>& plugin) {
        std::vector<std::string> arguments = {"info", "--json"};
        arguments.insert(arguments.end(), plugin.begin(), plugin.end());
        const json described = json::parse(nas_plugin(arguments).output);
        REQUIRE(described.size() == 1);
        return described[0].at("extensions");
    };
    CHECK(extensions_of({SOTTO_TEST_PLUGINS "/uncertain_plugin.so"}) == json{"sotto.uncertainty/1"});
    CHECK(extensions_of({probe}) == json::array());
    const std::string faulty = SOTTO_BINARY_DIRECTORY "/lib/sotto/faulty/";
    CHECK(extensions_of({faulty + "garbage_state.so"}) == json{"sotto.per-operation/1", "sotto.calibrate/1"});
    CHECK(extensions_of({faulty + "child_differs.so"}) == json{"sotto.per-operation/1", "sotto.incremental/1"});
    CHECK_THAT(nas_plugin({"info", SOTTO_TEST_PLUGINS "/uncertain_plugin.so"}).output,
               contains_text("  extensions    sotto.uncertainty/1\n"));
    CHECK_THAT(nas_plugin({"info", probe}).output, contains_text("  extensions    none\n"));

    const std::string table = SOTTO_BINARY_DIRECTORY "/lib/sotto/plugins/table_lookup.so";
    CHECK(extensions_of({table}).is_null());
    CHECK_THAT(nas_plugin({"info", table}).output,
               contains_text("not known: an instance is made with --param file=VALUE"));
    CHECK_THAT(nas_plugin({"info", table, "--param", "file=/absent.csv"}).output, contains_text("/absent.csv"));
    CHECK(nas_plugin({"info", table, "--param", "file"}).exit_code == 2);
}

TEST_CASE("what cannot be described is answered with what was meant and exit code 2") {
    const Outcome near = nas_plugin({"info", "analitical"});
    CHECK(near.exit_code == 2);
    CHECK_THAT(near.errors, contains_text("analytical"));
    const Outcome absent = nas_plugin({"info", SOTTO_TEST_PLUGINS "/probe_plugim.so"});
    CHECK(absent.exit_code == 2);
    CHECK_THAT(absent.errors, contains_text("did you mean 'probe_plugin.so'?"));
    const TemporaryFolder folder;
    const std::string copy = folder / "probe_plugin.so";
    std::filesystem::copy_file(probe, copy);
    std::filesystem::permissions(copy, std::filesystem::perms{0666});
    const Outcome writable = nas_plugin({"info", copy});
    CHECK(writable.exit_code == 2);
    CHECK_THAT(writable.errors, contains_text("writable by everybody"));
    CHECK(nas_plugin({"info", copy, "--allow-writable"}).exit_code == 0);
}

TEST_CASE("a wrong command line ends with 2 and names the nearest command") {
    CHECK(nas_plugin({}).exit_code == 2);
    const Outcome near = nas_plugin({"lisst"});
    CHECK(near.exit_code == 2);
    CHECK_THAT(near.errors, contains_text("did you mean 'list'?"));
    CHECK(nas_plugin({"new", "fine", "--language", "rust"}).exit_code == 2);
    CHECK(nas_plugin({"--help"}).exit_code == 0);
    CHECK_THAT(nas_plugin({"new", "--help"}).output, contains_text("--language"));
    CHECK_THAT(nas_plugin({"--version"}).output, contains_text("plug-in ABI 1"));
}

TEST_CASE("new refuses names that cannot serve everywhere, and overwrites nothing") {
    const TemporaryFolder folder;
    for (const char* name : {"", "My", "my-model", "9lives", "_a", "a_", "a__b", "../a", "all", "m\xc3\xb6"}) {
        CAPTURE(name);
        const Outcome outcome = nas_plugin({"new", name}, {}, folder.path());
        CHECK(outcome.exit_code == 2);
        CHECK(std::filesystem::is_empty(folder.path()));
    }
    const Outcome made = nas_plugin({"new", "my_model", "--language", "c", "--json"}, {}, folder.path());
    CHECK(made.exit_code == 0);
    CHECK(json::parse(made.output).at("files").size() == 4);
    const std::string source = read_text(folder / "my_model/my_model.c");
    write_text(folder / "my_model/my_model.c", "mine");
    const Outcome again = nas_plugin({"new", "my_model"}, {}, folder.path());
    CHECK(again.exit_code == 2);
    CHECK_THAT(again.errors, contains_text("expected a new or empty directory"));
    CHECK(read_text(folder / "my_model/my_model.c") == "mine");
    CHECK(source.find("\"my-model\"") != std::string::npos);
}

TEST_CASE("new refuses names that CMake keeps and ids that are there already and says so") {
    const TemporaryFolder folder;
    for (const char* name : {"all", "test", "package", "rebuild_cache"}) {
        CAPTURE(name);
        const Outcome reserved = nas_plugin({"new", name}, {}, folder.path());
        CHECK(reserved.exit_code == 2);
        CHECK_THAT(reserved.errors, contains_text("which CMake keeps for a target of its own"));
    }
    const Outcome shipped = nas_plugin({"new", "analytical"}, {}, folder.path());
    CHECK(shipped.exit_code == 2);
    CHECK_THAT(shipped.errors,
               contains_text("the id of the cost model 'analytical'") && contains_text("my_analytical"));
    CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("new puts the name where it belongs") {
    const TemporaryFolder folder;
    CHECK(nas_plugin({"new", "fast_guess", "--kind", "accuracy-proxy"}, {}, folder.path()).exit_code == 0);
    const std::string source = read_text(folder / "fast_guess/fast_guess.cpp");
    CHECK_THAT(source, contains_text("class FastGuess final"));
    CHECK_THAT(source, contains_text("\"fast-guess\""));
    CHECK_THAT(source, contains_text("accuracy.fast_guess"));
    CHECK_THAT(read_text(folder / "fast_guess/fast_guess.yaml"), contains_text("build/fast_guess.so"));
    for (const char* file : {"CMakeLists.txt", "README.md", "fast_guess.cpp", "fast_guess.yaml"}) {
        const std::string text = read_text(folder.path() / "fast_guess" / file);
        CAPTURE(file);
        CHECK(text.find("my_model") == std::string::npos);
        CHECK(text.find('@') == std::string::npos);
    }
}
