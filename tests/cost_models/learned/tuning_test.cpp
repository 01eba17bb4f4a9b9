// SPDX-License-Identifier: Apache-2.0
#include "cost_models/learned/training/tuning.hpp"

#include <atomic>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

#include "cost_models/learned/training/initial_weights.hpp"
#include "cost_models/training/latency_trainer.hpp"
#include "engine/input/input_error.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::learned;

namespace {

std::string journal_path(const std::string& name) {
    const auto folder = std::filesystem::path(SOTTO_BINARY_DIRECTORY) / "tuning_test";
    std::filesystem::create_directories(folder);
    std::filesystem::remove(folder / name);
    return (folder / name).string();
}

std::vector<double> losses_of(std::uint32_t trial) {
    return {std::abs(static_cast<double>(trial) - 3.25), trial == 5 ? 0.125 : std::nan("")};
}

bool same(const std::vector<std::vector<double>>& left, const std::vector<std::vector<double>>& right) {
    return left.size() == right.size() && std::equal(left.begin(), left.end(), right.begin(), [](auto& a, auto& b) {
               return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](double x, double y) {
                          return x == y || (std::isnan(x) && std::isnan(y));
                      });
           });
}

}  // namespace

TEST_CASE("trials give the same on one thread and on two") {
    TrialPlan plan;
    plan.count = 20;
    const auto one = run_trials(plan, losses_of);
    plan.threads = 2;
    CHECK(same(run_trials(plan, losses_of), one));
    CHECK(best_trial(one, 0) == 3);
    CHECK(best_trial(one, 1) == 5);
}

TEST_CASE("a tuning that was stopped goes on where it was") {
    TrialPlan plan;
    plan.count = 4;
    plan.journal = journal_path("goes_on");
    plan.identity = "mlp seed 1";
    run_trials(plan, losses_of);
    // The program was stopped while it wrote a line.
    std::ofstream(plan.journal, std::ios::app) << R"({"identity":"mlp se)";
    plan.count = 8;
    std::atomic<int> runs = 0;
    const auto counted = [&](std::uint32_t trial) {
        ++runs;
        return losses_of(trial);
    };
    const auto resumed = run_trials(plan, counted);
    CHECK(runs == 4);
    plan.journal.clear();
    CHECK(same(resumed, run_trials(plan, losses_of)));
}

TEST_CASE("trials of other data or another seed are not taken for these") {
    TrialPlan plan;
    plan.count = 3;
    plan.journal = journal_path("others");
    plan.identity = "mlp seed 1";
    run_trials(plan, losses_of);
    plan.identity = "mlp seed 2";
    int runs = 0;
    run_trials(plan, [&](std::uint32_t trial) {
        ++runs;
        return losses_of(trial);
    });
    CHECK(runs == 3);
}

TEST_CASE("a journal that is none is refused with its line") {
    TrialPlan plan;
    plan.count = 2;
    plan.journal = journal_path("damaged");
    for (const std::string line : {"no json", "[]", R"({"trial":1})", R"({"identity":"","trial":-1,"losses":[1]})",
                                   R"({"identity":"","trial":1,"losses":["x"]})"}) {
        std::ofstream(plan.journal, std::ios::trunc) << line << '\n';
        CHECK_THROWS_AS(run_trials(plan, losses_of), input::InputError);
    }
}

TEST_CASE("a journal with another line says what to do") {
    TrialPlan plan;
    plan.count = 2;
    plan.journal = journal_path("foreign");
    run_trials(plan, losses_of);
    std::ofstream(plan.journal, std::ios::app) << "a shopping list\n";
    CHECK_THROWS_WITH(run_trials(plan, losses_of),
                      plan.journal +
                          ":3: is no line of a finished trial: found 'a shopping list', expected what a "
                          "tuning wrote; delete the file to tune anew");
}

TEST_CASE("a tuning reports each trial as it ends and what was chosen") {
    std::vector<std::string> lines;
    TrialPlan plan;
    plan.count = 6;
    plan.journal = journal_path("report");
    plan.loss_names = {"conv", "relu"};
    plan.report = [&](std::string_view line) { lines.emplace_back(line); };
    const auto losses = run_trials(plan, losses_of);
    CHECK(lines == std::vector<std::string>{
                       "trial 0 (the defaults) ended, 1 of 6: loss conv 3.25", "trial 1 ended, 2 of 6: loss conv 2.25",
                       "trial 2 ended, 3 of 6: loss conv 1.25", "trial 3 ended, 4 of 6: loss conv 0.25",
                       "trial 4 ended, 5 of 6: loss conv 0.75", "trial 5 ended, 6 of 6: loss conv 1.75, relu 0.125"});
    lines.clear();
    report_choice(plan, losses, 0, best_trial(losses, 0), "16 neurons");
    run_trials(plan, losses_of);
    CHECK(lines == std::vector<std::string>{"chosen for conv is trial 3, loss 0.25 (trial 0, the defaults: 3.25): 16 "
                                            "neurons",
                                            "6 of 6 trials are in " + plan.journal});
}

TEST_CASE("a cancelled tuning says so") {
    TrialPlan plan;
    plan.count = 2;
    plan.is_cancelled = [] { return true; };
    CHECK_THROWS_AS(run_trials(plan, losses_of), training::Cancelled);
}

TEST_CASE("normal numbers have the moments of a normal distribution") {
    random::Stream stream(1, 0, 0, random::Purpose::test);
    const std::size_t count = 200001;
    double sum = 0;
    double squares = 0;
    double fourths = 0;
    for (const float value : normal_numbers(stream, count, 2)) {
        sum += value;
        squares += static_cast<double>(value) * value;
        fourths += std::pow(static_cast<double>(value), 4);
    }
    CHECK(sum / static_cast<double>(count) == Approx(0).margin(0.02));
    CHECK(squares / static_cast<double>(count) == Approx(4).epsilon(0.02));
    CHECK(fourths / static_cast<double>(count) == Approx(48).epsilon(0.04));  // 3 sigma^4
}

TEST_CASE("shuffled indices are every index once") {
    random::Stream stream(1, 0, 0, random::Purpose::test);
    std::vector<std::size_t> shuffled = shuffled_indices(stream, 100);
    CHECK_FALSE(std::is_sorted(shuffled.begin(), shuffled.end()));
    std::sort(shuffled.begin(), shuffled.end());
    for (std::size_t i = 0; i < shuffled.size(); ++i) {
        CHECK(shuffled[i] == i);
    }
}
