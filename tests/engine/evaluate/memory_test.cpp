// SPDX-License-Identifier: Apache-2.0
#include <mutex>
#include <set>

#include "engine/evaluate/pipeline.hpp"
#include "tests/engine/evaluate/fake_plugins.hpp"
#include "tests/support/catch.hpp"

namespace sotto::evaluate {
namespace {

using test::Fakes;
using test::networks;
using test::small_network;
using test::small_networks;
using Status = Evaluation::Status;

std::vector<int> range(int from, int to) {
    std::vector<int> numbers;
    for (int number = from; number < to; ++number) {
        numbers.push_back(number);
    }
    return numbers;
}

}  // namespace

TEST_CASE("A network that stands twice in a batch is evaluated once, under the lower index") {
    Fakes fakes;
    auto& quick = fakes.add("quick", 1);
    auto& slow = fakes.add("slow", 5000);
    auto options = fakes.options();
    options.threads = 2;
    Pipeline pipeline(fakes.registry(), options);
    const std::vector<arch::Network> list = {small_network(4, "a"), small_network(8), small_network(4, "b"),
                                             small_network(4, "c")};
    std::mutex mutex;
    std::multiset<std::size_t> finished;
    EvaluateOptions call;
    call.on_finished = [&](std::size_t index, const Evaluation&, Origin) {
        const std::lock_guard lock(mutex);
        finished.insert(index);
    };
    const Batch batch = pipeline.evaluate(list.size(), networks(list), call);
    CHECK(batch.origins ==
          std::vector<Origin>{Origin::computed, Origin::computed, Origin::duplicate, Origin::duplicate});
    CHECK(batch.evaluations[2].metrics == batch.evaluations[0].metrics);
    CHECK(batch.evaluations[3].status == Status::complete);
    CHECK(quick.scored == 2);
    CHECK(slow.scored == 2);
    CHECK(finished == std::multiset<std::size_t>{0, 1, 2, 3});
    const Counters counters = pipeline.counters();
    CHECK(counters.asked == 4);
    CHECK(counters.computed == 2);
    CHECK(counters.duplicates == 2);
    CHECK(counters.distinct == 2);
}

TEST_CASE("What was evaluated in an earlier batch is recalled") {
    Fakes fakes;
    auto& slow = fakes.add("slow", 5000);
    Pipeline pipeline(fakes.registry(), fakes.options());
    const auto first = small_networks({4, 8});
    const auto second = small_networks({16, 8, 4, 4});
    const Batch before = pipeline.evaluate(2, networks(first));
    const Batch batch = pipeline.evaluate(4, networks(second));
    CHECK(batch.origins ==
          std::vector<Origin>{Origin::computed, Origin::recalled, Origin::recalled, Origin::duplicate});
    CHECK(batch.evaluations[2].metrics == before.evaluations[0].metrics);
    CHECK(slow.scored == 3);
    CHECK(pipeline.counters().distinct == 3);
    CHECK(pipeline.counters().recalled == 2);
}

TEST_CASE("A batch larger than a wave finds its duplicates across waves, whatever the cache holds") {
    for (const std::size_t capacity : {0U, 10U, 100000U}) {
        Fakes fakes;
        auto& quick = fakes.add("quick", 1);
        auto options = fakes.options();
        options.cache_capacity = capacity;
        options.threads = 2;
        Pipeline pipeline(fakes.registry(), options);
        auto channels = range(1, 1501);
        const auto again = range(1, 1501);
        channels.insert(channels.end(), again.begin(), again.end());
        const auto list = small_networks(channels);
        const Batch batch = pipeline.evaluate(list.size(), networks(list));
        CHECK(quick.scored == 1500);
        CHECK(pipeline.counters().distinct == 1500);
        CHECK(pipeline.counters().duplicates == 1500);
        for (std::size_t i = 0; i < list.size(); ++i) {
            REQUIRE(batch.evaluations[i].status == Status::complete);
            REQUIRE(batch.evaluations[i].metrics[0] == 28.0 * channels[i]);
        }
    }
}

TEST_CASE("The number of distinct networks does not depend on what the cache forgets") {
    Fakes fakes;
    auto& quick = fakes.add("quick", 1);
    auto options = fakes.options();
    options.cache_capacity = 4;
    Pipeline pipeline(fakes.registry(), options);
    const auto list = small_networks(range(1, 51));
    const Batch first = pipeline.evaluate(list.size(), networks(list));
    const Batch second = pipeline.evaluate(list.size(), networks(list));
    CHECK(quick.scored > 50);
    CHECK(pipeline.counters().distinct == 50);
    CHECK(pipeline.counters().asked == 100);
    for (std::size_t i = 0; i < list.size(); ++i) {
        CHECK(first.evaluations[i].metrics == second.evaluations[i].metrics);
    }
}

TEST_CASE("Preloaded evaluations are answered without running a stage, and counted when asked for") {
    Fakes fakes;
    auto& slow = fakes.add("slow", 5000);
    Pipeline pipeline(fakes.registry(), fakes.options());
    const auto list = small_networks({4, 8});
    Evaluation known;
    known.status = Status::complete;
    known.hash = arch::canonical_hash(list[1]);
    known.metrics = {1, 2, 3, 4, 0.1};
    pipeline.preload(known);
    CHECK(pipeline.counters().distinct == 0);
    const Batch batch = pipeline.evaluate(2, networks(list));
    CHECK(batch.evaluations[1].metrics == known.metrics);
    CHECK(batch.origins[1] == Origin::recalled);
    CHECK(slow.scored == 1);
    CHECK(pipeline.counters().distinct == 2);

    known.metrics.pop_back();
    CHECK_THROWS_AS(pipeline.preload(known), std::invalid_argument);
}

TEST_CASE("Beyond the cache, evaluations are looked up with the recall function") {
    Fakes fakes;
    auto& slow = fakes.add("slow", 5000);
    slow.score = [](const sotto_candidate&, double&, std::string& text) {
        text = "broken";
        return SOTTO_INTERNAL;
    };
    auto options = fakes.options();
    const auto list = small_networks({4, 8, 16});
    int asked = 0;
    const auto recall = [&](const arch::CanonicalHash& hash, Evaluation& evaluation) {
        ++asked;
        if (hash == arch::canonical_hash(list[2])) {
            return false;
        }
        evaluation.hash = hash;
        evaluation.status = hash == arch::canonical_hash(list[0]) ? Status::complete : Status::failed;
        evaluation.metrics.assign(5, 7.0);
        return true;
    };
    SECTION("under penalise a failure is recalled as the worst case") {
        options.on_error = ErrorPolicy::penalise;
        Pipeline pipeline(fakes.registry(), options);
        pipeline.set_recall(recall);
        const Batch batch = pipeline.evaluate(3, networks(list));
        CHECK(batch.evaluations[0].metrics == std::vector<double>(5, 7.0));
        CHECK(batch.evaluations[1].status == Status::failed);
        CHECK(batch.evaluations[1].worst_case);
        CHECK(batch.evaluations[2].worst_case);
        CHECK(slow.scored == 1);
        CHECK(asked == 3);
        pipeline.evaluate(3, networks(list));
        CHECK(asked == 3);
    }
    SECTION("under stop a recalled failure is tried again") {
        Pipeline pipeline(fakes.registry(), options);
        pipeline.set_recall(recall);
        std::size_t failed = 99;
        try {
            pipeline.evaluate(3, networks(list));
        } catch (const EvaluationStopped& stopped) {
            failed = stopped.index();
        }
        CHECK(failed == 1);
        CHECK(slow.scored == 1);
    }
    SECTION("an answer for another network is refused") {
        Pipeline pipeline(fakes.registry(), options);
        pipeline.set_recall([](const arch::CanonicalHash&, Evaluation& evaluation) {
            evaluation.hash = {1, 2};
            evaluation.status = Status::complete;
            evaluation.metrics.assign(5, 7.0);
            return true;
        });
        CHECK_THROWS_AS(pipeline.evaluate(1, networks(list)), std::invalid_argument);
    }
}

}  // namespace sotto::evaluate
