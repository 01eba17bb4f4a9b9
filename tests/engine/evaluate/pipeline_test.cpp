// SPDX-License-Identifier: Apache-2.0
#include "engine/evaluate/pipeline.hpp"

#include <cmath>

#include "tests/engine/evaluate/fake_plugins.hpp"
#include "tests/support/catch.hpp"

namespace sotto::evaluate {
namespace {

using test::Fakes;
using test::networks;
using test::small_networks;
using Status = Evaluation::Status;

std::string error_of(plugin::Registry& registry, const PipelineOptions& options) {
    try {
        Pipeline pipeline(registry, options);
    } catch (const input::InputError& error) {
        return error.what();
    }
    return "no error";
}

}  // namespace

TEST_CASE("The metric table is the counts, then the stages, cheapest first") {
    Fakes fakes;
    fakes.add("slow", 5000);
    fakes.add("quick", 3);
    fakes.add("medium", 700);
    fakes.add("quick2", 3);
    const Pipeline pipeline(fakes.registry(), fakes.options());
    std::vector<std::string> names;
    for (const plugin::Metric& metric : pipeline.metrics()) {
        names.push_back(metric.name);
        CHECK(metric.unit == "1");
    }
    CHECK(names == std::vector<std::string>{"params", "macs", "relus", "comparisons", "quick.value", "quick2.value",
                                            "medium.value", "slow.value"});
    CHECK(pipeline.metric_index("medium.value") == 6);
    CHECK(pipeline.stages()[3].id == "slow");
}

TEST_CASE("Counts need no plug-in") {
    Fakes fakes;
    Pipeline pipeline(fakes.registry(), fakes.options());
    const auto list = small_networks({16});
    const Batch batch = pipeline.evaluate(1, networks(list));
    REQUIRE(batch.evaluations[0].status == Status::complete);
    CHECK(batch.origins[0] == Origin::computed);
    // By hand: 16 filters of 3x3x3 weights and a bias; each at 8x8 places; one ReLU an output element; no max pool.
    CHECK(batch.evaluations[0].metrics == std::vector<double>{16 * 28, 16 * 27 * 64, 16 * 64, 16 * 64});
    CHECK(batch.evaluations[0].hash == arch::canonical_hash(list[0]));
}

TEST_CASE("A limit on a count keeps every stage from running") {
    Fakes fakes;
    auto& quick = fakes.add("quick", 1);
    auto& slow = fakes.add("slow", 5000);
    auto options = fakes.options();
    options.limits.push_back({"params", std::nullopt, 280, {}});
    Pipeline pipeline(fakes.registry(), options);
    const auto list = small_networks({5, 10, 20, 40});
    const Batch batch = pipeline.evaluate(list.size(), networks(list));
    CHECK(batch.evaluations[1].status == Status::complete);
    CHECK(batch.evaluations[2].status == Status::constrained);
    CHECK(batch.evaluations[2].reason == "params 560 is over the limit 280");
    CHECK(batch.evaluations[2].constraint_violation == Approx(1.0));
    CHECK(batch.evaluations[3].constraint_violation == Approx(3.0));
    CHECK(std::isnan(batch.evaluations[2].metrics.at(4)));
    CHECK(std::isnan(batch.evaluations[2].metrics.at(5)));
    CHECK(quick.scored == 2);
    CHECK(slow.scored == 2);
}

TEST_CASE("A limit on a stage's metric keeps the costlier stages from running") {
    Fakes fakes;
    auto& slow = fakes.add("slow", 5000);
    auto& slower = fakes.add("slower", 9000);
    auto& quick = fakes.add("quick", 1);
    slow.score = [](const sotto_candidate& candidate, double& value, std::string&) {
        value = candidate.network->layers[1].output.channels;
        return SOTTO_OK;
    };
    quick.score = slow.score;
    auto options = fakes.options();
    options.limits.push_back({"quick.value", 8, std::nullopt, {}});
    options.limits.push_back({"slow.value", std::nullopt, 20, {}});
    Pipeline pipeline(fakes.registry(), options);
    const auto list = small_networks({4, 8, 16, 32});
    const Batch batch = pipeline.evaluate(list.size(), networks(list));
    CHECK(batch.evaluations[0].reason == "quick.value 4 is under the limit 8");
    CHECK(batch.evaluations[1].status == Status::complete);
    CHECK(batch.evaluations[2].status == Status::complete);
    CHECK(batch.evaluations[3].reason == "slow.value 32 is over the limit 20");
    CHECK(batch.evaluations[3].metrics.at(5) == 32);
    CHECK(std::isnan(batch.evaluations[3].metrics.at(6)));
    CHECK(quick.scored == 4);
    CHECK(slow.scored == 3);
    CHECK(slower.scored == 2);
}

TEST_CASE("Cheap plug-ins get batches, costly ones one candidate a call") {
    Fakes fakes;
    auto& quick = fakes.add("quick", 1);
    auto& slow = fakes.add("slow", 5000);
    auto options = fakes.options();
    options.batch_size = 10;
    Pipeline pipeline(fakes.registry(), options);
    std::vector<int> channels(500);
    for (std::size_t i = 0; i < channels.size(); ++i) {
        channels[i] = static_cast<int>(i + 1);
    }
    const auto list = small_networks(channels);
    pipeline.evaluate(list.size(), networks(list));
    CHECK(quick.scored == 500);
    CHECK(quick.calls == 50);
    CHECK(quick.largest_call == 10);
    CHECK(slow.calls == 500);
    CHECK(slow.largest_call == 1);
}

TEST_CASE("A plug-in's -0 is 0") {
    Fakes fakes;
    fakes.add("quick", 1).score = [](const sotto_candidate&, double& value, std::string&) {
        value = -0.0;
        return SOTTO_OK;
    };
    Pipeline pipeline(fakes.registry(), fakes.options());
    const auto list = small_networks({4});
    CHECK_FALSE(std::signbit(pipeline.evaluate(1, networks(list)).evaluations[0].metrics.at(4)));
}

TEST_CASE("What the lowering cannot express is unsupported, by layer and reason") {
    Fakes fakes;
    auto& quick = fakes.add("quick", 1);
    quick.needs_program = true;
    Pipeline pipeline(fakes.registry(), fakes.options());
    const std::vector<arch::Network> list = {test::depthwise_network(), test::small_network(4)};
    const Batch batch = pipeline.evaluate(2, networks(list));
    CHECK(batch.evaluations[0].status == Status::unsupported);
    CHECK(batch.evaluations[0].reason.find("athos-cheetah") != std::string::npos);
    CHECK(batch.evaluations[0].reason.find("'spread'") != std::string::npos);
    CHECK(batch.evaluations[0].reason.find("depthwise") != std::string::npos);
    CHECK(batch.evaluations[0].metrics.at(0) == 8 * 9 + 8);
    CHECK(batch.evaluations[1].status == Status::complete);
    CHECK(quick.scored == 1);
}

TEST_CASE("What a plug-in does not support is unsupported, with its reason") {
    Fakes fakes;
    auto& slow = fakes.add("slow", 5000);
    slow.score = [](const sotto_candidate&, double&, std::string& text) {
        text = "layer 'x': no table for it";
        return SOTTO_UNSUPPORTED;
    };
    Pipeline pipeline(fakes.registry(), fakes.options());
    const auto list = small_networks({4});
    const Batch batch = pipeline.evaluate(1, networks(list));
    CHECK(batch.evaluations[0].status == Status::unsupported);
    CHECK(batch.evaluations[0].reason.find("layer 'x': no table for it") != std::string::npos);
}

TEST_CASE("A candidate without a network is rejected with the source's reason") {
    Fakes fakes;
    auto& quick = fakes.add("quick", 1);
    Pipeline pipeline(fakes.registry(), fakes.options());
    const auto list = small_networks({4, 8});
    const Batch batch = pipeline.evaluate(3, [&](std::size_t index, std::size_t, std::string& rejection) {
        rejection = "width 3 is too narrow";
        return index == 1 ? nullptr : &list[index / 2];
    });
    CHECK(batch.evaluations[1].status == Status::rejected);
    CHECK(batch.evaluations[1].reason == "width 3 is too narrow");
    CHECK(batch.evaluations[2].reason.empty());
    CHECK(batch.evaluations[2].status == Status::complete);
    CHECK(quick.scored == 2);
    CHECK(pipeline.counters().asked == 3);
    CHECK(pipeline.counters().rejected == 1);
    CHECK(pipeline.counters().distinct == 2);
}

TEST_CASE("The candidate's seed is one block of Philox4x32-10") {
    // Known answers of Random123 (kat_vectors, philox4x32 10 rounds).
    CHECK(candidate_seed(0, {0, 0}) == 0xe169c58d6627e8d5U);
    CHECK(candidate_seed(0xffffffffffffffffU, {0xffffffffffffffffU, 0xffffffffffffffffU}) == 0x41c83b0e408f276dU);
    CHECK(candidate_seed(0x299f31d0a4093822U, {0x0370734413198a2eU, 0x85a308d3243f6a88U}) == 0x94fdccebd16cfe09U);
}

TEST_CASE("A plug-in is given the candidate's seed, whatever the candidate's place") {
    Fakes fakes;
    auto& quick = fakes.add("quick", 1);
    quick.score = [](const sotto_candidate& candidate, double& value, std::string&) {
        value = static_cast<double>(candidate.seed >> 16U);
        return SOTTO_OK;
    };
    auto options = fakes.options();
    options.seed = 42;
    options.cache_capacity = 0;
    Pipeline pipeline(fakes.registry(), options);
    const auto list = small_networks({4, 8, 16});
    const auto backwards = small_networks({16, 8, 4});
    const Batch first = pipeline.evaluate(3, networks(list));
    const Batch second = pipeline.evaluate(3, networks(backwards));
    for (std::size_t i = 0; i < 3; ++i) {
        const double seed = static_cast<double>(candidate_seed(42, arch::canonical_hash(list[i])) >> 16U);
        CHECK(first.evaluations[i].metrics.at(4) == seed);
        CHECK(second.evaluations[2 - i].metrics.at(4) == seed);
    }
    CHECK(quick.scored == 6);
}

TEST_CASE("Wrong options are answered with place, found, expected and nearest") {
    Fakes fakes;
    fakes.add("quick", 1);
    fakes.add("other", 1).metric = "quick.value";
    fakes.registry();

    auto options = fakes.options();
    options.stages.pop_back();
    SECTION("limit on an unknown metric") {
        options.limits.push_back({"parms", std::nullopt, 1, {"space.yaml", 12, 5}});
        CHECK(error_of(fakes.registry(), options) ==
              "space.yaml:12:5: unknown metric: found 'parms', expected 'params', 'macs', 'relus', 'comparisons' or "
              "'quick.value'; did you mean 'params'?");
    }
    SECTION("empty limit") {
        options.limits.push_back({"params", 2000, 1000, {"space.yaml", 12, 5}});
        CHECK(error_of(fakes.registry(), options) ==
              "space.yaml:12:5: limit on 'params': found least 2,000 and most 1,000, expected least no greater than "
              "most");
    }
    SECTION("unknown lowering profile") {
        options.lowering_profile = "athos-chetah";
        const std::string text = error_of(fakes.registry(), options);
        CHECK(text.find("unknown lowering profile: found 'athos-chetah'") != std::string::npos);
        CHECK(text.find("did you mean 'athos-cheetah'?") != std::string::npos);
    }
    SECTION("two stages that give one metric") {
        options.stages.push_back({plugin::Kind::cost_model, "other", {}, {"space.yaml", 9, 3}});
        CHECK(error_of(fakes.registry(), options) ==
              "space.yaml:9:3: cost model 'other' gives the metric 'quick.value', which cost model 'quick' gives "
              "already");
    }
    SECTION("the same stage twice") {
        options.stages.push_back(options.stages.front());
        CHECK(error_of(fakes.registry(), options) ==
              "cost model 'quick' gives the metric 'quick.value', which cost model 'quick' gives already");
    }
    SECTION("unknown plug-in") {
        options.stages.push_back({plugin::Kind::cost_model, "quik", {}, {"space.yaml", 9, 3}});
        const std::string text = error_of(fakes.registry(), options);
        CHECK(text.find("space.yaml:9:3: ") == 0);
        CHECK(text.find("'quik'") != std::string::npos);
        CHECK(text.find("'quick'") != std::string::npos);
    }
    SECTION("unknown parameter") {
        options.stages.front().parameters["setting"] = "lan";
        options.stages.front().location = {"space.yaml", 7, 3};
        const std::string text = error_of(fakes.registry(), options);
        CHECK(text.find("space.yaml:7:3: ") == 0);
        CHECK(text.find("'setting'") != std::string::npos);
    }
}

}  // namespace sotto::evaluate
