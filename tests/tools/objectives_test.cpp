// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include <nlohmann/json.hpp>

#include "search/strategy/strategy.hpp"
#include "tests/support/catch.hpp"
#include "tests/tools/nas_run.hpp"

using namespace sotto::tests;
using nlohmann::json;

namespace {

// The tiny run with other text in place of a part of it.
std::string altered_run(const TemporaryFolder& folder, const std::string& part, const std::string& other) {
    std::string text = read_text(tiny_run);
    const std::size_t at = text.find(part);
    REQUIRE(at != std::string::npos);
    text.replace(at, part.size(), other);
    write_text(folder / "run.yaml", text);
    return folder / "run.yaml";
}

const std::string both_objectives =
    "  - {metric: latency.total_ms, goal: minimize}\n  - {metric: accuracy.probe, goal: maximize}\n";

}  // namespace

TEST_CASE("one objective gives a front of the best alone") {
    const TemporaryFolder folder;
    const std::string config = altered_run(folder, both_objectives, "  - {metric: latency.total_ms, goal: minimize}\n");
    for (const std::string_view strategy : sotto::search::strategy_names()) {
        CAPTURE(strategy);
        const Outcome outcome = nas_run({config, "--plugin", probe_library, "--out", folder / std::string(strategy),
                                         "--json", "--strategy", std::string(strategy)});
        CAPTURE(outcome.errors);
        REQUIRE(outcome.exit_code == 0);
        const json result = json::parse(outcome.output);
        REQUIRE(result.at("front_size") == 1);
        const double best = result.at("front")[0].at("metrics").at("latency.total_ms");
        const double baseline = result.at("baseline").at("latency.total_ms");
        // Bounded by twice the baseline, in units of the baseline.
        CHECK(result.at("hypervolume").get<double>() == Approx((2 * baseline - best) / baseline));
    }
}

TEST_CASE("an objective whose metric declares no better way is warned of") {
    const TemporaryFolder folder;
    const std::string config =
        altered_run(folder, "  - id: probe\nobjectives:\n" + both_objectives,
                    "  - id: resumable\nobjectives:\n  - {metric: steps.neutral, goal: minimize}\n"
                    "  - {metric: accuracy.steps, goal: maximize}\n");
    const Outcome outcome =
        nas_run({config, "--plugin", SOTTO_TEST_PLUGINS "/resumable_plugin.so", "--out", folder / "run"});
    CAPTURE(outcome.errors);
    REQUIRE(outcome.exit_code == 0);
    CHECK(contains(outcome.errors, "objective 'steps.neutral': its plug-in declares no better way (\"the steps\")"));
    CHECK_FALSE(contains(outcome.errors, "objective 'accuracy.steps'"));
}

TEST_CASE("four objectives give a front in which no member is better than another in all") {
    const TemporaryFolder folder;
    const std::vector<std::string> metrics = {"latency.total_ms", "accuracy.probe", "relus", "params"};
    const std::vector<double> signs = {1, -1, -1, 1};
    const std::string config = altered_run(folder, both_objectives,
                                           both_objectives +
                                               "  - {metric: relus, goal: maximize}\n"
                                               "  - {metric: params}\n");
    for (const std::string_view strategy : sotto::search::strategy_names()) {
        CAPTURE(strategy);
        const Outcome outcome = nas_run({config, "--plugin", probe_library, "--out", folder / std::string(strategy),
                                         "--json", "--strategy", std::string(strategy)});
        CAPTURE(outcome.errors);
        REQUIRE(outcome.exit_code == 0);
        const json result = json::parse(outcome.output);
        CHECK(result.at("hypervolume").get<double>() > 0);
        const json& front = result.at("front");
        REQUIRE(front.size() > 4);
        for (const json& one : front) {
            for (const json& other : front) {
                bool better_somewhere = one.at("id") == other.at("id");
                for (std::size_t k = 0; k < metrics.size(); ++k) {
                    better_somewhere =
                        better_somewhere || signs[k] * one.at("metrics").at(metrics[k]).get<double>() <
                                                signs[k] * other.at("metrics").at(metrics[k]).get<double>();
                }
                CHECK(better_somewhere);
            }
        }
    }
}

TEST_CASE("a metric of the counts may be maximised") {
    const TemporaryFolder folder;
    const std::string config = altered_run(folder, both_objectives,
                                           "  - {metric: latency.total_ms, goal: minimize}\n"
                                           "  - {metric: accuracy.probe, goal: maximize}\n"
                                           "  - {metric: relus, goal: maximize}\n");
    const Outcome outcome = nas_run({config, "--plugin", probe_library, "--out", folder / "run", "--json"});
    CAPTURE(outcome.errors);
    REQUIRE(outcome.exit_code == 0);
    const json result = json::parse(outcome.output);
    CHECK(result.at("front_size").get<int>() > 3);
    CHECK(result.at("hypervolume_reference").at("relus").get<double>() == 0);
}
