// SPDX-License-Identifier: Apache-2.0
#include "bench/cost_models_report/prediction_cache.hpp"

#include <cmath>
#include <filesystem>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/cost_models/training/planted_trainers.hpp"
#include "tests/support/catch.hpp"
#include "tests/tools/process.hpp"

using namespace sotto;
using namespace sotto::training;
using report::CachedTrainer;
using report::NotCached;
using report::PredictionCache;

namespace {

sotto_operation relu(std::int64_t elements) {
    sotto_operation operation{};
    operation.struct_size = sizeof operation;
    operation.kind = SOTTO_OPERATION_RELU;
    operation.elements = elements;
    return operation;
}

// Answers with the first visible time and a value that text has to keep to the last bit.
test::FunctionTrainer first_time() {
    return test::FunctionTrainer([](const TrainingSet& set) {
        const double first = set.at(0).runs.at(0).at(0).client_ms;
        return [first](const sotto_operation& operation) {
            return RoleTimes{first, static_cast<double>(operation.elements) / 3};
        };
    });
}

TrainingSet some_set() {
    return {{"a", {relu(4), relu(5)}, {{{10, 20}, {30, 40}}}}};
}

const TrainingOptions options{settings()[1], 1, {}};

std::vector<RoleTimes> ask(const LatencyTrainer& trainer, const TrainingSet& set,
                           const TrainingOptions& with = options) {
    std::vector<RoleTimes> times(2);
    trainer.train(set, with)->predict(std::vector<sotto_operation>{relu(7), relu(8)}, times);
    return times;
}

}  // namespace

TEST_CASE("a model that is asked again is not trained again and answers the same") {
    const tests::TemporaryFolder folder;
    const test::FunctionTrainer trainer = first_time();
    PredictionCache cache{folder.path(), "1", {}};
    const std::vector<RoleTimes> first = ask(CachedTrainer(trainer, "", true, cache), some_set());
    CHECK(trainer.trainings == 1);
    CHECK(first == std::vector<RoleTimes>{{10, 7.0 / 3}, {10, 8.0 / 3}});
    PredictionCache later{folder.path(), "1", {}};
    CHECK(ask(CachedTrainer(trainer, "", true, later), some_set()) == first);
    CHECK(ask(CachedTrainer(trainer, "", false, later), some_set()) == first);
    CHECK(trainer.trainings == 1);
    CHECK(later.counts.reused == 2);
    CHECK(cache.counts.trained == 1);
}

TEST_CASE("what a model says of its errors is kept too") {
    const tests::TemporaryFolder folder;
    const test::FunctionTrainer trainer(
        [](const TrainingSet&) { return [](const sotto_operation&) {
                                     return RoleTimes{1, 2};
                                 }; }, 0.1);
    const std::vector<sotto_operation> program = {relu(7), relu(8)};
    for (const bool may_train : {true, false}) {
        PredictionCache cache{folder.path(), "1", {}};
        const auto model = CachedTrainer(trainer, "", may_train, cache).train(some_set(), options);
        std::vector<RoleTimes> times(2);
        model->predict(program, times);
        CHECK(model->total_deviation_ms(program, times) == 0.4);  // a tenth of the slower party's 4 ms
    }
    CHECK(trainer.trainings == 1);
    const test::FunctionTrainer silent = first_time();
    PredictionCache cache{folder.path(), "2", {}};
    for (int i = 0; i < 2; ++i) {
        CHECK(std::isnan(
            CachedTrainer(silent, "", true, cache).train(some_set(), options)->total_deviation_ms(program, {})));
    }
    CHECK(cache.counts.reused == 1);
}

TEST_CASE("a program with a kind that was not trained on is answered as far as it is known") {
    const test::FunctionTrainer trainer(
        [](const TrainingSet&) {
            return [](const sotto_operation& operation) {
                if (operation.kind != SOTTO_OPERATION_RELU) {
                    throw std::domain_error("was not measured");
                }
                return RoleTimes{1, 2};
            };
        },
        0.1);
    std::vector<sotto_operation> program = {relu(7), relu(8), relu(9)};
    program[1].kind = SOTTO_OPERATION_TRUNCATION;
    const tests::TemporaryFolder folder;
    for (int i = 0; i < 2; ++i) {
        PredictionCache cache{folder.path(), "1", {}};
        const auto model = CachedTrainer(trainer, "", true, cache).train(some_set(), options);
        std::vector<RoleTimes> times(3);
        const KnownPart part = predict_known(*model, program, times);
        CHECK(part.is_known == std::vector<bool>{true, false, true});
        CHECK(part.total_deviation_ms == 0.4);
        CHECK(times[2] == RoleTimes{1, 2});
    }
}

