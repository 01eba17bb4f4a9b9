// SPDX-License-Identifier: Apache-2.0
#include "cost_models/training/error_figures.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "cost_models/training/published_import.hpp"
#include "engine/input/csv.hpp"
#include "tests/cost_models/training/planted_trainers.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::training;

namespace {

constexpr double not_measured = std::numeric_limits<double>::quiet_NaN();

sotto_operation operation(std::int32_t kind, std::int64_t elements) {
    sotto_operation result{};
    result.struct_size = sizeof result;
    result.kind = kind;
    result.elements = elements;
    return result;
}

// One network of a ReLU and a truncation in two runs, another of a ReLU in one run.
TrainingSet two_networks() {
    return {{"first",
             {operation(SOTTO_OPERATION_RELU, 4), operation(SOTTO_OPERATION_TRUNCATION, 4)},
             {{{10, 20}, {30, 40}}, {{14, 26}, {34, 44}}}},
            {"second", {operation(SOTTO_OPERATION_RELU, 9)}, {{{50, not_measured}}}}};
}

std::vector<HeldOut> held_out_of_two() {
    // network, run, position, fold, measured, predicted, what the model says of the total
    return {{0, 0, 0, 0, {10, 20}, {12, 20}, 3},
            {0, 0, 1, 0, {30, 40}, {30, 50}, 3},
            {0, 1, 0, 1, {14, 26}, {12, 20}, 3},
            {0, 1, 1, 1, {34, 44}, {30, 50}, 3},
            {1, 0, 0, 0, {50, not_measured}, {40, 7}, not_measured}};
}

}  // namespace

TEST_CASE("figures of four rows are those worked out by hand") {
    // Mean 3; squared errors 1 + 0 + 1 + 1 = 3; squared deviations 4 + 1 + 0 + 9 = 14; absolute errors 3.
    const ErrorFigures figures = error_figures(std::vector<double>{1, 2, 3, 6}, std::vector<double>{2, 2, 2, 7});
    CHECK(figures.rows == 4);
    CHECK(figures.mean_measured_ms == 3);
    CHECK(figures.r2 == Approx(1 - 3.0 / 14).epsilon(1e-15));
    CHECK(figures.mae_ms == 0.75);
    CHECK(figures.bias_percent == Approx(100.0 / 12).epsilon(1e-14));
}

TEST_CASE("a perfect prediction and the mean have R2 of 1 and 0") {
    const std::vector<double> measured = {3, 1, 4, 1, 5};
    CHECK(error_figures(measured, measured).r2 == 1);
    CHECK(error_figures(measured, std::vector<double>(5, 2.8)).r2 == Approx(0).margin(1e-15));
    CHECK(error_figures(measured, std::vector<double>(5, 0)).bias_percent == -100);
}

TEST_CASE("times that are all equal have no R2 and times of 0 no bias") {
    CHECK(std::isnan(error_figures(std::vector<double>{0.1, 0.1, 0.1}, std::vector<double>{1, 2, 3}).r2));
    CHECK(std::isnan(error_figures(std::vector<double>{0}, std::vector<double>{1}).bias_percent));
}

TEST_CASE("layer types are told apart and rows without a time do not count") {
    const std::vector<LayerFigures> all = figures_by_layer(two_networks(), held_out_of_two());
    REQUIRE(all.size() == 4);
    CHECK(all[0].layer == "relu");
    CHECK(all[0].role == Role::client);
    CHECK(all[0].figures.rows == 3);
    // Measured 10, 14, 50, predicted 12, 12, 40.
    CHECK(all[0].figures.mae_ms == Approx(14.0 / 3).epsilon(1e-15));
    CHECK(all[1].role == Role::server);
    CHECK(all[1].figures.rows == 2);
    CHECK(all[1].figures.mae_ms == 3);
    CHECK(all[2].layer == "trunc");
    CHECK(all[3].figures.bias_percent == Approx(100 * 16.0 / 84).epsilon(1e-14));
}

