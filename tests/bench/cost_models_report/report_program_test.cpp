// SPDX-License-Identifier: Apache-2.0
// The program as a person would start it, on tiny tables in a world that the analytical model describes exactly: every
// ReLU takes 5 ms (client; server 6) and 1 ms for 1000 elements, every normalisation 2 ms (server 3) and as much for
// 1000.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "tests/support/catch.hpp"
#include "tests/tools/process.hpp"

using namespace sotto::tests;
using nlohmann::json;
using sotto::matchers::contains_text;

namespace {

const std::string header =
    "network,run,position,op,in_h,in_w,in_c,out_h,out_w,out_c,k_h,k_w,stride_h,stride_w,pad_top,pad_bottom,pad_left,"
    "pad_right,numel,truncates,client_ms,server_ms\n";

std::string row(const std::string& network, int run, int position, int thousands, double more_ms = 0) {
    const bool is_relu = position % 2 == 0;
    const std::string channels = std::to_string(10 * thousands);
    const std::string sizes = is_relu ? "relu,,,,,," : "bn,10,10," + channels + ",10,10," + channels;
    char text[200];
    std::snprintf(text, sizeof text, "%s,%d,%d,%s,,,,,,,,,%d,%s,%.3f,%.3f\n", network.c_str(), run, position,
                  sizes.c_str(), 1000 * thousands, is_relu ? "1" : "",
                  (is_relu ? 5.0 + thousands : 2.0 + 2 * thousands) + more_ms,
                  is_relu ? 6.0 + thousands : 3.0 + 3 * thousands);
    return text;
}

// Four networks, each a ReLU and a normalisation of its own size.
std::string exact_table() {
    std::string text = header;
    for (int n = 1; n <= 4; ++n) {
        const std::string name = "n" + std::to_string(n);
        text += row(name, 1, 0, 10 * n) + row(name, 1, 1, 7 * n);
    }
    return text;
}

// The same for the companion's tidy layout and the figures that go with it: two networks in three runs.
void write_published(const TemporaryFolder& folder) {
    const std::string head = "net,run,part,position,";
    for (const std::string setting : {"local", "lan", "wan"}) {
        for (const std::string role : {"client", "server"}) {
            const auto write = [&](const std::string& type, const std::string& text) {
                const std::string path = folder / ("data/snni_public/" + setting + '/' + role + '/' + type + ".csv");
                std::filesystem::create_directories(std::filesystem::path(path).parent_path());
                write_text(path, text);
            };
            const std::string window =
                "k_h,k_w,pad_top,pad_bottom,pad_left,pad_right,stride_h,stride_w,out_h,out_w,time_ms\n";
            write("conv", head + "in_h,in_w,in_c,out_c," + window);
            write("maxpool", head + "in_h,in_w,in_c," + window);
            write("avgpool", head + "in_h,in_w,in_c," + window);
            write("trunc", head + "numel,time_ms\n");
            write("fc", head + "in_c,out_c,time_ms\n");
            std::string relu = head + "numel,time_ms\n";
            std::string bn = head + "channels,height,width,bn_kind,time_ms\n";
            int size = 0;
            for (const std::string network : {"sqnet", "other", "third"}) {
                for (int run = 1; run <= 5; ++run) {
                    for (int layer = 0; layer < 4; ++layer) {
                        const int thousands = 1 + size + layer;
                        const int time = (role == "client" ? 5 : 6) + thousands;
                        relu += network + ',' + std::to_string(run) + ",0," + std::to_string(2 * layer) + ',' +
                                std::to_string(1000 * thousands) + ',' + std::to_string(time) + '\n';
                        bn += network + ',' + std::to_string(run) + ",0," + std::to_string(2 * layer + 1) + ',' +
                              std::to_string(10 * thousands) + ",10,10,2," +
                              std::to_string((role == "client" ? 2 : 3) * (1 + thousands)) + '\n';
                    }
                }
                size += 3;
            }
            write("relu", relu);
            write("bn", bn);
        }
    }
    std::filesystem::create_directories(folder / "reference");
    std::filesystem::create_directories(folder / "data/snni_public/baselines");
    write_text(folder / "reference/per_layer.csv",
               "setting,layer,role,method,mean_layer_ms,mae_ms,r2,prediction_ms\n"
               "lan,relu,client,analytical,9,1,0.995,4\nlan,relu,client,mlp,9,2,0.9,150\n"
               "lan,relu,server,analytical,9,1,0.5,4\n");
    write_text(folder / "reference/whole_network.csv",
               "setting,network,role,method,measured_s,abs_error_s,abs_error_percent,prediction_ms\n"
               "lan,squeezenet,client,analytical,1,2,4.25,21\n");
    write_text(folder / "data/snni_public/baselines/noise_floor.csv",
               "setting,layer,role,slot_R2,slot_MAEmed\nLAN,relu,client,0.9987,23.4\n");
}

Outcome report(std::vector<std::string> arguments, const TemporaryFolder& folder) {
    arguments.insert(arguments.begin(), {SOTTO_BINARY_DIRECTORY "/bin/cost_models_report", "--models", "analytical"});
    return run_program(arguments, {}, folder.path());
}

json read_json(const std::string& path) {
    return json::parse(read_text(path));
}

// What two reports of the same have in common: all but times, and where models came from.
json comparable(json report) {
    for (const char* const key : {"seconds", "speed", "models_trained", "models_from_cache", "notes"}) {
        report.erase(key);
    }
    return report;
}

}  // namespace

