// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <map>

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"
#include "tests/tools/nas_run.hpp"

using namespace sotto::tests;
using nlohmann::json;

namespace {

json run_json(const std::string& directory, std::vector<std::string> more) {
    more.push_back("--json");
    const Outcome outcome = run_tiny(directory, more);
    CAPTURE(outcome.errors);
    REQUIRE(outcome.exit_code == 0);
    return json::parse(outcome.output);
}

Outcome compare(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "compare");
    return nas_run(std::move(arguments));
}

}  // namespace

TEST_CASE("runs of two strategies are compared in groups of seeds") {
    const TemporaryFolder folder;
    std::vector<std::string> arguments;
    std::map<std::string, json> results;
    for (const char* strategy : {"nsga2", "random"}) {
        for (const char* seed : {"1", "2", "3"}) {
            const std::string directory = folder / (std::string(strategy) + seed);
            results[directory] = run_json(directory, {"--strategy", strategy, "--seed", seed});
            arguments.push_back(directory);
        }
    }
    std::vector<std::string> with_json = arguments;
    with_json.insert(with_json.end(), {"--json", "--picture", folder / "runs.svg"});
    const Outcome outcome = compare(with_json);
    CAPTURE(outcome.errors);
    REQUIRE(outcome.exit_code == 0);
    const json comparison = json::parse(outcome.output);

    REQUIRE(comparison.at("runs").size() == 6);
    for (const json& run : comparison.at("runs")) {
        const json& result = results.at(run.at("run_dir"));
        CAPTURE(run.at("run_dir"));
        // One space, hence one baseline: what the runs said of themselves.
        CHECK(run.at("hypervolume").get<double>() == Approx(result.at("hypervolume").get<double>()).epsilon(1e-12));
        for (const char* same : {"strategy", "seed", "evaluations", "distinct", "front_size"}) {
            CHECK(run.at(same) == result.at(same));
        }
        CHECK(run.at("finished") == true);
        double fastest = 1e300;
        double highest = 0;
        for (const json& member : result.at("front")) {
            fastest = std::min(fastest, member.at("metrics").at("latency.total_ms").get<double>());
            highest = std::max(highest, member.at("metrics").at("accuracy.probe").get<double>());
        }
        CHECK(run.at("best").at("latency.total_ms") == fastest);
        CHECK(run.at("best").at("accuracy.probe") == highest);
    }
    REQUIRE(comparison.at("groups").size() == 2);
    CHECK(comparison.at("groups")[0].at("name") == "strategy nsga2");
    CHECK(comparison.at("groups")[1].at("name") == "strategy random");
    for (const json& group : comparison.at("groups")) {
        std::vector<double> hypervolumes;
        for (const std::size_t run : group.at("runs")) {
            hypervolumes.push_back(comparison.at("runs")[run].at("hypervolume"));
        }
        REQUIRE(hypervolumes.size() == 3);
        std::sort(hypervolumes.begin(), hypervolumes.end());
        CHECK(group.at("hypervolume").at("median") == hypervolumes[1]);
        CHECK(group.at("hypervolume").at("lower").get<double>() == Approx((hypervolumes[0] + hypervolumes[1]) / 2));
    }
    REQUIRE(comparison.at("pairs").size() == 1);
    CHECK(comparison.at("pairs")[0].at("p").get<double>() >= 0.1 - 1e-12);  // the least that 3 against 3 can give
    CHECK(comparison.at("pairs")[0].at("exact") == true);

    const std::string picture = read_text(folder / "runs.svg");
    CHECK(picture.rfind("<svg xmlns=\"http://www.w3.org/2000/svg\"", 0) == 0);
    CHECK(picture.find("http", 20) == std::string::npos);  // nothing is fetched
    CHECK(contains(picture, "strategy nsga2 (3 runs)"));
    CHECK(contains(picture, "strategy random (3 runs)"));
    CHECK(std::count(picture.begin(), picture.end(), '<') == std::count(picture.begin(), picture.end(), '>'));

    const Outcome table = compare(arguments);
    REQUIRE(table.exit_code == 0);
    CHECK(contains(table.output, "1 strategy nsga2"));
    CHECK(contains(table.output, "1 against 2"));
}

TEST_CASE("runs of different baselines are measured by the worst reference") {
    const TemporaryFolder folder;
    run_json(folder / "one", {});
    std::string config = read_text(tiny_run);
    config.replace(config.find("stem: 32\n"), 9, "stem: 16\n");
    write_text(folder / "other.yaml", config);
    REQUIRE(nas_run({folder / "other.yaml", "--plugin", probe_library, "--out", folder / "two"}).exit_code == 0);
    const Outcome outcome = compare({folder / "one", folder / "two", "--json"});
    CAPTURE(outcome.errors);
    REQUIRE(outcome.exit_code == 0);
    const json comparison = json::parse(outcome.output);
    CHECK(comparison.at("shares_baseline") == false);
    CHECK(comparison.at("groups").size() == 2);
    // The first baseline is the slower one.
    const json one = json::parse(resume(folder / "one", {"--json"}).output);
    CHECK(comparison.at("hypervolume_reference").at("latency.total_ms") ==
          one.at("hypervolume_reference").at("latency.total_ms"));
    CHECK(contains(compare({folder / "one", folder / "two"}).output, "the runs have different baselines"));
}

TEST_CASE("what cannot be compared is named") {
    const TemporaryFolder folder;
    run_json(folder / "run", {"--evaluations", "24"});

    const Outcome absent = compare({folder / "run", folder / "nothing"});
    CHECK(absent.exit_code == 2);
    CHECK(contains(absent.errors, folder / "nothing: is not the directory of a run: found no config.yaml"));
    CHECK(absent.output.empty());

    std::string config = read_text(tiny_run);
    const std::string maximised = "{metric: accuracy.probe, goal: maximize}";
    config.replace(config.find(maximised), maximised.size(), "{metric: params}");
    write_text(folder / "other.yaml", config);
    REQUIRE(nas_run({folder / "other.yaml", "--plugin", probe_library, "--out", folder / "other"}).exit_code == 0);
    const Outcome other = compare({folder / "run", folder / "other"});
    CHECK(other.exit_code == 2);
    CHECK(contains(other.errors, folder / "other: has other objectives than " + folder.path().string() + "/run"));
    CHECK(contains(other.errors,
                   "found minimize latency.total_ms, minimize params, expected minimize latency.total_ms, "
                   "maximize accuracy.probe"));

    write_text(folder / "run" + "/run.db", "no database");
    CHECK(compare({folder / "run"}).exit_code != 0);
    CHECK(compare({}).exit_code == 2);
    CHECK(compare({folder / "other", "--picture", folder / "absent" + "/x.svg"}).exit_code == 1);
}
