// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/instance.hpp"

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "engine/plugin/registry.hpp"
#include "tests/engine/plugin/message_of.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::plugin;
using sotto::matchers::contains_text;

namespace {

const std::string folder = SOTTO_TEST_PLUGINS "/";

secure::SecureProgram program_of(std::vector<secure::OperationKind> kinds) {
    secure::SecureProgram program;
    for (const secure::OperationKind kind : kinds) {
        secure::Operation operation;
        operation.kind = kind;
        program.operations.push_back(operation);
    }
    return program;
}

// Three candidates of which the middle one, seed 13, is the one that the misbehaving plug-ins treat badly.
struct Batch {
    explicit Batch(const secure::SecureProgram& program) {
        const std::array<std::uint64_t, 3> seeds = {1, 13, 2};
        for (std::size_t i = 0; i < 3; ++i) {
            views[i].set(seeds[i], nullptr, &program);
            pointers[i] = &views[i];
        }
    }

    std::array<CandidateView, 3> views;
    std::array<const CandidateView*, 3> pointers{};
    std::vector<Score> scores{3};
};

// The score of the victim, after a check that its neighbours were not harmed.
Score misbehave(const std::string& id, double second_of_first = -1) {
    Registry registry({});
    registry.load_library(folder + "test_plugin_misbehaving.so");
    const auto instance = registry.create(Kind::cost_model, id, {});
    const secure::SecureProgram program = program_of({secure::OperationKind::relu});
    Batch batch(program);
    instance->evaluate(batch.pointers, batch.scores);
    CHECK(batch.scores[0].status == Score::Status::ok);
    CHECK(batch.scores[0].metrics == std::vector<double>{1, second_of_first});
    CHECK(batch.scores[2].status == Score::Status::ok);
    CHECK(batch.scores[2].reason.empty());
    return batch.scores[1];
}

void check_failed(const Score& score, const std::string& id, const std::string& reason) {
    CHECK(score.status == Score::Status::failed);
    CHECK(score.metrics.empty());
    CHECK_THAT(score.reason, contains_text("cost model '" + id + "'") && contains_text("test_plugin_misbehaving.so"));
    CHECK_THAT(score.reason, contains_text(reason));
}

}  // namespace

TEST_CASE("a sound plug-in scores a batch") {
    Registry registry({});
    registry.load_library(folder + "test_plugin_plain_c.so");
    const auto instance =
        registry.create(Kind::cost_model, "plain-counter", {{"price", "2.5"}, {"repeat", "3"}, {"mode", "double"}});
    using enum secure::OperationKind;
    const secure::SecureProgram two = program_of({convolution, relu});
    const secure::SecureProgram none;
    const secure::SecureProgram ends_in_argmax = program_of({fully_connected, argmax});
    std::array<CandidateView, 3> views;
    views[0].set(0, nullptr, &two);
    views[1].set(0, nullptr, &none);
    views[2].set(0, nullptr, &ends_in_argmax);
    const std::array<const CandidateView*, 3> pointers = {&views[0], &views[1], &views[2]};
    std::vector<Score> scores(3);
    instance->evaluate(pointers, scores);
    CHECK(scores[0].status == Score::Status::ok);
    CHECK(scores[0].metrics == std::vector<double>{2 * 2.5 * 3 * 2, 2});
    CHECK(scores[1].metrics == std::vector<double>{0, 0});
    CHECK(scores[2].status == Score::Status::unsupported);
    CHECK(scores[2].reason == "operation 1: argmax");
    CHECK(scores[2].metrics.empty());
    CHECK(instance->per_operation(views[0]) == std::vector<double>{15, 1, 15, 1});
}

TEST_CASE("a reused score forgets what it said before") {
    Registry registry({});
    registry.load_library(folder + "test_plugin_plain_c.so");
    const auto instance = registry.create(Kind::cost_model, "plain-counter", {{"price", "1"}});
    const secure::SecureProgram program = program_of({secure::OperationKind::relu});
    CandidateView view;
    view.set(0, nullptr, &program);
    const CandidateView* pointer = &view;
    Score score{Score::Status::failed, "an older reason", {9, 9, 9, 9}};
    instance->evaluate({&pointer, 1}, {&score, 1});
    CHECK(score.status == Score::Status::ok);
    CHECK(score.reason.empty());
    CHECK(score.metrics == std::vector<double>{1, 1});
}

TEST_CASE("an exception falls on the candidate that caused it, not on its batch") {
    check_failed(misbehave("throws"), "throws", "an exception escaped: index out of range");
    check_failed(misbehave("throws-number"), "throws-number", "an exception of unknown type escaped");
}

