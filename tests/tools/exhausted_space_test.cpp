// SPDX-License-Identifier: Apache-2.0
#include <nlohmann/json.hpp>

#include "engine/run/store.hpp"
#include "search/strategy/strategy.hpp"
#include "tests/support/catch.hpp"
#include "tests/tools/nas_run.hpp"

using namespace sotto::tests;
using nlohmann::json;

namespace {

// 3 widths by 3 factors: 9 genomes; their products 8, 16, 32, 16, 32, 64, 32, 64, 128 are 5 networks.
const std::string nine_genomes = R"(format: 1
search: {population: 4, evaluations: 1000, seed: 3}
cost_model: {id: analytical, setting: lan}
accuracy: [{id: probe}]
objectives:
  - {metric: latency.total_ms, goal: minimize}
  - {metric: accuracy.probe, goal: maximize}
space:
  name: nine
  input: {shape: [3, 8, 8]}
  choices:
    width: [8, 16, 32]
    factor: [1, 2, 4]
  layers:
    - {type: conv, channels: width * factor, kernel: 3, padding: same}
    - {type: relu}
  baseline: {width: 32, factor: 4}
)";

Outcome search_nine(const TemporaryFolder& folder, const std::string& directory, std::string_view strategy) {
    write_text(folder / "nine.yaml", nine_genomes);
    return nas_run({folder / "nine.yaml", "--plugin", probe_library, "--out", directory, "--strategy",
                    std::string(strategy), "--json"});
}

}  // namespace

TEST_CASE("a space that is exhausted ends the run, which says so") {
    const TemporaryFolder folder;
    for (const std::string_view strategy : sotto::search::strategy_names()) {
        CAPTURE(strategy);
        const std::string directory = folder / std::string(strategy);
        const Outcome outcome = search_nine(folder, directory, strategy);
        CAPTURE(outcome.errors);
        REQUIRE(outcome.exit_code == 0);
        CHECK(contains(outcome.errors, "the space is exhausted"));
        CHECK(contains(outcome.errors, "9 of the 1000 asked for"));
        const json result = json::parse(outcome.output);
        CHECK(result.at("status") == "done");
        CHECK(result.at("exhausted") == true);
        CHECK(result.at("evaluations") == 9);
        CHECK(result.at("front_size") == 5);  // wider is slower and scores more
        const auto store = sotto::run::Store::open(directory + "/run.db", sotto::run::Store::Access::read_only);
        CHECK(store.candidate_count() == 9);
        CHECK(store.events().back().text == "done (space exhausted) after 9 evaluations");
    }
}

TEST_CASE("genomes of one network are evaluated once and counted as cache hits") {
    const TemporaryFolder folder;
    for (const std::string_view strategy : sotto::search::strategy_names()) {
        CAPTURE(strategy);
        const std::string directory = folder / std::string(strategy);
        const Outcome outcome = search_nine(folder, directory, strategy);
        REQUIRE(outcome.exit_code == 0);
        CHECK(contains(outcome.errors, "9 candidates, 5 distinct networks"));
        CHECK(contains(outcome.errors, "4 cache hits"));
        CHECK(contains(outcome.errors, "5 by probe"));
        const json result = json::parse(outcome.output);
        CHECK(result.at("distinct") == 5);
        CHECK(result.at("cache_hits") == 4);
        CHECK(result.at("computed") == 5);
        const auto store = sotto::run::Store::open(directory + "/run.db", sotto::run::Store::Access::read_only);
        CHECK(store.evaluation_count() == 5);
        std::uint64_t hits = 0;
        std::uint64_t candidates = 0;
        for (const sotto::run::StoredGeneration& generation : store.generations()) {
            hits += generation.cache_hits;
            candidates += generation.candidates;
            CHECK(generation.evaluations == candidates);
            CHECK(generation.distinct == candidates - hits);
        }
        CHECK(candidates == 9);
        CHECK(hits == 4);
    }
}
