// SPDX-License-Identifier: Apache-2.0
#include <limits>
#include <stdexcept>

#include "engine/evaluate/pipeline.hpp"
#include "tests/engine/evaluate/fake_plugins.hpp"
#include "tests/support/catch.hpp"

namespace sotto::evaluate {
namespace {

using test::Fakes;
using test::networks;
using test::small_networks;
using Status = Evaluation::Status;

// Fails networks of 13 channels and more.
sotto_status fail_wide(const sotto_candidate& candidate, double& value, std::string& text) {
    value = candidate.network->layers[1].output.channels;
    if (value >= 13) {
        text = "too wide for me";
        return SOTTO_INTERNAL;
    }
    return SOTTO_OK;
}

const std::vector<int> channels = {10, 11, 12, 1, 13, 2, 14, 3};

}  // namespace

TEST_CASE("Under stop the lowest failed candidate is named, on any number of threads, for cheap and costly stages") {
    for (const double cost_us : {1.0, 5000.0}) {
        for (const std::size_t threads : {1U, 2U, 4U}) {
            Fakes fakes;
            fakes.add("bad", cost_us).score = fail_wide;
            auto options = fakes.options();
            options.threads = threads;
            Pipeline pipeline(fakes.registry(), options);
            const auto list = small_networks(channels);
            std::atomic<int> finished = 0;
            EvaluateOptions call;
            call.on_finished = [&](std::size_t, const Evaluation& evaluation, Origin) {
                finished += evaluation.status == Status::complete ? 1 : 1000;
            };
            bool stopped = false;
            try {
                pipeline.evaluate(list.size(), networks(list), call);
            } catch (const EvaluationStopped& error) {
                stopped = true;
                CHECK(error.index() == 4);
                const std::string text = error.what();
                CHECK(text.find("cost model 'bad'") != std::string::npos);
                CHECK(text.find("too wide for me") != std::string::npos);
                CHECK(text.find("candidate 4") != std::string::npos);
                int complete = 0;
                for (std::size_t i = 0; i < list.size(); ++i) {
                    const Status status = error.finished().evaluations[i].status;
                    complete += status == Status::complete ? 1 : 0;
                    CHECK((i < 4 ? status == Status::complete : (status == Status::failed) == (i == 4)));
                }
                CHECK(complete == finished);
                CHECK(pipeline.counters().asked == static_cast<std::uint64_t>(complete));
            }
            CHECK(stopped);
        }
    }
}

TEST_CASE("Under skip and penalise the run goes on") {
    for (const ErrorPolicy policy : {ErrorPolicy::skip, ErrorPolicy::penalise}) {
        Fakes fakes;
        auto& bad = fakes.add("bad", 1);
        bad.score = fail_wide;
        auto& slow = fakes.add("slow", 5000);
        auto options = fakes.options();
        options.on_error = policy;
        Pipeline pipeline(fakes.registry(), options);
        const auto list = small_networks(channels);
        const Batch batch = pipeline.evaluate(list.size(), networks(list));
        for (std::size_t i = 0; i < list.size(); ++i) {
            const bool fails = channels[i] >= 13;
            CHECK(batch.evaluations[i].status == (fails ? Status::failed : Status::complete));
            CHECK(batch.evaluations[i].worst_case == (fails && policy == ErrorPolicy::penalise));
            CHECK(batch.evaluations[i].reason.empty() != fails);
        }
        CHECK(slow.scored == 6);
    }
}

TEST_CASE("A value that is not finite fails the candidate") {
    Fakes fakes;
    fakes.add("bad", 1).score = [](const sotto_candidate&, double& value, std::string&) {
        value = std::numeric_limits<double>::quiet_NaN();
        return SOTTO_OK;
    };
    auto options = fakes.options();
    options.on_error = ErrorPolicy::skip;
    Pipeline pipeline(fakes.registry(), options);
    const auto list = small_networks({4});
    const Batch batch = pipeline.evaluate(1, networks(list));
    CHECK(batch.evaluations[0].status == Status::failed);
    CHECK(batch.evaluations[0].reason.find("'bad.value'") != std::string::npos);
}

TEST_CASE("A plug-in that says cancelled while the run goes on has failed") {
    Fakes fakes;
    fakes.add("bad", 1).score = [](const sotto_candidate&, double&, std::string&) { return SOTTO_CANCELLED; };
    auto options = fakes.options();
    options.on_error = ErrorPolicy::skip;
    Pipeline pipeline(fakes.registry(), options);
    const auto list = small_networks({4});
    const Batch batch = pipeline.evaluate(1, networks(list));
    CHECK(batch.evaluations[0].status == Status::failed);
    CHECK(batch.evaluations[0].reason == "cost model 'bad' says that it was cancelled, but the run goes on");
}

TEST_CASE("An exception of the source is thrown by evaluate, and the pipeline stays usable") {
    Fakes fakes;
    fakes.add("quick", 1);
    auto options = fakes.options();
    options.threads = 2;
    Pipeline pipeline(fakes.registry(), options);
    const auto list = small_networks(channels);
    const Source broken = [&](std::size_t index, std::size_t, std::string&) -> const arch::Network* {
        if (index >= 3) {
            throw std::runtime_error("no genome " + std::to_string(index));
        }
        return &list[index];
    };
    CHECK_THROWS_WITH(pipeline.evaluate(list.size(), broken), "no genome 3");
    CHECK(pipeline.counters().asked == 0);
    CHECK(pipeline.evaluate(list.size(), networks(list)).evaluations.back().status == Status::complete);
}

TEST_CASE("An exception of on_finished is thrown by evaluate, and what was done stays known") {
    Fakes fakes;
    auto& slow = fakes.add("slow", 5000);
    Pipeline pipeline(fakes.registry(), fakes.options());
    const auto list = small_networks({1, 2, 3, 4});
    EvaluateOptions call;
    call.on_finished = [](std::size_t index, const Evaluation&, Origin) {
        if (index == 2) {
            throw std::runtime_error("disk full");
        }
    };
    CHECK_THROWS_WITH(pipeline.evaluate(4, networks(list), call), "disk full");
    CHECK(slow.scored == 3);
    CHECK(pipeline.counters().asked == 3);
    const Batch batch = pipeline.evaluate(4, networks(list));
    CHECK(batch.origins[2] == Origin::recalled);
    CHECK(slow.scored == 4);
}

}  // namespace sotto::evaluate