TEST_CASE("measured networks are reported without the published data") {
    const TemporaryFolder folder;
    write_text(folder / "lan.csv", exact_table());
    const Outcome outcome = report({"--data", folder / "none", "--measured", folder / ".", "--json", folder / "r.json",
                                    "--picture", folder / "p.svg", "--threads", "2"},
                                   folder);
    INFO(outcome.output << outcome.errors);
    REQUIRE(outcome.exit_code == 0);
    CHECK_THAT(outcome.output, contains_text("note: the published measurements and figures are not there"));
    CHECK_THAT(outcome.output, contains_text("wan.csv is not there"));
    CHECK_THAT(outcome.output, contains_text("6. Intervals of 90 %"));
    CHECK_THAT(outcome.output, contains_text("4 models trained, 0 taken from the cache"));
    CHECK_THAT(outcome.output, contains_text("4. Time for one network"));
    CHECK_THAT(outcome.output, contains_text("5. Our own measurements"));
    CHECK_THAT(outcome.output, !contains_text("1. Shuffled rows"));
    const json document = read_json(folder / "r.json");
    CHECK(document.at("format") == "sotto.cost-models-report/1");
    CHECK(document.at("shuffled_rows").empty());
    REQUIRE(document.at("measured_networks_left_out").size() == 4);
    for (int n = 1; n <= 4; ++n) {
        const json& network = document["measured_networks_left_out"][static_cast<std::size_t>(n - 1)];
        CHECK(network.at("network") == "n" + std::to_string(n));
        // ReLU: 6 + 10 n on the server, the slower; normalisation: 3 + 21 n.
        CHECK(network.at("measured_ms").get<double>() == Approx(9 + 31 * n).epsilon(1e-12));
        CHECK(network.at("error_percent").get<double>() == Approx(0).margin(1e-6));
        CHECK(network.at("layers").size() == 2);
    }
    REQUIRE(document.at("speed").size() == 2);
    for (const json& speed : document["speed"]) {
        CHECK(speed.at("further_batches_us").get<double>() > 0);
    }
    CHECK(document["speed"][0].at("space") == "squeezenet");
    CHECK(document["speed"][1].at("space") == "densenet121");
    const std::string picture = read_text(folder / "p.svg");
    CHECK_THAT(picture, contains_text("<svg") && contains_text("analytical: our measured networks, left out") &&
                            contains_text("not computed") && contains_text("</svg>"));
}

TEST_CASE("a network's measured total is the least of the runs for each operation") {
    const TemporaryFolder folder;
    std::string text = header;
    for (const std::string name : {"a", "b", "c"}) {
        // The client is slower than the server in the ReLU of run 1, by 9 - 1, and in the normalisation of run 2.
        text += row(name, 1, 0, 4, 9) + row(name, 1, 1, 2);
        text += row(name, 2, 0, 4, 3) + row(name, 2, 1, 2, 50);
    }
    write_text(folder / "wan.csv", text);
    const Outcome outcome =
        report({"--data", folder / "none", "--measured", folder / ".", "--json", folder / "r.json"}, folder);
    INFO(outcome.output << outcome.errors);
    REQUIRE(outcome.exit_code == 0);
    const json document = read_json(folder / "r.json");
    // ReLU: max(18, 10) and max(12, 10); normalisation: max(6, 9) and max(56, 9).
    CHECK(document.at("measured_networks_left_out").at(0).at("measured_ms").get<double>() == Approx(12 + 9));
    // Two networks are too few to estimate a deviation from.
    CHECK_THAT(outcome.output, contains_text("analytical: states no intervals for measured totals"));
}

