// SPDX-License-Identifier: Apache-2.0
#include "cost_models/analytical/fit/analytical_trainer.hpp"

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

#include "cost_models/analytical/coefficients.hpp"
#include "cost_models/analytical/shipped_models.hpp"
#include "cost_models/trainable/trainable_models.hpp"
#include "cost_models/training/measurement_table.hpp"
#include "engine/input/input_error.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::training;

namespace {

constexpr double not_measured = std::numeric_limits<double>::quiet_NaN();

sotto_operation relu(std::int64_t elements) {
    sotto_operation operation{};
    operation.struct_size = sizeof operation;
    operation.kind = SOTTO_OPERATION_RELU;
    operation.elements = elements;
    return operation;
}

sotto_operation normalization(std::int32_t channels, std::int32_t extent) {
    sotto_operation operation{};
    operation.struct_size = sizeof operation;
    operation.kind = SOTTO_OPERATION_BATCH_NORMALIZATION;
    operation.input = operation.output = {channels, extent, extent};
    operation.elements = std::int64_t{channels} * extent * extent;
    return operation;
}

TrainingOptions options() {
    return {settings()[1], 1, {}};
}

std::unique_ptr<LatencyModel> trained(const TrainingSet& set) {
    return analytical::trainable_model().trainer({})->train(set, options());
}

RoleTimes time_of(const LatencyModel& model, const sotto_operation& operation) {
    RoleTimes times;
    model.predict({&operation, 1}, {&times, 1});
    return times;
}

TrainingSet measured(const std::string& setting) {
    return training_set({read_measurement_table(
        SOTTO_SOURCE_DIRECTORY "/cost_models/data/cheetah_measured/" + setting + ".csv", Times::required)});
}

}  // namespace

TEST_CASE("a line that times lie on is found, beyond what was measured too") {
    // Client 3 + 0.25 n, server 0.5 n; batch normalisation 2 + 0.125 n + 7 c on both.
    const std::vector<sotto_operation> program = {
        relu(10), relu(1000), relu(40), normalization(2, 4), normalization(8, 4), normalization(4, 9)};
    std::vector<RoleTimes> times;
    for (const sotto_operation& operation : program) {
        const auto n = static_cast<double>(operation.elements);
        const double both = 2 + 0.125 * n + 7 * operation.input.channels;
        times.push_back(operation.kind == SOTTO_OPERATION_RELU ? RoleTimes{3 + 0.25 * n, 0.5 * n}
                                                               : RoleTimes{both, both});
    }
    const auto model = trained({{"net", program, {times, times}}});
    CHECK(time_of(*model, relu(5000)).client_ms == Approx(3 + 0.25 * 5000));
    CHECK(time_of(*model, relu(5000)).server_ms == Approx(0.5 * 5000));
    CHECK(time_of(*model, normalization(16, 10)).client_ms == Approx(2 + 0.125 * 1600 + 7 * 16));
    // A product of the same size stands for a batch normalisation, and was not fitted to.
    sotto_operation product = normalization(16, 10);
    product.kind = SOTTO_OPERATION_MULTIPLY;
    CHECK(time_of(*model, product) == time_of(*model, normalization(16, 10)));
    CHECK_THROWS_AS(time_of(*model,
                            [] {
                                sotto_operation pool{};
                                pool.kind = SOTTO_OPERATION_MAX_POOL;
                                return pool;
                            }()),
                    std::domain_error);
}

TEST_CASE("unresolved and held-out times change nothing") {
    const std::vector<sotto_operation> program = {relu(10), relu(1000), relu(40), relu(777)};
    const std::vector<RoleTimes> run = {{1, 2}, {101, 90}, {6, 5}, {70, 81}};
    std::vector<RoleTimes> holes = run;
    holes[0].client_ms = not_measured;
    holes[1].server_ms = not_measured;
    // The same without holes: the rows that are left, role by role.
    const auto with_holes = trained({{"net", program, {holes}, {{0, 1, Role::server}}}});
    const auto client = trained({{"net", {program[1], program[2], program[3]}, {{run[1], run[2], run[3]}}}});
    const auto server = trained({{"net", {program[0], program[2], program[3]}, {{run[0], run[2], run[3]}}}});
    CHECK(time_of(*with_holes, relu(500)).client_ms == time_of(*client, relu(500)).client_ms);
    CHECK(time_of(*with_holes, relu(500)).server_ms == time_of(*server, relu(500)).server_ms);
    model_file::ModelFile file;
    analytical::trainable_model().write(*with_holes, file);
    CHECK(file.parameters.at("fits").at(0).at("rows_left_out") == 0);
    CHECK(file.parameters.at("fits").at(1).at("rows_left_out") == 1);
    CHECK_THROWS_AS(trained({{"net", {relu(5)}, {{{not_measured, not_measured}}}}}), std::invalid_argument);
}

TEST_CASE("training again on the measurements of the project gives the models that ship, and files keep them whole") {
    for (const char* setting : {"local", "lan", "wan"}) {
        CAPTURE(setting);
        const TrainingSet set = measured(setting);
        const auto model = trained(set);
        model_file::ModelFile file;
        analytical::trainable_model().write(*model, file);
        const model_file::OpenedModel shipped = model_file::open_model("analytical", {setting, "opencheetah-2023", ""},
                                                                       analytical::trainable_model().shipped());
        CHECK(file.parameters == shipped.model.parameters);
        CHECK(file.features == shipped.model.features);
        const auto read = analytical::trainable_model().read(shipped.model, shipped.name);
        for (const MeasuredNetwork& network : set) {
            std::vector<RoleTimes> expected(network.operations.size());
            std::vector<RoleTimes> found(network.operations.size());
            model->predict(network.operations, expected);
            read->predict(network.operations, found);
            REQUIRE(found == expected);
        }
    }
}

TEST_CASE("a training that is asked to stop does") {
    TrainingOptions stopping = options();
    stopping.is_cancelled = [] { return true; };
    CHECK_THROWS_AS(
        analytical::trainable_model().trainer({})->train({{"net", {relu(5), relu(9)}, {{{1, 1}, {2, 2}}}}}, stopping),
        Cancelled);
}

TEST_CASE("models are found by id, unknown ones refused with the nearest") {
    CHECK(&trainable_model("analytical") == &analytical::trainable_model());
    CHECK_THROWS_WITH(trainable_model("analitical"),
                      sotto::matchers::contains_text("unknown model: found 'analitical'") &&
                          sotto::matchers::contains_text("did you mean 'analytical'?"));
    TrainerOptions tuned;
    tuned.tuning_trials = 5;
    CHECK_THROWS_AS(analytical::trainable_model().trainer(tuned), input::InputError);
    CHECK_THROWS_WITH(analytical::trainable_model().calibrate(*trained({{"n", {relu(5)}, {{{1, 1}}}}}), {}, options()),
                      sotto::matchers::contains_text("this kind of model cannot be calibrated: found 'analytical'"));
}
