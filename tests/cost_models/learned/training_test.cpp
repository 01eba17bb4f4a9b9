// SPDX-License-Identifier: Apache-2.0
// Training with LibTorch, on few steps: the same seed gives the same weights, and what is there to learn is learnt.
#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <filesystem>
#include <functional>
#include <limits>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "cost_models/learned/observations.hpp"
#include "cost_models/lstm/training/trainable_lstm.hpp"
#include "cost_models/mlp/training/trainable_mlp.hpp"
#include "engine/input/input_error.hpp"
#include "tests/cost_models/learned/sample_models.hpp"
#include "tests/cost_models/learned/sample_programs.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using learned::BothRoles;
using learned::LayerType;
using training::RoleTimes;

namespace {

// Times that no sum of counts gives: a truncation after a max pool takes 1.6 times as long as one after anything else,
// and convolutions with a kernel of 5 take 1.4 times as long.
training::TrainingSet measured(std::size_t networks) {
    auto programs = sample::programs(41, networks);
    for (auto& program : programs) {
        program.insert(program.begin() + 3, sample::truncation(20000 + 8 * program.front().input.channels));
        program.push_back(sample::truncation(20000 + 8 * program.front().input.channels));
    }
    return sample::training_set(programs, 10, [](const std::vector<sotto_operation>& program, std::size_t i) {
        const std::vector<learned::Workload> work = learned::workloads(sample::engine(), program);
        double ms = 0;
        switch (work[i].type) {
            case LayerType::conv:
                ms = (5 + 2 * work[i].counts.output_ciphertexts + 0.3 * work[i].counts.polynomial_products) *
                     (work[i].kernel == 5 ? 1.4 : 1);
                break;
            case LayerType::trunc:
                ms = 5e-3 * work[i].counts.elements * (i > 0 && work[i - 1].type == LayerType::maxpool ? 1.6 : 1);
                break;
            default:
                ms = 8 + 1e-3 * work[i].counts.elements;
        }
        return RoleTimes{ms, ms * 0.9};
    });
}

mlp::TrainingPlan short_mlp_plan() {
    mlp::TrainingPlan plan;
    plan.steps = 40;
    plan.members = 2;
    plan.network_deviation = 0.05;
    return plan;
}

lstm::TrainingPlan short_lstm_plan() {
    lstm::TrainingPlan plan;
    plan.hyperparameters.architecture = {12, 12, {12}};
    plan.epochs = 6;
    plan.members = 2;
    plan.network_deviation = 0.05;
    return plan;
}

std::string bytes_of(const mlp::MlpPredictor& predictor) {
    model_file::ModelFile file = sample::empty_file();
    mlp::write(predictor, file);
    return model_file::to_bytes(file);
}

std::string bytes_of(const lstm::LstmPredictor& predictor) {
    model_file::ModelFile file = sample::empty_file();
    lstm::write(predictor, file);
    return model_file::to_bytes(file);
}

// Mean absolute log error of own and wait together over operations that `use` picks.
template <typename Use>
double error_of(const std::shared_ptr<const learned::Predictor>& predictor, const training::TrainingSet& set,
                Use&& use) {
    double sum = 0;
    int count = 0;
    for (const training::MeasuredNetwork& network : set) {
        std::vector<RoleTimes> times(network.operations.size());
        learned::PredictorModel(predictor).predict(network.operations, times);
        for (std::size_t i = 0; i < times.size(); ++i) {
            if (use(network.operations, i)) {
                sum += std::abs(std::log(times[i].client_ms / network.runs[0][i].client_ms));
                ++count;
            }
        }
    }
    return sum / count;
}

bool is_convolution(const std::vector<sotto_operation>& program, std::size_t i) {
    return program[i].kind == SOTTO_OPERATION_CONVOLUTION;
}

bool is_truncation(const std::vector<sotto_operation>& program, std::size_t i) {
    return program[i].kind == SOTTO_OPERATION_TRUNCATION;
}

}  // namespace

TEST_CASE("the same seed gives the same weights on any number of threads and another seed does not") {
    const learned::Observations observations = learned::observe(sample::engine(), measured(8));
    const auto train_mlp = [&](std::uint64_t seed) {
        mlp::TrainingPlan plan = short_mlp_plan();
        plan.seed = seed;
        return bytes_of(*mlp::train(sample::engine(), observations, plan).predictor);
    };
    const auto train_lstm = [&](std::uint64_t seed) {
        lstm::TrainingPlan plan = short_lstm_plan();
        plan.seed = seed;
        return bytes_of(*lstm::train(sample::engine(), observations, plan).predictor);
    };
    const std::string mlp_alone = train_mlp(1);
    const std::string lstm_alone = train_lstm(1);
    std::string mlp_beside;
    std::string lstm_beside;
    std::thread other([&] { mlp_beside = train_mlp(1); });
    lstm_beside = train_lstm(1);
    other.join();
    CHECK(mlp_beside == mlp_alone);
    CHECK(lstm_beside == lstm_alone);
    CHECK(train_mlp(2) != mlp_alone);
    CHECK(train_lstm(2) != lstm_alone);
}