TEST_CASE("a failed batch falls on the candidate that caused it") {
    check_failed(misbehave("fails-batch"), "fails-batch", "internal error: table is corrupt");
}

TEST_CASE("a metric that is not finite fails the candidate") {
    check_failed(misbehave("gives-nan"), "gives-nan", "metric 'balance' found nan, expected a finite number");
    check_failed(misbehave("gives-infinity"), "gives-infinity",
                 "metric 'latency.total_ms' found inf, expected a finite number");
}

TEST_CASE("a negative metric fails the candidate where it was declared non-negative") {
    check_failed(misbehave("gives-negative"), "gives-negative",
                 "metric 'latency.total_ms' found -2.5, expected 0 or more");
}

TEST_CASE("a metric or a status that was not written fails the candidate") {
    check_failed(misbehave("forgets-metric", 2), "forgets-metric", "metric 'balance' was not written");
    check_failed(misbehave("writes-too-many"), "writes-too-many", "found more metrics written than the 2 declared");
    check_failed(misbehave("forgets-status", 2), "forgets-status", "the status of the result was not written");
}

TEST_CASE("a failure of one result carries the last reason") {
    check_failed(misbehave("fails"), "fails", "out of memory: no room for weights");
}

TEST_CASE("a cancelled candidate is neither scored nor failed") {
    const Score score = misbehave("cancels");
    CHECK(score.status == Score::Status::cancelled);
    CHECK(score.metrics.empty());
}

TEST_CASE("faults of the per-operation extension are errors that name the plug-in") {
    Registry registry({});
    registry.load_library(folder + "test_plugin_misbehaving.so");
    const secure::SecureProgram program = program_of({secure::OperationKind::relu});
    CandidateView view;
    view.set(1, nullptr, &program);
    const auto throws = registry.create(Kind::cost_model, "throws", {});
    CHECK_THAT(message_of([&] { throws->per_operation(view); }),
               contains_text("cost model 'throws'") && contains_text("no breakdown today"));
    const auto forgets = registry.create(Kind::cost_model, "forgets-metric", {});
    CHECK_THAT(message_of([&] { forgets->per_operation(view); }),
               contains_text("operation 0: metric 'latency.total_ms' was not written"));
    CHECK(registry.create(Kind::cost_model, "fails", {})->per_operation(view).empty());
}

TEST_CASE("standard deviations are those of the extension, and none without it") {
    Registry registry({});
    registry.load_library(folder + "test_plugin_misbehaving.so");
    registry.load_library(folder + "test_plugin_plain_c.so");
    const secure::SecureProgram program = program_of({secure::OperationKind::relu});
    CandidateView view;
    view.set(0, nullptr, &program);
    CHECK(registry.create(Kind::cost_model, "fails", {})->standard_deviations(view) == std::vector<double>{1, 0});
    CHECK(registry.create(Kind::cost_model, "plain-counter", {{"price", "1"}})->standard_deviations(view).empty());
}

TEST_CASE("faults of the uncertainty extension are errors that name the plug-in") {
    Registry registry({});
    registry.load_library(folder + "test_plugin_misbehaving.so");
    const secure::SecureProgram program = program_of({secure::OperationKind::relu});
    const auto fault = [&](const std::string& id, std::uint64_t seed) {
        CandidateView view;
        view.set(seed, nullptr, &program);
        const auto instance = registry.create(Kind::cost_model, id, {});
        return message_of([&] { instance->standard_deviations(view); });
    };
    CHECK_THAT(fault("fails", 1), contains_text("cost model 'fails'") &&
                                      contains_text("standard deviation of 'balance' found -1, expected 0 or more"));
    CHECK_THAT(fault("gives-infinity", 13),
               contains_text("standard deviation of 'latency.total_ms' found inf, expected a finite number"));
    CHECK_THAT(fault("writes-too-many", 13), contains_text("found more than one value for each metric"));
    CHECK_THAT(fault("forgets-metric", 13), contains_text("standard deviation of 'balance' was not written"));
    CHECK_THAT(fault("forgets-status", 13), contains_text("the status of the result was not written"));
    CHECK_THAT(fault("throws", 13), contains_text("standard deviations: ") && contains_text("index out of range"));
    CHECK_THAT(fault("fails", 13), contains_text("no room for weights"));
    CHECK_THAT(fault("fails-batch", 13), contains_text("table is corrupt"));
}
