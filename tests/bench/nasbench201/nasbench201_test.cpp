// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "bench/nasbench201/measured_cells.hpp"
#include "bench/nasbench201/networks.hpp"
#include "bench/nasbench201/trained_cells.hpp"
#include "engine/input/input_error.hpp"
#include "tests/support/catch.hpp"
#include "tests/tools/process.hpp"

namespace sotto {
namespace {

using nasbench201::MeasuredCells;
using nasbench201::parse_measured_cells;
using tests::fields_of;
using tests::lines_of;
using tests::run_program;

const std::string published = SOTTO_SOURCE_DIRECTORY "/../shared/data/accuracy/nasbench201_accuracies.csv";
const std::string tiny = SOTTO_SOURCE_DIRECTORY "/tests/bench/nasbench201/tiny.csv";
const std::string programs = SOTTO_BINARY_DIRECTORY "/bin/";
const std::string configuration = SOTTO_SOURCE_DIRECTORY "/configs/nasbench201_measured.yaml";

TEST_CASE("a measured cell is the genome whose edges carry its operations") {
    const MeasuredCells measured = parse_measured_cells(
        "index,arch_str,a,b\n"
        "7,|none~0|+|skip_connect~0|nor_conv_1x1~1|+|nor_conv_3x3~0|avg_pool_3x3~1|none~2|,1.5,-2\n",
        "m.csv");
    CHECK(measured.columns == std::vector<std::string>{"a", "b"});
    REQUIRE(measured.cells.size() == 1);
    CHECK(measured.cells[0].genome == "edge01=none edge02=skip edge03=conv3x3 edge12=conv1x1 edge13=pool edge23=none");
    CHECK(measured.cells[0].values == std::vector<double>{1.5, -2});
}

TEST_CASE("a trained cell is the genome whose edges carry the operations of its numbers") {
    const std::vector<nasbench201::TrainedCell> cells = nasbench201::parse_trained_cells(
        R"([{"arch": [1, 0, 2, 3, 4, 1], "accuracy": 93.25}, {"arch": [2, 2, 2, 2, 2, 2], "accuracy": 10}])", "t.json");
    REQUIRE(cells.size() == 2);
    CHECK(cells[0].genome == "edge01=none edge02=skip edge03=conv3x3 edge12=conv1x1 edge13=pool edge23=none");
    CHECK(cells[0].accuracy == 93.25);
    CHECK(cells[1].accuracy == 10);
}

TEST_CASE("wrong lists of trained cells are answered with their place") {
    const std::vector<std::pair<std::string, std::string>> wrong{
        {R"([{"arch": [1, 0, 2, 3, 4], "accuracy": 9}])", "t.json:1:11: wrong number of edges: found 5, expected 6"},
        {R"([{"arch": [1, 0, 2, 3, 4, 5], "accuracy": 9}])", "t.json:1:27: arch"},
        {R"([{"arch": [1, 0, 2, 3, 4, 1], "accuracy": 101}])", "t.json:1:43: accuracy"},
        {R"([{"arch": [1, 0, 2, 3, 4, 1]}])", "accuracy"},
        {R"([{"arch": [1, 0, 2, 3, 4, 1], "accuracy": 1},
 {"arch": [1, 0, 2, 3, 4, 1], "accuracy": 2}])",
         "t.json:2:11: a cell that stands twice"},
        {R"({"arch": [1, 0, 2, 3, 4, 1], "accuracy": 1})", "t.json:1:1"},
    };
    for (const auto& [text, answer] : wrong) {
        INFO(text);
        CHECK_THROWS_WITH(nasbench201::parse_trained_cells(text, "t.json"), matchers::contains_text(answer));
    }
}

