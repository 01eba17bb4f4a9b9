// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"
#include "tests/tools/process.hpp"

using namespace sotto::tests;
using nlohmann::json;
using sotto::matchers::contains_text;

namespace {

constexpr int all_cells = 5 * 5 * 5 * 5 * 5 * 5;

/// A table of all cells, or of the first `rows`: the first label orders them as their weights do (3x3 against 1x1
/// convolutions), the second against that, the third is the same for all.
void write_table(const std::string& path, int rows) {
    constexpr std::array<const char*, 5> operations{"none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3",
                                                    "avg_pool_3x3"};
    // Weights of a convolution and its normalisation, over the stages of 16, 32 and 64 channels.
    constexpr std::array<int, 5> weights{0, 0, 256 + 1024 + 4096 + 224, 9 * (256 + 1024 + 4096) + 224, 0};
    std::ofstream file(path);
    file << "index,arch_str,cifar10-test,cifar100-test,imagenet16-120-test\n";
    for (int row = 0; row < rows; ++row) {
        std::array<const char*, 6> edges{};
        int total = 0;
        for (int edge = 0, rest = row; edge < 6; ++edge, rest /= 5) {
            edges[static_cast<std::size_t>(edge)] = operations[static_cast<std::size_t>(rest % 5)];
            total += weights[static_cast<std::size_t>(rest % 5)];
        }
        file << row << ",|" << edges[0] << "~0|+|" << edges[1] << "~0|" << edges[2] << "~1|+|" << edges[3] << "~0|"
             << edges[4] << "~1|" << edges[5] << "~2|," << total << ',' << -total << ",1\n";
    }
}

Outcome proxy_report(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), SOTTO_BINARY_DIRECTORY "/bin/proxy_report");
    return run_program(arguments);
}

}  // namespace

TEST_CASE("correlations with accuracies that follow from the cell are what they must be") {
    const TemporaryFolder folder;
    write_table(folder / "table.csv", all_cells);
    const Outcome outcome =
        proxy_report({"--data", folder / "table.csv", "--networks", "60", "--metrics", "params,accuracy.synflow",
                      "--json", folder / "report.json", "--scores", folder / "scores.csv"});
    CAPTURE(outcome.errors);
    REQUIRE(outcome.exit_code == 0);
    const json report = json::parse(read_text(folder / "report.json"));
    REQUIRE(report.size() == 6);
    CHECK(report[0]["metric"] == "params");
    CHECK(report[0]["networks"] == 60);
    // A cell's unused convolutions count in the table, but are not in the network.
    CHECK(report[0]["spearman"][0].get<double>() > 0.75);
    CHECK(report[2]["label"] == "cifar100-test");
    CHECK(report[2]["spearman"][0].get<double>() == Approx(-report[0]["spearman"][0].get<double>()));
    CHECK(report[2]["kendall"][0].get<double>() == Approx(-report[0]["kendall"][0].get<double>()));
    CHECK(report[4]["spearman"][0].is_null());
    CHECK(report[1]["published_spearman"] == 0.737);
    const std::string scores = read_text(folder / "scores.csv");
    CHECK(std::count(scores.begin(), scores.end(), '\n') == 61);
}

TEST_CASE("networks that were trained for longer are ranked by both labels") {
    const TemporaryFolder folder;
    write_table(folder / "table.csv", all_cells);
    const auto report_of = [&](const std::string& cells) {
        std::ofstream(folder / "long.json") << '[' << cells << ']';
        return proxy_report({"--data", folder / "table.csv", "--long-trained", folder / "long.json", "--networks", "20",
                             "--metrics", "params", "--json", folder / "report.json"});
    };
    // Every edge is used or cut: the label of the table goes with the weights, the longer one against them. The last
    // cell has no way through.
    const std::string most =
        R"({"arch": [2, 1, 2, 1, 3, 1], "accuracy": 9}, {"arch": [1, 1, 2, 1, 1, 1], "accuracy": 10},
        {"arch": [1, 1, 3, 1, 1, 1], "accuracy": 20}, {"arch": [1, 1, 4, 1, 1, 1], "accuracy": 30},
        {"arch": [2, 1, 1, 1, 1, 1], "accuracy": 40})";
    const Outcome few = report_of(most);
    CHECK(few.exit_code == 2);
    CHECK_THAT(few.errors, contains_text("long.json: too few cells to rank: found 4, expected at least 5"));
    const Outcome outcome = report_of(most + R"(, {"arch": [2, 1, 2, 1, 2, 1], "accuracy": 8})");
    CAPTURE(outcome.errors);
    REQUIRE(outcome.exit_code == 0);
    const json report = json::parse(read_text(folder / "report.json"));
    REQUIRE(report.size() == 5);
    CHECK(report[3]["label"] == "cifar10-test-200");
    CHECK(report[3]["networks"] == 5);
    CHECK(report[3]["spearman"][0].get<double>() == Approx(-1));
    CHECK(report[4]["label"] == "cifar10-test");
    CHECK(report[4]["networks"] == 5);
    CHECK(report[4]["spearman"][0].get<double>() == Approx(1));
    CHECK_THAT(outcome.output, contains_text("5 networks that were trained for longer; 1 more cells"));
}