TEST_CASE("trainings beside each other do not disturb each other") {
    const learned::Observations observations = learned::observe(sample::engine(), measured(12));
    mlp::TrainingPlan plan = short_mlp_plan();
    plan.members = 3;
    const std::string alone = bytes_of(*mlp::train(sample::engine(), observations, plan).predictor);
    std::array<std::string, 4> beside;
    {
        std::vector<std::jthread> threads;
        for (std::string& bytes : beside) {
            threads.emplace_back(
                [&] { bytes = bytes_of(*mlp::train(sample::engine(), observations, plan).predictor); });
        }
    }
    for (const std::string& bytes : beside) {
        CHECK(bytes == alone);
    }
}

TEST_CASE("a tuning that was stopped goes on to the same model on any number of threads") {
    const auto folder = std::filesystem::path(SOTTO_BINARY_DIRECTORY) / "training_test";
    std::filesystem::create_directories(folder);
    // ReLU alone, and seeds whose random trial is quick.
    const training::TrainingSet set = sample::training_set(
        {{sample::relu(1000), sample::relu(2000)}, {sample::relu(3000), sample::relu(9000)}, {sample::relu(500)}}, 10,
        [](const std::vector<sotto_operation>& program, std::size_t i) {
            const double ms = 5 + 1e-3 * static_cast<double>(program[i].elements);
            return RoleTimes{ms, ms};
        });
    const auto is_small = [](const std::vector<std::size_t>& layers) {
        return layers.size() <= 2 && *std::max_element(layers.begin(), layers.end()) <= 96;
    };
    std::uint64_t mlp_seed = 1;
    while (!is_small(mlp::trial_hyperparameters(LayerType::relu, 1, mlp_seed).architecture.hidden)) {
        ++mlp_seed;
    }
    std::uint64_t lstm_seed = 1;
    while (!is_small(lstm::trial_hyperparameters(1, lstm_seed).architecture.dense)) {
        ++lstm_seed;
    }
    for (const auto& [model, seed] :
         {std::pair{&mlp::trainable_model(), mlp_seed}, {&lstm::trainable_model(), lstm_seed}}) {
        INFO(model->id());
        training::TrainerOptions options;
        options.engine = {"opencheetah-2023", nlohmann::json::object()};
        options.tuning_trials = 2;
        const auto train = [&, model = model, seed = seed](const std::function<bool()>& is_cancelled) {
            model_file::ModelFile file = sample::empty_file();
            const training::TrainingOptions with{training::settings()[1], seed, is_cancelled};
            model->write(*model->trainer(options)->train(set, with), file);
            return model_file::to_bytes(file);
        };
        const std::string at_once = train({});
        for (const unsigned threads : {1U, 2U}) {
            options.threads = threads;
            options.tuning_journal = (folder / "trials").string();
            std::filesystem::remove(options.tuning_journal);
            std::atomic<int> finished = 0;
            options.report = [&](std::string_view line) {
                finished += line.find(" ended, ") != std::string_view::npos ? 1 : 0;
            };
            CHECK_THROWS_AS(train([&] { return finished > 0; }), training::Cancelled);
            CHECK(finished >= 1);
            CHECK(train({}) == at_once);
            CHECK(finished == 2);  // none was run twice
        }
    }
}

TEST_CASE("perceptrons learn what counts alone do not tell") {
    const training::TrainingSet set = measured(30);
    const learned::Observations observations = learned::observe(sample::engine(), set);
    mlp::TrainingPlan plan = short_mlp_plan();
    plan.steps = 1;  // as good as the physical part alone
    const double before = error_of(mlp::train(sample::engine(), observations, plan).predictor, set, is_convolution);
    plan.steps = 250;
    const double after = error_of(mlp::train(sample::engine(), observations, plan).predictor, set, is_convolution);
    CHECK(before > 0.05);
    CHECK(after < before / 3);
}

TEST_CASE("the recurrent network learns what depends on the operation before") {
    const training::TrainingSet set = measured(30);
    const learned::Observations observations = learned::observe(sample::engine(), set);
    lstm::TrainingPlan plan = short_lstm_plan();
    plan.epochs = 1;
    const double before = error_of(lstm::train(sample::engine(), observations, plan).predictor, set, is_truncation);
    plan.epochs = 80;
    plan.hyperparameters.learning_rate = 1e-2;
    const double after = error_of(lstm::train(sample::engine(), observations, plan).predictor, set, is_truncation);
    CHECK(before > 0.1);
    CHECK(after < before / 2);
}

