// SPDX-License-Identifier: Apache-2.0
// The analytical model under the protocol of the publication: shuffled rows without those of 0 ms, 10 folds for the
// local measurements and 5 for the others, R2 and mean absolute error as means over the folds.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "cost_models/analytical/fit/analytical_trainer.hpp"
#include "cost_models/analytical/shipped_models.hpp"
#include "cost_models/training/error_figures.hpp"
#include "cost_models/training/published_import.hpp"
#include "engine/input/csv.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::training;

namespace {

const std::string shared = SOTTO_SOURCE_DIRECTORY "/../shared";

using Cell = std::tuple<std::string, std::string, std::string>;  // setting, layer type, role

constexpr int seed_count = 8;

// Over the seeds.
struct Spread {
    double mean = 0;
    double least = std::numeric_limits<double>::infinity();
    double most = -std::numeric_limits<double>::infinity();

    void add(double value) {
        mean += value / seed_count;
        least = std::min(least, value);
        most = std::max(most, value);
    }
};

// R2 further than .01 from the published one.
// local maxpool: a mean over folds in which few large pools decide; it moves from .928 to .950 with the seed, and the
// published .932 is within. wan conv: the published .646 and .544 are below all of these seeds, by .005 and .006, and
// for no reason that the data show: the other computation of the same figures (below) agrees with this one.
const std::set<Cell> exceptions = {
    {"local", "maxpool", "client"}, {"wan", "conv", "client"}, {"wan", "conv", "server"}};

TrainingSet published(std::string_view setting) {
    return training_set({import_published(shared + "/data/snni_public", setting)});
}

}  // namespace

// The published figures are of one shuffle that nobody can repeat: the mean over several stands beside them.
TEST_CASE("cross-validated errors over shuffled rows are the published ones") {
    const std::string path = shared + "/reference/per_layer.csv";
    if (!std::filesystem::exists(path)) {
        SOTTO_SKIP("the measurements are not beside the project");
    }
    const auto trainer = analytical::trainable_model().trainer({});
    std::map<Cell, Spread> r2;
    std::map<Cell, Spread> mae;
    for (const Setting& setting : settings()) {
        const TrainingSet set = published(setting.name);
        for (std::uint64_t seed = 1; seed <= seed_count; ++seed) {
            const Folds folds = deal(set, Split::rows, setting.name == "local" ? 10 : 5, seed);
            const std::vector<HeldOut> held_out = cross_validate(set, *trainer, folds, {setting, 1, {}}, 2);
            for (const LayerFigures& one : figures_by_layer(set, held_out, Pooling::mean_of_folds)) {
                const Cell cell(setting.name, one.layer, role_name(one.role));
                r2[cell].add(one.figures.r2);
                mae[cell].add(one.figures.mae_ms);
            }
        }
    }
    const std::string text = input::read_text_file(path, 1U << 20U, "published figures");
    input::CsvReader csv(text, path);
    std::vector<input::CsvField> fields;
    int compared = 0;
    while (csv.next(fields)) {
        if (fields[3].text != "analytical") {
            continue;
        }
        const Cell cell(fields[0].text, fields[1].text, fields[2].text);
        INFO(fields[0].text << ' ' << fields[1].text << ' ' << fields[2].text << ": R2 " << r2[cell].mean << " from "
                            << r2[cell].least << " to " << r2[cell].most << ", MAE " << mae[cell].mean << " from "
                            << mae[cell].least << " to " << mae[cell].most);
        const double distance = std::fabs(r2[cell].mean - std::stod(fields[6].text));
        CHECK((distance > 0.01) == exceptions.contains(cell));
        CHECK(distance < 0.015);
        CHECK(mae[cell].mean == Approx(std::stod(fields[5].text)).epsilon(0).margin(3));
        ++compared;
    }
    CHECK(compared == 36);
}

// baselines/cv_results.csv: the same protocol computed elsewhere, R2 pooled over all rows.
TEST_CASE("cross-validated errors equal another computation of them") {
    const std::string path = shared + "/data/snni_public/baselines/cv_results.csv";
    if (!std::filesystem::exists(path)) {
        SOTTO_SKIP("the measurements are not beside the project");
    }
    const auto trainer = analytical::trainable_model().trainer({});
    std::map<Cell, ErrorFigures> found;
    for (const Setting& setting : settings()) {
        const TrainingSet set = published(setting.name);
        const Folds folds = deal(set, Split::rows, setting.name == "local" ? 10 : 5, 1);
        for (const LayerFigures& one :
             figures_by_layer(set, cross_validate(set, *trainer, folds, {setting, 1, {}}, 2))) {
            found[Cell(setting.name, one.layer, role_name(one.role))] = one.figures;
        }
    }
    const std::string text = input::read_text_file(path, 1U << 20U, "figures");
    input::CsvReader csv(text, path);
    std::vector<input::CsvField> fields;
    REQUIRE(csv.next(fields));
    int compared = 0;
    for (; csv.next(fields); ++compared) {
        std::string setting = fields[0].text;
        std::transform(setting.begin(), setting.end(), setting.begin(),
                       [](char c) { return c < 'a' ? char(c + 32) : c; });
        const ErrorFigures& figures = found[Cell(setting, fields[1].text, fields[2].text)];
        INFO(fields[0].text << ' ' << fields[1].text << ' ' << fields[2].text);
        CHECK(figures.rows == std::stoul(fields[3].text));
        CHECK(figures.r2 == Approx(std::stod(fields[5].text)).margin(0.005));
        CHECK(figures.mae_ms == Approx(std::stod(fields[6].text)).epsilon(0.01).margin(2.5));
    }
    CHECK(compared == 42);
}

TEST_CASE("training on the published measurements gives the models that ship") {
    if (!std::filesystem::exists(shared + "/data/snni_public")) {
        SOTTO_SKIP("the measurements are not beside the project");
    }
    const TrainableModel& trainable = analytical::trainable_model();
    for (const Setting& setting : settings()) {
        const TrainingSet set = published(setting.name);
        const auto fresh = trainable.trainer({})->train(set, {setting, 1, {}});
        const auto shipped =
            trainable.read(model_file::open_model("analytical", {std::string(setting.name), "opencheetah-2022", ""},
                                                  analytical::shipped_models())
                               .model,
                           "shipped");
        for (const MeasuredNetwork& network : set) {
            std::vector<RoleTimes> times(network.operations.size());
            std::vector<RoleTimes> expected(network.operations.size());
            fresh->predict(network.operations, times);
            shipped->predict(network.operations, expected);
            for (std::size_t i = 0; i < times.size(); ++i) {
                INFO(setting.name << ' ' << network.name << " operation " << i);
                CHECK(times[i].client_ms == Approx(expected[i].client_ms).epsilon(1e-7));
                CHECK(times[i].server_ms == Approx(expected[i].server_ms).epsilon(1e-7));
            }
        }
    }
}