TEST_CASE("a table that lacks a member or a column is answered") {
    const TemporaryFolder folder;
    write_table(folder / "table.csv", 20);
    const Outcome missing = proxy_report({"--data", folder / "table.csv", "--networks", "60", "--metrics", "params"});
    CHECK(missing.exit_code == 2);
    CHECK_THAT(missing.errors, contains_text("was not measured"));
    std::ofstream(folder / "other.csv") << "arch_str,accuracy\n|none~0|+|none~0|none~1|+|none~0|none~1|none~2|,1\n";
    const Outcome column = proxy_report({"--data", folder / "other.csv", "--networks", "5", "--metrics", "params"});
    CHECK(column.exit_code == 2);
    CHECK_THAT(column.errors, contains_text("cifar10-test"));
}

TEST_CASE("trained members of any space are ranked by the table that names them") {
    const TemporaryFolder folder;
    std::ofstream(folder / "space.yaml")
        << "format: 1\nspace:\n  input: {shape: [3, 8, 8]}\n  choices: {width: [1, 2, 3, 4, 5, 6]}\n"
           "  layers: [{type: conv, channels: 4 * width, kernel: 3}]\n";
    // A run's table of finalists has the scores that it searched by too; they are no labels.
    std::ofstream(folder / "trained.csv")
        << "accuracy.validation,genome,stage2.accuracy.test,accuracy.score,stage3.accuracy.test\n.5,width=2,30,x,1\n"
           ".6,width=1,40,x,2\n.7,width=4,10,x,3\n,width=6,,x,\n.8,width=3,20,x,\n.9,width=5,5,x,\n";
    const Outcome outcome = proxy_report({"--space", folder / "space.yaml", "--trained", folder / "trained.csv",
                                          "--metrics", "params,accuracy.synflow", "--json", folder / "report.json"});
    CAPTURE(outcome.errors);
    REQUIRE(outcome.exit_code == 0);
    CHECK_THAT(outcome.output, contains_text("6 trained networks of "));
    CHECK_THAT(outcome.errors, contains_text("'stage3.accuracy.test' is left out: found 3 accuracies"));
    const json report = json::parse(read_text(folder / "report.json"));
    REQUIRE(report.size() == 4);
    CHECK(report[0]["label"] == "accuracy.validation");
    CHECK(report[0]["spearman"][0].get<double>() == Approx(0.8));
    CHECK(report[2]["label"] == "stage2.accuracy.test");
    CHECK(report[2]["networks"] == 5);
    CHECK(report[2]["spearman"][0].get<double>() == Approx(-1));
    // The figure of NAS-Bench-201 says nothing about another space.
    CHECK(report[3]["metric"] == "accuracy.synflow");
    CHECK(report[3]["published_spearman"].is_null());
}

TEST_CASE("a table of trained members that cannot be used is answered") {
    const TemporaryFolder folder;
    std::ofstream(folder / "space.yaml")
        << "format: 1\nspace:\n  input: {shape: [3, 8, 8]}\n  choices: {width: [1, 2, 3, 4]}\n"
           "  layers: [{type: conv, channels: 4 * width, kernel: 3}]\n";
    const auto check_refused = [&](const std::string& table, const std::string& expected) {
        std::ofstream(folder / "trained.csv") << table;
        const Outcome outcome = proxy_report(
            {"--space", folder / "space.yaml", "--trained", folder / "trained.csv", "--metrics", "params"});
        INFO(table);
        CHECK(outcome.exit_code == 2);
        CHECK_THAT(outcome.errors, contains_text(expected));
    };
    check_refused("genome,accuracy\nwidth=1,9\nwidth=5,8\n", "trained.csv:3:");
    check_refused("genome,accuracy\nwidth=1,9\nwidth=2,high\n", "trained.csv:3:");
    check_refused("genome,params\nwidth=1,9\n", "accuracy");
    check_refused("genome,accuracy.score\nwidth=1,9\n", "accuracy.test");
    check_refused("genome,accuracy\nwidth=1,9\nwidth=2,8\nwidth=3,7\n", "at least 5");
    check_refused("accuracy\n1\n", "genome");
    check_refused("genome,accuracy\nwidth=1,9\n ,8\n", "trained.csv:3:");
    CHECK(proxy_report({"--space", folder / "space.yaml", "--metrics", "params"}).exit_code == 2);
    std::ofstream(folder / "trained.csv") << "genome,accuracy\nwidth=1,9\nwidth=2,8\nwidth=3,7\nwidth=4,6\n";
    CHECK(proxy_report({"--space", folder / "space.yaml", "--trained", folder / "trained.csv", "--networks", "9",
                        "--metrics", "params"})
              .exit_code == 2);
}

TEST_CASE("the spaces of other benchmarks make networks with the published numbers of weights and multiplications") {
    const std::string folder = SOTTO_SOURCE_DIRECTORY "/bench/proxy_report/benchmarks/";
    for (const std::string benchmark : {"nasbench_macro", "channel_resnet", "channel_mobilenet"}) {
        CAPTURE(benchmark);
        const Outcome counted = run_program({std::string(SOTTO_BINARY_DIRECTORY "/bin/nas-predict"), "--space",
                                             folder + benchmark + "_space.yaml", "--genomes",
                                             folder + benchmark + ".csv", "--metrics", "params,macs", "--csv"});
        REQUIRE(counted.exit_code == 0);
        // Both tables end a row with parameters and multiplications.
        const auto counts = [](const std::string& text) {
            std::istringstream lines(text);
            std::vector<std::string> found;
            for (std::string line; std::getline(lines, line);) {
                found.push_back(line.substr(line.rfind(',', line.rfind(',') - 1)));
            }
            return found;
        };
        const std::vector<std::string> published = counts(read_text(folder + benchmark + ".csv"));
        CHECK(published.size() == 81);
        CHECK(counts(counted.output) == published);
    }
}
