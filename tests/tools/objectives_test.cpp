// SPDX-License-Identifier: Apache-2.0
#include <filesystem>

#include <nlohmann/json.hpp>

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
    for (const char* strategy : {"nsga2", "random"}) {
        CAPTURE(strategy);
        const Outcome outcome =
            nas_run({config, "--plugin", probe_library, "--out", folder / strategy, "--json", "--strategy", strategy});
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
