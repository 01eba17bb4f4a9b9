// SPDX-License-Identifier: Apache-2.0
#include "search/loop/run_configuration.hpp"

#include "search/strategy/strategy.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using search::RunConfiguration;

namespace {

const std::string space_text = R"(space:
  name: small
  input: {shape: [3, 8, 8]}
  choices:
    width: [4, 8, 16]
    kernel: [1, 3]
  layers:
    - {type: conv, channels: width, kernel: kernel, padding: same}
    - {type: relu}
  baseline: {width: 16, kernel: 3}
)";

const std::string shortest = R"(format: 1
cost_model: {id: model}
objectives:
  - {metric: time_ms}
  - {metric: params}
)" + space_text;

std::vector<plugin::Description> known() {
    plugin::Description model;
    model.kind = plugin::Kind::cost_model;
    model.id = "model";
    model.version = "3";
    model.metrics = {{"time_ms", "ms", "", plugin::Direction::minimize, true},
                     {"signal", "1", "", plugin::Direction::neutral, false}};
    model.parameters = {{"rate", "", plugin::ParameterType::number, false, 0, 1, "0.25", {}}};
    plugin::Description proxy;
    proxy.kind = plugin::Kind::accuracy_proxy;
    proxy.id = "proxy";
    proxy.version = "4";
    proxy.metrics = {{"score", "1", "", plugin::Direction::maximize, false}};
    plugin::Description trained;
    trained.kind = plugin::Kind::accuracy_proxy;
    trained.id = "trained";
    trained.version = "5";
    trained.metrics = {{"error", "1", "", plugin::Direction::minimize, true}};
    trained.parameters = {{"epochs", "", plugin::ParameterType::integer, false, 1, 99, "9", {}},
                          {"state_directory", "", plugin::ParameterType::text, false, 0, 0, "", {}}};
    plugin::Description clash = proxy;
    clash.id = "clash";
    clash.metrics[0].name = "other";
    clash.parameters = {{"by", "", plugin::ParameterType::text, false, 0, 0, "", {}}};
    return {model, proxy, trained, clash};
}

RunConfiguration read(const std::string& text) {
    return search::read_run_configuration(input::parse_yaml(text, "run.yaml"), known());
}

input::InputError::Parts fault(const std::string& text) {
    try {
        read(text);
    } catch (const input::InputError& error) {
        return error.parts();
    }
    FAIL("accepted: " << text);
    return {};
}

}  // namespace

TEST_CASE("what a run leaves out has the documented default") {
    const RunConfiguration run = read(shortest);
    CHECK(run.search.strategy == "nsga2");
    CHECK(run.search.population == 100);
    CHECK(run.search.crossover_probability == 0.9);
    CHECK(run.search.mutation_probability == search::StrategyOptions{}.mutation_probability);
    CHECK(run.search.crossover_probability == search::StrategyOptions{}.crossover_probability);
    CHECK(run.search.evaluations == 5000);
    CHECK(run.search.seed == 1);
    CHECK(run.search.threads == 0);
    CHECK(run.lowering == "athos-cheetah");
    CHECK(run.on_error == evaluate::ErrorPolicy::stop);
    CHECK(run.cost_model.parameters.at("rate") == "0.25");
    CHECK(run.best == 100);
    CHECK(run.accuracy.empty());
    CHECK(run.constraints.empty());
    CHECK_FALSE(run.hypervolume_reference.has_value());
    REQUIRE(run.objectives.size() == 2);
    CHECK(run.objectives[0].goal == search::Goal::minimize);  // as the plug-in declares
    CHECK(run.space.gene_count() == 2);
}

TEST_CASE("a resolved configuration reads back as itself, wherever it lies") {
    const std::string full = R"(format: 1
search: {strategy: random, population: 7, crossover_probability: 0.5, mutation_probability: 0.125, evaluations: 99, seed: 12345678901234567, threads: 3}
cost_model: {id: model, rate: 0.1}
accuracy:
  - {id: proxy}
objectives:
  - {metric: time_ms, goal: minimize}
  - {metric: score, goal: maximize}
  - {metric: signal, goal: maximize}
constraints:
  params: {max: 1e6}
  signal: {min: -0.5, max: 0.1}
hypervolume_reference: {time_ms: 1000, score: -1, signal: 0.3333333333333333}
on_error: penalise
best: 12
)" + space_text;
    const std::map<std::string, std::string> versions = {{"sotto", "1.2"}, {"odd: name", "# text"}};
    const std::string resolved = to_yaml(read(full), versions);
    const RunConfiguration again =
        search::read_run_configuration(input::parse_yaml(resolved, "/other/config.yaml"), known());
    CHECK(to_yaml(again, again.versions) == resolved);
    CHECK(again.versions == versions);
    CHECK(again.search.seed == 12345678901234567);
    CHECK(again.search.strategy == "random");
    CHECK(again.search.mutation_probability == 0.125);
    CHECK(again.objectives[2].goal == search::Goal::maximize);
    CHECK(again.constraints[1].most == 0.1);
    CHECK(again.hypervolume_reference == std::vector<double>{1000, -1, 0.3333333333333333});
    CHECK(again.on_error == evaluate::ErrorPolicy::penalise);
    CHECK(again.best == 12);
    CHECK(again.space.to_text(*again.space.baseline()) == "width=16 kernel=3");
}