TEST_CASE("a second report takes the models from the cache and says so") {
    const TemporaryFolder folder;
    write_text(folder / "lan.csv", exact_table());
    const std::vector<std::string> arguments = {"--data", folder / "none",   "--measured", folder / ".",
                                                "--json", folder / "r.json", "--cache",    folder / "kept"};
    REQUIRE(report(arguments, folder).exit_code == 0);
    const json first = read_json(folder / "r.json");
    CHECK(first.at("models_trained") == 4);
    const Outcome again = report(arguments, folder);
    CHECK_THAT(again.output, contains_text("0 models trained, 4 taken from the cache in " + folder / "kept" +
                                           " (same code, data and options)"));
    const json second = read_json(folder / "r.json");
    CHECK(second.at("models_from_cache") == 4);
    CHECK(comparable(first) == comparable(second));
    // One time of one network changed: its own fold is the same, since it does not see that time.
    std::string table = exact_table();
    table.replace(table.find(",15.000,"), 8, ",15.500,");
    write_text(folder / "lan.csv", table);
    REQUIRE(report(arguments, folder).exit_code == 0);
    CHECK(read_json(folder / "r.json").at("models_trained") == 3);
    std::vector<std::string> without = arguments;
    without.emplace_back("--no-cache");
    CHECK_THAT(report(without, folder).output,
               contains_text("4 models trained, 0 taken from the cache (none is used)"));
}

TEST_CASE("the published sections have the published figure and ours and the limit side by side") {
    const TemporaryFolder folder;
    write_published(folder);
    const Outcome outcome = report(
        {"--data", folder / ".", "--measured", folder / "none", "--json", folder / "r.json", "--threads", "2"}, folder);
    INFO(outcome.output << outcome.errors);
    REQUIRE(outcome.exit_code == 0);
    const json document = read_json(folder / "r.json");
    int compared = 0;
    for (const json& cell : document.at("shuffled_rows")) {
        INFO(cell.dump());
        CHECK(cell.at("r2").at("mean").get<double>() == Approx(1).margin(1e-9));
        CHECK(cell.at("mae_ms").at("most").get<double>() < 1e-6);
        CHECK(cell.at("rows") == 60);
        if (cell["setting"] == "lan" && cell["layer"] == "relu" && cell["role"] == "client") {
            CHECK(cell.at("published").at("mlp").at("r2") == 0.9);
            CHECK(cell.at("limit").at("r2") == 0.9987);
            CHECK(cell.at("reproduces_published") == true);  // .995 and 1 ms against 1 and 0 ms
            CHECK(cell.at("matches_or_beats_published") == true);
            ++compared;
        }
        if (cell["setting"] == "lan" && cell["layer"] == "relu" && cell["role"] == "server") {
            CHECK(cell.at("reproduces_published") == false);
            ++compared;
        }
    }
    CHECK(compared == 2);
    CHECK(document["shuffled_rows"].size() == 12);
    CHECK(document.at("unseen_configurations").size() == 12);
    REQUIRE(document.at("networks_left_out").size() == 6);
    for (const json& network : document["networks_left_out"]) {
        CHECK(network.at("network") == "sqnet");
        // Sizes 1 to 4: ReLUs 4 * 5 + 10 (server 4 * 6 + 10), normalisations 2 * 14 (3 * 14).
        const bool is_client = network.at("role") == "client";
        CHECK(network.at("measured_ms") == (is_client ? 30 + 28 : 34 + 42));
        CHECK(network.at("error_percent").get<double>() == Approx(0).margin(1e-6));
        CHECK(network.at("run_deviation_percent") == 0);
    }
    CHECK_THAT(outcome.output, contains_text("analytical: reproduces 1 of 2 published cells"));
    CHECK_THAT(outcome.output, contains_text("analytical: mean 0.00 %, worst 0.00 %; 6 of 6 within 3 %"));
    CHECK_THAT(outcome.output, contains_text("analytical: 12 of 12 cells reach what is asked"));
    CHECK_THAT(read_text(folder.path() / "cost_models_report.svg"), contains_text("published networks, left out"));
}

