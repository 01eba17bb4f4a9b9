// SPDX-License-Identifier: Apache-2.0
#include "engine/run/events.hpp"

#include <thread>

#include "tests/support/catch.hpp"

namespace sotto::run {

TEST_CASE("Every observer hears every event, in the order they subscribed") {
    EventStream stream;
    std::string heard;
    stream.subscribe([&](const Event& event) { heard += "1:" + std::string(event_kind(event)) + ' '; });
    stream.subscribe([&](const Event& event) { heard += "2:" + to_text(event) + ' '; });
    stream.emit(Warning{"slow BLAS"});
    CHECK(heard == "1:warning 2:slow BLAS ");
}

TEST_CASE("Events from several threads arrive one at a time") {
    EventStream stream;
    int count = 0;  // not atomic: ThreadSanitizer would see two observers at once
    stream.subscribe([&](const Event&) { ++count; });
    std::vector<std::thread> threads;
    threads.reserve(4);
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&] {
            for (int k = 0; k < 500; ++k) {
                stream.emit(Progress{});
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    CHECK(count == 2000);
}

TEST_CASE("Events have kinds and one line of text each") {
    GenerationFinished generation;
    generation.row.generation = 3;
    generation.row.evaluations = 400;
    generation.budget = 5000;
    generation.row.distinct = 390;
    generation.row.front_size = 12;
    generation.row.hypervolume = 0.25;
    CHECK(event_kind(generation) == "generation_finished");
    CHECK(to_text(generation) == "generation 3: 400 of 5000 evaluations, 390 distinct, front of 12, hypervolume 0.25");
    CHECK(event_kind(RunStarted{}) == "run_started");
    CHECK(event_kind(CandidateFailed{}) == "candidate_failed");
    CHECK(to_text(CandidateFailed{17, "cost model 'x': NaN"}) == "candidate 17 failed: cost model 'x': NaN");
    CHECK(event_kind(RunFinished{}) == "run_finished");
    CHECK(to_text(RunFinished{RunFinished::Outcome::interrupted, "SIGINT", 120, 3.5}) ==
          "interrupted (SIGINT) after 120 evaluations");
    CHECK(event_kind(StageStarted{}) == "stage_started");
    CHECK(to_text(StageStarted{2, 3, "trained", 9}) == "stage 2 of 3: trained, networks to score: 9");
    CHECK(event_kind(FinalistScored{}) == "finalist_scored");
    CHECK(to_text(FinalistScored{2, 4, 9, true, {"trained 1", {}, 17, {}, "", {{"accuracy.test", 0.5}}}}) ==
          "stage 2: 4 of 9, candidate 17 complete, accuracy.test 0.5");
    CHECK(event_kind(StageFinished{}) == "stage_finished");
    CHECK(to_text(StageFinished{2, {17, 4}, 1.5}) == "stage 2 finished, best first: 17 4");
}

}  // namespace sotto::run