TEST_CASE("figures by fold are the mean over the folds") {
    const TrainingSet set = two_networks();
    const std::vector<LayerFigures> all = figures_by_layer(set, held_out_of_two(), Pooling::mean_of_folds);
    // ReLU, client. Fold 0: measured 10, 50, predicted 12, 40: R2 = 1 - 104 / 800, error 6; fold 1: one row, no R2,
    // error 2.
    CHECK(all[0].figures.r2 == Approx(1 - 104.0 / 800).epsilon(1e-15));
    CHECK(all[0].figures.mae_ms == 4);
    CHECK(all[0].figures.rows == 3);
}

TEST_CASE("a network's total is the mean over its runs") {
    const std::vector<NetworkFigures> all = figures_by_network(two_networks(), held_out_of_two());
    REQUIRE(all.size() == 4);
    CHECK(all[0].network == "first");
    CHECK(all[0].role == Role::client);
    // Runs of 40 and 48; 42 predicted.
    CHECK(all[0].measured_ms == 44);
    CHECK(all[0].predicted_ms == 42);
    CHECK(all[0].error_percent == Approx(-100.0 / 22).epsilon(1e-14));
    CHECK(all[0].total_deviation_ms == 3);
    CHECK(std::isnan(all[2].total_deviation_ms));
    CHECK(all[0].run_deviation_percent == Approx(100 * std::sqrt(32.0) / 44).epsilon(1e-14));
    REQUIRE(all[0].layers.size() == 2);
    CHECK(all[0].layers[0].layer == "relu");
    CHECK(all[0].layers[0].measured_ms == 12);
    CHECK(all[0].layers[1].predicted_ms == 30);
    CHECK(all[0].runs == 2);
    CHECK(std::isnan(all[2].run_deviation_percent));
    CHECK(all[3].runs == 0);
    CHECK(all[3].incomplete_runs == 1);
    CHECK(std::isnan(all[3].measured_ms));
    CHECK(std::isnan(all[3].error_percent));
}

TEST_CASE("totals count what no clock resolved as 0 and leave incomplete runs out") {
    // The first run's truncation is unresolved, the second one's is hidden, the third run is unresolved throughout.
    const TrainingSet set = {
        {"net",
         {operation(SOTTO_OPERATION_RELU, 4), operation(SOTTO_OPERATION_TRUNCATION, 4)},
         {{{10, 10}, {not_measured, 5}}, {{14, 14}, {not_measured, 5}}, {{not_measured, 14}, {not_measured, 5}}},
         {{0, 1, Role::client}, {2, 0, Role::client}, {2, 1, Role::client}}}};
    std::vector<HeldOut> rows;
    for (std::uint32_t run = 0; run < 3; ++run) {
        for (std::uint32_t position = 0; position < 2; ++position) {
            rows.push_back({0, run, position, 0, set[0].runs[run][position], {4, 4}});
        }
    }
    const std::vector<NetworkFigures> all = figures_by_network(set, rows);
    REQUIRE(all.size() == 2);
    CHECK(all[0].measured_ms == 10);
    CHECK(all[0].predicted_ms == 8);
    CHECK(all[0].error_percent == -20);
    CHECK(all[0].runs == 1);
    CHECK(all[0].incomplete_runs == 2);
    CHECK(std::isnan(all[0].run_deviation_percent));
    CHECK(all[1].runs == 3);
    // A layer's own figures are of the times that there are.
    const std::vector<LayerFigures> layers = figures_by_layer(set, rows);
    REQUIRE(layers.size() == 3);
    CHECK(layers[0].figures.rows == 2);
    CHECK(layers[2].role == Role::server);
}