TEST_CASE("another set or trainer option or seed or setting or wish for a deviation or code is another model") {
    const tests::TemporaryFolder folder;
    const test::FunctionTrainer trainer = first_time();
    PredictionCache cache{folder.path(), "1", {}};
    const CachedTrainer cached(trainer, "", true, cache);
    ask(cached, some_set());
    TrainingSet other = some_set();
    other[0].runs[0][1].server_ms = std::numeric_limits<double>::quiet_NaN();
    ask(cached, other);
    CHECK(trainer.trainings == 2);
    other = some_set();
    other[0].operations[1].truncates = 1;
    ask(cached, other);
    CHECK(trainer.trainings == 3);
    ask(cached, some_set(), {settings()[1], 2, {}});
    ask(cached, some_set(), {settings()[2], 1, {}});
    CHECK(trainer.trainings == 5);
    ask(CachedTrainer(trainer, "other", true, cache), some_set());
    PredictionCache newer{folder.path(), "2", {}};
    ask(CachedTrainer(trainer, "", true, newer), some_set());
    CHECK(trainer.trainings == 7);
    TrainingOptions silent = options;
    silent.estimates_deviation = false;
    ask(cached, some_set(), silent);
    CHECK(trainer.trainings == 8);
    ask(cached, some_set());
    CHECK(trainer.trainings == 8);
}

TEST_CASE("a program that a kept model was not asked is predicted by training it again") {
    const tests::TemporaryFolder folder;
    const test::FunctionTrainer trainer = first_time();
    PredictionCache cache{folder.path(), "1", {}};
    ask(CachedTrainer(trainer, "", true, cache), some_set());
    std::vector<RoleTimes> times(1);
    CachedTrainer(trainer, "", true, cache)
        .train(some_set(), options)
        ->predict(std::vector<sotto_operation>{relu(30)}, times);
    CHECK(times[0] == RoleTimes{10, 10});
    CHECK(trainer.trainings == 2);
    ask(CachedTrainer(trainer, "", true, cache), some_set());
    CHECK(trainer.trainings == 2);
    const CachedTrainer idle(trainer, "", false, cache);
    CHECK_THROWS_AS(idle.train(some_set(), options)->predict(std::vector<sotto_operation>{relu(31)}, times), NotCached);
}

TEST_CASE("what is not kept is not trained where that is not allowed") {
    const tests::TemporaryFolder folder;
    const test::FunctionTrainer trainer = first_time();
    PredictionCache cache{folder.path(), "1", {}};
    CHECK_THROWS_AS(CachedTrainer(trainer, "", false, cache).train(some_set(), options), NotCached);
    CHECK(trainer.trainings == 0);
}

TEST_CASE("damaged files are counted and their models trained again") {
    for (const std::string damage : {"", "x", "sotto-predictions,2\n", "cut", "sotto-predictions,1\nend\n"}) {
        const tests::TemporaryFolder folder;
        const test::FunctionTrainer trainer = first_time();
        PredictionCache cache{folder.path(), "1", {}};
        const std::vector<RoleTimes> first = ask(CachedTrainer(trainer, "", true, cache), some_set());
        int files = 0;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path())) {
            if (entry.is_regular_file()) {
                const std::string text = tests::read_text(entry.path());
                tests::write_text(entry.path(), damage == "cut" ? text.substr(0, text.size() - 6) : damage);
                ++files;
            }
        }
        CHECK(files == 1);
        CHECK(ask(CachedTrainer(trainer, "", true, cache), some_set()) == first);
        CHECK(trainer.trainings == 2);
        CHECK(cache.counts.damaged == 1);
    }
}

TEST_CASE("without a folder every model is trained") {
    const test::FunctionTrainer trainer = first_time();
    PredictionCache cache{{}, "1", {}};
    ask(CachedTrainer(trainer, "", true, cache), some_set());
    ask(CachedTrainer(trainer, "", true, cache), some_set());
    CHECK(trainer.trainings == 2);
}