TEST_CASE("held-out times do not reach the weights") {
    const double unknown = std::numeric_limits<double>::quiet_NaN();
    training::TrainingSet set = measured(8);
    training::TrainingSet other = set;
    for (training::TrainingSet* one : {&set, &other}) {
        for (std::vector<RoleTimes>& run : (*one)[2].runs) {
            if (one == &other) {
                run.assign(run.size(), {123, 456});
            }
            run.assign(run.size(), {unknown, unknown});
        }
    }
    const auto left = learned::observe(sample::engine(), set);
    const auto right = learned::observe(sample::engine(), other);
    CHECK(bytes_of(*mlp::train(sample::engine(), left, short_mlp_plan()).predictor) ==
          bytes_of(*mlp::train(sample::engine(), right, short_mlp_plan()).predictor));
    const auto predictor = lstm::train(sample::engine(), left, short_lstm_plan()).predictor;
    CHECK(bytes_of(*predictor) == bytes_of(*lstm::train(sample::engine(), right, short_lstm_plan()).predictor));
    std::vector<RoleTimes> times(set[2].operations.size());
    learned::PredictorModel(predictor).predict(set[2].operations, times);
    for (const RoleTimes& one : times) {
        CHECK(std::isfinite(one.client_ms));
        CHECK(one.server_ms >= 0);
    }
}

TEST_CASE("a training that is cancelled stops") {
    const learned::Observations observations = learned::observe(sample::engine(), measured(4));
    mlp::TrainingPlan mlp_plan = short_mlp_plan();
    lstm::TrainingPlan lstm_plan = short_lstm_plan();
    mlp_plan.is_cancelled = lstm_plan.is_cancelled = [] { return true; };
    CHECK_THROWS_AS(mlp::train(sample::engine(), observations, mlp_plan), training::Cancelled);
    CHECK_THROWS_AS(lstm::train(sample::engine(), observations, lstm_plan), training::Cancelled);
}

TEST_CASE("without the pool the recurrent network does not see it") {
    const learned::Observations observations = learned::observe(sample::engine(), measured(6));
    lstm::TrainingPlan plan = short_lstm_plan();
    plan.sees_pool = false;
    const auto predictor = lstm::train(sample::engine(), observations, plan).predictor;
    // The same operation early and late: only the pool, and its number, tell the places apart.
    learned::Cursor early = predictor->start();
    learned::Cursor late = predictor->start();
    predictor->step(sample::relu(64), late);
    for (float& value : late.hidden) {
        value = 0;
    }
    const RoleTimes first = predictor->step(sample::relu(1000000), early);
    const RoleTimes later = predictor->step(sample::relu(1000000), late);
    CHECK(first.server_ms == Approx(later.server_ms).epsilon(1e-3));
}

TEST_CASE("trials draw from their ranges and repeat for the same seed") {
    CHECK(mlp::trial_hyperparameters(LayerType::conv, 0, 9) == mlp::Hyperparameters{});
    CHECK(lstm::trial_hyperparameters(0, 9) == lstm::Hyperparameters{});
    std::size_t deepest = 0;
    std::size_t widest = 0;
    std::size_t most_dense = 0;
    std::size_t widest_dense = 0;
    double least_rate = 1;
    for (std::uint32_t trial = 1; trial < 200; ++trial) {
        const auto one = mlp::trial_hyperparameters(LayerType::conv, trial, 9);
        CHECK(one == mlp::trial_hyperparameters(LayerType::conv, trial, 9));
        CHECK((one.learning_rate >= 1e-4 && one.learning_rate <= 1e-2));
        for (const std::size_t neurons : one.architecture.hidden) {
            CHECK((neurons >= 16 && neurons <= 640 && neurons % 16 == 0));
            widest = std::max(widest, neurons);
        }
        deepest = std::max(deepest, one.architecture.hidden.size());
        const auto recurrent = lstm::trial_hyperparameters(trial, 9);
        CHECK((recurrent.architecture.hidden >= 16 && recurrent.architecture.hidden <= 64));
        CHECK((recurrent.learning_rate >= 1e-5 && recurrent.learning_rate <= 1e-2));
        least_rate = std::min(least_rate, recurrent.learning_rate);
        most_dense = std::max(most_dense, recurrent.architecture.dense.size());
        for (const std::size_t neurons : recurrent.architecture.dense) {
            CHECK((neurons >= 32 && neurons <= 512 && neurons % 32 == 0));
            widest_dense = std::max(widest_dense, neurons);
        }
    }
    // The published ranges, to their ends.
    CHECK(deepest == 5);
    CHECK(widest == 640);
    CHECK(most_dense == 20);
    CHECK(widest_dense == 512);
    CHECK(least_rate < 3e-5);
}

TEST_CASE("trainers refuse an engine that they cannot count") {
    training::TrainerOptions options;
    options.engine = {"cryptflow2", nlohmann::json::object()};
    CHECK_THROWS_AS(mlp::trainable_model().trainer(options), input::InputError);
    CHECK_THROWS_AS(lstm::trainable_model().trainer(options), input::InputError);
}