TEST_CASE("a section that is asked for alone is as in the whole report") {
    const TemporaryFolder folder;
    write_published(folder);
    const auto document = [&](const std::vector<std::string>& more) {
        std::vector<std::string> arguments = {"--data",        folder / ".", "--measured",
                                              folder / "none", "--json",     folder / "r.json"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        REQUIRE(report(arguments, folder).exit_code == 0);
        return read_json(folder / "r.json");
    };
    const json whole = document({});
    const json alone = document({"--sections", "unseen configurations,shuffled rows"});
    CHECK(alone.at("unseen_configurations") == whole.at("unseen_configurations"));
    CHECK(alone.at("shuffled_rows") == whole.at("shuffled_rows"));
    CHECK(alone.at("networks_left_out").empty());
    CHECK(alone.at("models_trained") == 0);
    CHECK(report({"--sections", "shuffled"}, folder).exit_code == 2);
}

TEST_CASE("one thread and several give the same report") {
    const TemporaryFolder folder;
    write_published(folder);
    write_text(folder / "lan.csv", exact_table());
    std::vector<json> documents;
    for (const std::string threads : {"1", "3"}) {
        REQUIRE(report({"--data", folder / ".", "--measured", folder / ".", "--json", folder / "r.json", "--no-cache",
                        "--threads", threads, "--quick"},
                       folder)
                    .exit_code == 0);
        documents.push_back(comparable(read_json(folder / "r.json")));
    }
    CHECK(documents[0] == documents[1]);
}

TEST_CASE("data that are not in order end the program with their place") {
    const TemporaryFolder folder;
    std::string table = exact_table();
    table.replace(table.find("bn,"), 3, "bm,");
    write_text(folder / "lan.csv", table);
    const Outcome outcome = report({"--data", folder / "none", "--measured", folder / "."}, folder);
    CHECK(outcome.exit_code == 2);
    CHECK_THAT(outcome.errors,
               contains_text("lan.csv:3:8: unknown operation: found 'bm'") && contains_text("did you mean 'bn'?"));
    write_published(folder);
    write_text(folder / "reference/per_layer.csv", "setting,layer,role,method,mae_ms\nlan,relu,client,mlp,1\n");
    const Outcome published = report({"--data", folder / ".", "--measured", folder / "none"}, folder);
    CHECK(published.exit_code == 2);
    CHECK_THAT(published.errors, contains_text("per_layer.csv:1:1: the header lacks a column: expected 'r2'"));
}

TEST_CASE("wrong options and outputs that cannot be written are told") {
    const TemporaryFolder folder;
    const Outcome unknown =
        run_program({SOTTO_BINARY_DIRECTORY "/bin/cost_models_report", "--models", "analytic"}, {}, folder.path());
    CHECK(unknown.exit_code == 2);
    CHECK_THAT(unknown.errors,
               contains_text("unknown model: found 'analytic'") && contains_text("did you mean 'analytical'?"));
    CHECK(report({"--seeds", "3"}, folder).exit_code == 2);
    write_text(folder / "lan.csv", exact_table());
    const Outcome unwritable = report(
        {"--data", folder / "none", "--measured", folder / ".", "--json", folder / "no/such/folder.json"}, folder);
    CHECK(unwritable.exit_code == 1);
    CHECK_THAT(unwritable.errors, contains_text("folder.json: cannot be written"));
}

TEST_CASE("a failing model is named and the program ends with 1") {
    const TemporaryFolder folder;
    write_text(folder / "lan.csv", header + row("a", 1, 0, 4));
    const Outcome outcome = report({"--data", folder / "none", "--measured", folder / "."}, folder);
    CHECK(outcome.exit_code == 1);
    CHECK_THAT(outcome.output, contains_text("FAILED: analytical, measured lan, all networks left out: everything is "
                                             "held out at once"));
}

TEST_CASE("what a model was not trained on is in no figure and counted") {
    const TemporaryFolder folder;
    // Only b has normalisations, only f is without a ReLU.
    std::string text = header + row("a", 1, 0, 4) + row("b", 1, 0, 9) + row("b", 1, 1, 5) + row("c", 1, 0, 2);
    text += "f,1,0,fc,,,20,,,10,,,,,,,,,10,,1,2\n";
    write_text(folder / "lan.csv", text);
    const Outcome outcome =
        report({"--data", folder / "none", "--measured", folder / ".", "--json", folder / "r.json"}, folder);
    INFO(outcome.output << outcome.errors);
    REQUIRE(outcome.exit_code == 0);
    CHECK_THAT(outcome.output, contains_text("analytical, measured lan: 1 rows of bn are in no figure") &&
                                   contains_text("analytical, measured lan: 1 rows of fc are in no figure"));
    const json document = read_json(folder / "r.json");
    REQUIRE(document.at("measured_networks_left_out").size() == 3);
    const json& without_normalization = document["measured_networks_left_out"][1];
    CHECK(without_normalization.at("network") == "b");
    CHECK(without_normalization.at("measured_ms") == 6 + 9);  // the ReLU, on the server
    CHECK(without_normalization.at("error_percent").get<double>() == Approx(0).margin(1e-6));
}