TEST_CASE("operations that a model does not know are in no figure and counted") {
    const TrainingSet set = two_networks();
    std::vector<HeldOut> rows = held_out_of_two();
    rows.pop_back();
    rows[1].predicted = rows[3].predicted = {not_measured, not_measured};
    CHECK(unknown_operations(set, rows) == std::map<std::string, std::size_t>{{"trunc", 2}});
    CHECK(figures_by_layer(set, rows).size() == 2);
    const std::vector<NetworkFigures> all = figures_by_network(set, rows);
    REQUIRE(all.size() == 2);
    CHECK(all[0].measured_ms == 12);
    CHECK(all[0].predicted_ms == 12);
    const std::vector<SlowerPartyTotal> totals = totals_of_slower_party(set, rows);
    REQUIRE(totals.size() == 1);
    CHECK(totals[0].measured_ms == 20);
    CHECK(totals[0].predicted_ms == 20);
}

TEST_CASE("the slower party's total takes the least of the runs for each operation") {
    std::vector<HeldOut> rows = held_out_of_two();
    rows.pop_back();
    const std::vector<SlowerPartyTotal> totals = totals_of_slower_party(two_networks(), rows);
    REQUIRE(totals.size() == 1);
    // min(20, 26) + min(40, 44) against max(12, 20) + max(30, 50)
    CHECK(totals[0].measured_ms == 60);
    CHECK(totals[0].predicted_ms == 70);
    CHECK(totals[0].error_percent == Approx(100.0 / 6).epsilon(1e-14));
    CHECK(totals[0].total_deviation_ms == 3);
    REQUIRE(totals[0].layers.size() == 2);
    CHECK(totals[0].layers[1].layer == "trunc");
    CHECK(totals[0].layers[1].measured_ms == 40);
    CHECK(totals[0].layers[1].predicted_ms == 50);
}

TEST_CASE("the slower party's total needs whole networks and complete times") {
    CHECK_THROWS_AS(totals_of_slower_party(two_networks(), held_out_of_two()), std::invalid_argument);
    std::vector<HeldOut> rows = held_out_of_two();
    rows.pop_back();
    rows[2].predicted.client_ms = 13;
    CHECK_THROWS_AS(totals_of_slower_party(two_networks(), rows), std::invalid_argument);
    rows = held_out_of_two();
    CHECK_THROWS_AS(totals_of_slower_party(two_networks(), std::span(rows).first(1)), std::invalid_argument);
}

TEST_CASE("totals of the published networks and their deviation are those computed elsewhere") {
    const std::string shared = SOTTO_SOURCE_DIRECTORY "/../shared/data/snni_public";
    if (!std::filesystem::exists(shared)) {
        SOTTO_SKIP("the measurements are not beside the project");
    }
    const std::string path = shared + "/whole_networks/totals.csv";
    const std::string text = input::read_text_file(path, 1U << 20U, "totals");
    const test::FunctionTrainer zero([](const TrainingSet&) {
        return [](const sotto_operation&) { return RoleTimes{0, 0}; };
    });
    int compared = 0;
    // The local ones have times of 0 ms.
    for (const auto& [setting, name] : {std::pair(settings()[0], "local"), std::pair(settings()[2], "WAN")}) {
        const TrainingSet set = training_set({import_published(shared, setting.name)});
        const Folds folds = deal(set, Split::networks, 0, 1);
        const std::vector<HeldOut> held_out =
            cross_validate(set, zero, folds, {setting, 1, {}}, 1, {"sqnet", "resnet50", "densenet121"});
        const std::vector<NetworkFigures> all = figures_by_network(set, held_out);
        CHECK(all.size() == 6);
        input::CsvReader csv(text, path);
        std::vector<input::CsvField> fields;
        while (csv.next(fields)) {
            for (const NetworkFigures& network : all) {
                if (fields[0].text == name && fields[1].text == role_name(network.role) &&
                    fields[2].text == network.network) {
                    CHECK(network.measured_ms == Approx(std::stod(fields[11].text)).epsilon(1e-12));
                    CHECK(network.run_deviation_percent == Approx(std::stod(fields[14].text)).epsilon(1e-9));
                    CHECK(network.incomplete_runs == 0);
                    ++compared;
                }
            }
        }
    }
    CHECK(compared == 12);
}