TEST_CASE("identity is what results depend on") {
    const std::map<std::string, std::string> versions;
    const std::string base = identity_text(read(shortest), versions);
    CHECK(identity_text(read("search: {threads: 4, evaluations: 17}\n" + shortest), versions) == base);
    CHECK(identity_text(read("best: 3\n" + shortest), versions) == base);
    CHECK(identity_text(read("search: {seed: 2}\n" + shortest), versions) != base);
    CHECK(identity_text(read("search: {population: 10}\n" + shortest), versions) != base);
    CHECK(identity_text(read("constraints: {params: {max: 9}}\n" + shortest), versions) != base);
    CHECK(identity_text(read(shortest), {{"model", "2"}}) != base);
}

TEST_CASE("candidates to begin with are part of what a run is, and kept in its configuration") {
    const std::string text = "search: {initial: [{genome: width=4 kernel=3}, {genome: width=8 kernel=1}]}\n" + shortest;
    const RunConfiguration run = read(text);
    REQUIRE(run.initial.size() == 2);
    CHECK(run.space.to_text(run.initial[1]) == "width=8 kernel=1");
    CHECK(identity_text(run, {}) != identity_text(read(shortest), {}));
    const RunConfiguration again = read(to_yaml(run, {}));
    CHECK(again.initial == run.initial);
    CHECK(identity_text(again, {}) == identity_text(run, {}));
    const auto parts = fault("search: {initial: [{genome: width=4 kernel=5}]}\n" + shortest);
    CHECK(parts.location.line == 1);
    CHECK(parts.found == "'5'");
}

TEST_CASE("stages are read, written back, and no part of what a run is") {
    const std::string stages = R"(stages:
  - id: trained
    candidates: 8
    by: error
    epochs: 3
    isolation: process
    limits: {time_ms: {max_of_baseline: 0.33}, params: {min: 10, max: 1e6}}
  - {id: trained, candidates: 8, by: error, state_directory: /elsewhere}
  - {id: proxy, candidates: 1, by: score}
)";
    const RunConfiguration run = read(stages + shortest);
    REQUIRE(run.stages.size() == 3);
    const search::HalvingStage& first = run.stages[0];
    CHECK(first.candidates == 8);
    CHECK(first.by == "error");
    CHECK(first.goal == search::Goal::minimize);
    CHECK(first.plugin.isolation.mode == plugin::Isolation::Mode::process);
    CHECK(first.keeps_state);
    CHECK(first.plugin.parameters == std::map<std::string, std::string>{{"epochs", "3"}});
    REQUIRE(first.limits.size() == 2);
    CHECK(first.limits[0].metric == "time_ms");
    CHECK_FALSE(first.limits[0].least.has_value());
    CHECK(first.limits[0].most->value == 0.33);
    CHECK(first.limits[0].most->of_baseline);
    CHECK(first.limits[1].least->value == 10);
    CHECK_FALSE(first.limits[1].most->of_baseline);
    CHECK_FALSE(run.stages[1].keeps_state);
    CHECK(run.stages[1].plugin.parameters.at("state_directory") == "/elsewhere");
    CHECK(run.stages[2].goal == search::Goal::maximize);

    // Where the state is kept decides nothing.
    CHECK(identity_text(first) == "trained 5 epochs=3");
    CHECK(identity_text(run.stages[1]) == "trained 5 epochs=9");
    CHECK(identity_text(run, {{"sotto", "1"}, {"stage.trained", "5"}}) ==
          identity_text(read(shortest), {{"sotto", "1"}}));

    const std::string resolved = to_yaml(run, {});
    CHECK(to_yaml(read(resolved), {}) == resolved);
    CHECK(read(resolved).stages[0].keeps_state);
    CHECK_FALSE(read(resolved).stages[1].keeps_state);
    CHECK(search::asks_for_isolation(input::parse_yaml(stages + shortest, "run.yaml")));
}

TEST_CASE("a plug-in whose parameter has the name of a stage's own key is no stage") {
    const auto parts = fault("stages: [{id: clash, candidates: 1, by: other}]\n" + shortest);
    CHECK(parts.location.line == 1);
    CHECK(parts.found == "its parameter 'by'");
}

TEST_CASE("a metric without a direction needs a goal") {
    std::string text = shortest;
    text.replace(text.find("metric: params"), 14, "metric: signal");
    const auto parts = fault(text);
    CHECK(parts.location.line == 5);
    CHECK(parts.expected == "'goal'");
}

TEST_CASE("libraries are named with their place, relative to the file") {
    const auto document = input::parse_yaml(
        "format: 1\nplugins:\n  - lib/a.so\n  - {path: b.so, allow_writable: true}\n  - c\n", "/some/where/run.yaml");
    const auto libraries = search::named_libraries(document);
    REQUIRE(libraries.size() == 3);
    CHECK(libraries[0].library == search::PluginLibrary{"/some/where/lib/a.so", false});
    CHECK(libraries[0].location.line == 3);
    CHECK(libraries[1].library == search::PluginLibrary{"/some/where/b.so", true});
    CHECK(libraries[2].library == search::PluginLibrary{"c", false});
}