TEST_CASE("wrong measurements are answered with their place") {
    const std::string cell = "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|";
    const std::vector<std::pair<std::string, std::string>> wrong{
        {"", "m.csv"},
        {"index,cell,a\n", "missing column"},
        {"index,arch_str\n", "missing column"},
        {"arch_str,a,a\n", "m.csv:1:12: doubled column: found 'a'"},
        {"arch_str,a\n" + cell + "\n", "m.csv:2:1: wrong number of fields: found 1, expected 2"},
        {"arch_str,a\n" + cell + ",x\n", "no number: found 'x', expected a finite number"},
        {"arch_str,a\n" + cell + ",inf\n", "no number: found 'inf'"},
        {"arch_str,a\n" + cell + "|,1\n", "m.csv:2:1: no cell of NAS-Bench-201"},
        {"arch_str,a\n|none~1|+|none~0|none~1|+|none~0|none~1|none~2|,1\n", "no cell of NAS-Bench-201"},
        {"arch_str,a\n|none~0|+|none~0|none~1|,1\n", "no cell of NAS-Bench-201"},
        {"arch_str,a\n|zero~0|+|none~0|none~1|+|none~0|none~1|none~2|,1\n", "no cell of NAS-Bench-201"},
        {"arch_str,a\n" + cell + ",1\n" + cell + ",1\n", "m.csv:3:1: a cell that stands twice"},
    };
    for (const auto& [text, answer] : wrong) {
        INFO(text);
        CHECK_THROWS_WITH(parse_measured_cells(text, "m.csv"), matchers::contains_text(answer));
    }
}

// tiny.csv has eleven cells: three are the identity, two one 3x3 convolution, and one has no way from input to output.
TEST_CASE("cells that give one network share the mean of what was measured of them") {
    const search::Space space = search::Space::load_file(SOTTO_SOURCE_DIRECTORY "/configs/nasbench201_space.yaml");
    const auto networks = nasbench201::measured_networks(space, nasbench201::read_measured_cells(tiny));
    CHECK(networks.cells_without_network == 1);
    CHECK(networks.networks.size() == 7);
    const auto network_of = [&](const std::string& genome) {
        return networks.networks[networks.of_genome.at(space.parse_genome(genome))];
    };
    const auto baseline = networks.networks[networks.of_genome.at(space.baseline().value())];
    CHECK(baseline.cells == 1);
    CHECK(baseline.values == std::vector<double>{88});
    const auto convolution = network_of("edge01=none edge02=none edge03=conv3x3 edge12=none edge13=none edge23=none");
    CHECK(convolution.cells == 2);
    CHECK(convolution.values == std::vector<double>{(80.0 + 83.0) / 2});
    const auto identity = network_of("edge01=none edge02=none edge03=skip edge12=none edge13=none edge23=none");
    CHECK(identity.cells == 3);
    CHECK(identity.values == std::vector<double>{(70.0 + 73.0 + 74.0) / 3});
}

TEST_CASE("a search over a table finds what the table says") {
    const tests::TemporaryFolder folder;
    const tests::Outcome made = run_program({programs + "nasbench201_table", tiny});
    INFO(made.errors);
    REQUIRE(made.exit_code == 0);
    CHECK(made.errors == "11 cells, 1 of them without a network, 7 networks\n");
    const std::vector<std::string> rows = lines_of(made.output);
    REQUIRE(rows.size() == 8);
    CHECK(rows[0] == "network,cells,cifar10-test");
    std::vector<double> accuracies;
    for (std::size_t row = 1; row < rows.size(); ++row) {
        accuracies.push_back(std::stod(fields_of(rows[row]).at(2)));
    }
    tests::write_text(folder / "nasbench201.csv", made.output);

    const std::string run = folder / "run";
    const tests::Outcome searched =
        run_program({programs + "nas-run", configuration, "--out", run, "--strategy", "random", "--evaluations",
                     "15000", "--quiet"},
                    {"SOTTO_PLUGIN_PATH=" + std::filesystem::path(SOTTO_TABLE_LOOKUP_LIBRARY).parent_path().string()},
                    folder.path());
    INFO(searched.errors);
    REQUIRE(searched.exit_code == 0);
    const std::vector<std::string> front = lines_of(tests::read_text(std::filesystem::path(run) / "pareto.csv"));
    const std::vector<std::string> header = fields_of(front.at(0));
    const auto accuracy = std::find(header.begin(), header.end(), "accuracy.table");
    REQUIRE(accuracy != header.end());
    double best = 0;
    for (std::size_t row = 1; row < front.size(); ++row) {
        const double value = std::stod(fields_of(front[row]).at(static_cast<std::size_t>(accuracy - header.begin())));
        CHECK(std::any_of(accuracies.begin(), accuracies.end(),
                          [value](double of_table) { return value == Approx(of_table); }));
        best = std::max(best, value);
    }
    // Nearly the whole space was asked: a network that is in the table and the best of it is found.
    CHECK(best == Approx(*std::max_element(accuracies.begin(), accuracies.end())));
}

