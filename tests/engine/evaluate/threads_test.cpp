// SPDX-License-Identifier: Apache-2.0
#include <bit>
#include <latch>
#include <map>
#include <mutex>
#include <numeric>
#include <set>
#include <thread>

#include "engine/evaluate/pipeline.hpp"
#include "engine/random/random.hpp"
#include "tests/engine/evaluate/fake_plugins.hpp"
#include "tests/support/catch.hpp"

namespace sotto::evaluate {
namespace {

using test::Fakes;
using test::networks;
using test::small_networks;
using Status = Evaluation::Status;

// Everything an evaluation holds, NaN included.
std::string fingerprint(const Batch& batch) {
    std::string text;
    for (std::size_t i = 0; i < batch.evaluations.size(); ++i) {
        const Evaluation& evaluation = batch.evaluations[i];
        text += to_text(evaluation.hash) + ' ' + std::string(to_text(evaluation.status)) + ' ' +
                std::to_string(static_cast<int>(batch.origins[i])) + ' ' + evaluation.reason + ' ' +
                std::to_string(std::bit_cast<std::uint64_t>(evaluation.constraint_violation));
        for (const double value : evaluation.metrics) {
            text += ' ' + std::to_string(std::bit_cast<std::uint64_t>(value));
        }
        text += '\n';
    }
    return text;
}

// A number that depends on seed and structure; some candidates are refused or fail.
sotto_status score(const sotto_candidate& candidate, double& value, std::string& text) {
    value = static_cast<double>(candidate.seed >> 11U) * 0x1.0p-53 + candidate.network->layers[1].output.channels;
    if (candidate.seed % 7 == 0) {
        text = "seven";
        return SOTTO_UNSUPPORTED;
    }
    if (candidate.seed % 11 == 0) {
        text = "eleven";
        return SOTTO_INTERNAL;
    }
    return SOTTO_OK;
}

std::vector<int> random_channels(std::size_t count) {
    random::Stream stream(3, 0, 0, random::Purpose::test);
    std::vector<int> channels(count);
    for (int& number : channels) {
        number = static_cast<int>(1 + stream.below(400));
    }
    return channels;
}

std::vector<int> different_channels(std::size_t count) {
    std::vector<int> channels(count);
    std::iota(channels.begin(), channels.end(), 1);
    return channels;
}

struct Outcome {
    std::vector<std::string> batches;
    Counters counters;
};

Outcome run(std::size_t threads) {
    Fakes fakes;
    fakes.add("quick", 1).score = score;
    auto& own = fakes.add("own", 50);
    own.score = score;
    own.thread_level = plugin::ThreadLevel::instance;
    fakes.add("slow", 5000).score = score;
    auto& lonely = fakes.add("lonely", 6000);
    lonely.score = score;
    lonely.thread_level = plugin::ThreadLevel::none;
    auto options = fakes.options();
    options.threads = threads;
    options.on_error = ErrorPolicy::penalise;
    options.cache_capacity = 64;
    options.batch_size = 16;
    options.limits.push_back({"params", std::nullopt, 28 * 380, {}});
    options.limits.push_back({"slow.value", 20, std::nullopt, {}});
    Pipeline pipeline(fakes.registry(), options);
    const auto list = small_networks(random_channels(1300));
    Outcome outcome;
    outcome.batches.push_back(fingerprint(pipeline.evaluate(200, networks(list))));
    outcome.batches.push_back(fingerprint(pipeline.evaluate(list.size(), networks(list))));
    outcome.counters = pipeline.counters();
    return outcome;
}

}  // namespace

TEST_CASE("Results and counters are the same for 1, 2 and 4 threads") {
    const Outcome expected = run(1);
    CHECK(expected.batches[0].find("constrained") != std::string::npos);
    CHECK(expected.batches[0].find("eleven") != std::string::npos);
    for (const std::size_t threads : {2U, 4U}) {
        const Outcome outcome = run(threads);
        CHECK(outcome.batches == expected.batches);
        CHECK(outcome.counters.computed == expected.counters.computed);
        CHECK(outcome.counters.recalled == expected.counters.recalled);
        CHECK(outcome.counters.duplicates == expected.counters.duplicates);
        CHECK(outcome.counters.distinct == expected.counters.distinct);
        CHECK(outcome.counters.asked == 1500);
    }
}

TEST_CASE("Thread levels: shared has one instance, instance one a worker, none one call at a time") {
    Fakes fakes;
    std::mutex mutex;
    std::map<const void*, int> busy;
    bool overlapped_on_an_instance = false;
    std::atomic<int> lonely_calls = 0;
    bool lonely_overlapped = false;
    auto& shared = fakes.add("shared", 5000);
    auto& own = fakes.add("own", 6000);
    own.thread_level = plugin::ThreadLevel::instance;
    own.begin_call = [&](const void* instance) {
        const std::lock_guard lock(mutex);
        overlapped_on_an_instance = overlapped_on_an_instance || busy[instance]++ != 0;
    };
    own.end_call = [&](const void* instance) {
        const std::lock_guard lock(mutex);
        --busy[instance];
    };
    // Two plug-ins of one library: not even they may run at once.
    for (const char* id : {"lonely", "lonely2"}) {
        auto& lonely = fakes.add(id, 7000);
        lonely.thread_level = plugin::ThreadLevel::none;
        lonely.begin_call = [&](const void*) {
            if (lonely_calls++ != 0) {
                lonely_overlapped = true;
            }
            for (int i = 0; i < 20; ++i) {
                std::this_thread::yield();
            }
        };
        lonely.end_call = [&](const void*) { --lonely_calls; };
    }
    auto options = fakes.options();
    options.threads = 3;
    Pipeline pipeline(fakes.registry(), options);
    CHECK(pipeline.slots() == 3);
    CHECK(shared.instances == 1);
    CHECK(own.instances == 3);
    const auto list = small_networks(random_channels(200));
    pipeline.evaluate(list.size(), networks(list));
    CHECK_FALSE(overlapped_on_an_instance);
    CHECK_FALSE(lonely_overlapped);
}

TEST_CASE("Costly candidates run at once on as many threads as asked for") {
    Fakes fakes;
    std::latch all_here(2);
    fakes.add("slow", 5000).begin_call = [&](const void*) { all_here.arrive_and_wait(); };
    auto options = fakes.options();
    options.threads = 2;
    Pipeline pipeline(fakes.registry(), options);
    const auto list = small_networks({1, 2});
    CHECK(pipeline.evaluate(2, networks(list)).evaluations[1].status == Status::complete);
}

TEST_CASE("Cancelling: what is in flight finishes, what was not begun is cancelled and forgotten") {
    for (const std::size_t threads : {1U, 2U}) {
        Fakes fakes;
        std::latch begun(1);
        std::latch cancelled(1);
        std::atomic<int> calls = 0;
        auto& slow = fakes.add("slow", 5000);
        slow.begin_call = [&](const void*) {
            if (++calls == 5) {
                begun.count_down();
                cancelled.wait();
            } else if (calls > 5) {
                cancelled.wait();
            }
        };
        auto options = fakes.options();
        options.threads = threads;
        Pipeline pipeline(fakes.registry(), options);
        const auto list = small_networks(different_channels(300));
        std::mutex mutex;
        std::set<std::size_t> finished;
        EvaluateOptions call;
        call.cancel = &fakes.cancel;
        call.on_finished = [&](std::size_t index, const Evaluation&, Origin) {
            const std::lock_guard lock(mutex);
            finished.insert(index);
        };
        std::thread stopper([&] {
            begun.wait();
            fakes.cancel = true;
            cancelled.count_down();
        });
        const Batch batch = pipeline.evaluate(list.size(), networks(list), call);
        stopper.join();
        CHECK(finished.size() >= 5);
        CHECK(finished.size() <= 4 + threads);
        CHECK(slow.scored == static_cast<int>(finished.size()));
        for (std::size_t i = 0; i < list.size(); ++i) {
            const bool done = finished.contains(i);
            REQUIRE((batch.evaluations[i].status == Status::complete) == done);
            REQUIRE((batch.evaluations[i].status == Status::cancelled) == !done);
            REQUIRE((batch.origins[i] == Origin::none) == !done);
        }
        CHECK(pipeline.counters().asked == finished.size());
        CHECK(pipeline.counters().distinct == finished.size());

        fakes.cancel = false;
        const Batch again = pipeline.evaluate(list.size(), networks(list), call);
        CHECK(again.origins[*finished.begin()] == Origin::recalled);
        CHECK(fingerprint(again).find("cancelled") == std::string::npos);
    }
}

TEST_CASE("A plug-in that gives up when the run is cancelled leaves its candidate cancelled") {
    Fakes fakes;
    auto& slow = fakes.add("slow", 5000);
    slow.score = [&](const sotto_candidate&, double&, std::string&) {
        fakes.cancel = true;
        return SOTTO_CANCELLED;
    };
    Pipeline pipeline(fakes.registry(), fakes.options());
    const auto list = small_networks({4, 8});
    EvaluateOptions call;
    call.cancel = &fakes.cancel;
    const Batch batch = pipeline.evaluate(2, networks(list), call);
    CHECK(batch.evaluations[0].status == Status::cancelled);
    CHECK(batch.evaluations[1].status == Status::cancelled);
    CHECK(slow.scored == 1);
    CHECK(pipeline.counters().asked == 0);
}

TEST_CASE("A run cancelled before it began answers at once") {
    Fakes fakes;
    auto& quick = fakes.add("quick", 1);
    fakes.cancel = true;
    Pipeline pipeline(fakes.registry(), fakes.options());
    const auto list = small_networks(different_channels(2000));
    EvaluateOptions call;
    call.cancel = &fakes.cancel;
    const Batch batch = pipeline.evaluate(list.size(), networks(list), call);
    CHECK(batch.evaluations.size() == list.size());
    CHECK(batch.evaluations.back().status == Status::cancelled);
    CHECK(quick.scored == 0);
}

}  // namespace sotto::evaluate