TEST_CASE("without its table a search ends before anything is written") {
    const tests::TemporaryFolder folder;
    const tests::Outcome outcome =
        run_program({programs + "nas-run", configuration, "--out", folder / "run", "--quiet"},
                    {"SOTTO_PLUGIN_PATH=" + std::filesystem::path(SOTTO_TABLE_LOOKUP_LIBRARY).parent_path().string()},
                    folder.path());
    CHECK(outcome.exit_code == 2);
    CHECK(outcome.errors.find("nasbench201.csv: cannot be opened") != std::string::npos);
    CHECK(!std::filesystem::exists(folder / "run"));
}

TEST_CASE("the programs answer wrong use") {
    for (const std::string program : {"nasbench201_table", "nasbench201_front"}) {
        CHECK(run_program({programs + program}).exit_code == 2);
        const tests::Outcome absent = run_program({programs + program, "/nonexistent.csv"});
        CHECK(absent.exit_code == 2);
        CHECK(absent.errors.find("/nonexistent.csv") != std::string::npos);
    }
    const tests::Outcome few = run_program({programs + "nasbench201_front", tiny});
    CHECK(few.exit_code == 2);
    CHECK(few.errors.find("found 11 cells, expected 15625") != std::string::npos);
    const tests::Outcome column = run_program({programs + "nasbench201_front", tiny, "cifar10-tset"});
    CHECK(column.exit_code == 2);
    CHECK(column.errors.find("did you mean 'cifar10-test'?") != std::string::npos);
    CHECK(run_program({programs + "nasbench201_front", tiny, "cifar10-test", "0"}).exit_code == 2);
}

TEST_CASE("the published measurements are of 6,333 networks and every strategy comes near their front") {
    if (!std::filesystem::exists(published)) {
        SOTTO_SKIP("the measurements are not beside the project");
    }
    const tests::Outcome outcome = run_program({programs + "nasbench201_front", published, "cifar10-test", "1"});
    INFO(outcome.output << outcome.errors);
    REQUIRE(outcome.exit_code == 0);
    const std::vector<std::string> lines = lines_of(outcome.output);
    CHECK(lines.at(0).starts_with("15625 cells, 341 of them without a network, 6333 networks, "));
    // The front is a front: slower rows are more accurate. Its last is the highest accuracy of all cells.
    std::size_t at = 3;
    double seconds = 0;
    double accuracy = 0;
    double last_seconds = 0;
    double last_accuracy = 0;
    for (; lines.at(at) != "baseline"; ++at) {
        std::istringstream(lines[at]) >> seconds >> accuracy;
        CHECK(seconds >= last_seconds);
        CHECK(accuracy >= last_accuracy);
        last_seconds = seconds;
        last_accuracy = accuracy;
    }
    CHECK(last_accuracy == Approx(89.16));
    // Below: a table. What a strategy has found grows with its evaluations, and is no more than all.
    while (!lines.at(at).starts_with("strategy")) {
        ++at;
    }
    std::size_t rows = 0;
    double last_share = 0;
    double last_hypervolume = 0;
    for (++at; at < lines.size(); ++at, ++rows) {
        std::istringstream row(lines[at]);
        std::string name;
        if (!lines[at].starts_with(' ')) {
            row >> name;
            last_share = 0;
            last_hypervolume = 0;
        }
        double evaluations = 0;
        double asked = 0;
        double share = 0;
        double hypervolume = 0;
        std::string percent;
        row >> evaluations >> asked >> share >> percent >> hypervolume;
        CHECK(asked >= evaluations);
        CHECK(share >= last_share);
        CHECK(share <= 100);
        CHECK(hypervolume >= last_hypervolume);
        CHECK(hypervolume <= 1 + 1e-9);
        CHECK(hypervolume > 0.9);
        last_share = share;
        last_hypervolume = hypervolume;
    }
    CHECK(rows >= 6);
    CHECK(rows % 3 == 0);
}

}  // namespace
}  // namespace sotto
