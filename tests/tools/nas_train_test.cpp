// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>
#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cost_models/model_file/model_file.hpp"
#include "tests/support/catch.hpp"
#include "tests/tools/process.hpp"

using namespace sotto::tests;
using nlohmann::json;
using sotto::matchers::contains_text;

namespace {

const std::string table = SOTTO_SOURCE_DIRECTORY "/cost_models/data/cheetah_measured/lan.csv";
const std::string wan_table = SOTTO_SOURCE_DIRECTORY "/cost_models/data/cheetah_measured/wan.csv";
const std::string shipped = SOTTO_SOURCE_DIRECTORY "/cost_models/pretrained/analytical-opencheetah-2023-lan.model";

Outcome nas_train(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), SOTTO_BINARY_DIRECTORY "/bin/nas-train");
    return run_program(arguments);
}

// A measurement table of ReLUs: elements, client and server milliseconds; one network for each list.
std::string relu_table(const std::vector<std::vector<std::array<double, 3>>>& networks) {
    std::string text =
        "network,run,position,op,in_h,in_w,in_c,out_h,out_w,out_c,k_h,k_w,stride_h,stride_w,pad_top,pad_bottom,pad_"
        "left,"
        "pad_right,numel,truncates,client_ms,server_ms\n";
    for (std::size_t n = 0; n < networks.size(); ++n) {
        for (std::size_t p = 0; p < networks[n].size(); ++p) {
            const auto& [elements, client, server] = networks[n][p];
            text += "net" + std::to_string(n) + ",1," + std::to_string(p) + ",relu,,,,,,,,,,,,,,," +
                    std::to_string(static_cast<int>(elements)) + ",0," + json(client).dump() + ',' +
                    json(server).dump() + '\n';
        }
    }
    return text;
}

void check_refused(const Outcome& outcome, const std::string& part) {
    CHECK(outcome.exit_code == 2);
    CHECK(outcome.output.empty());
    CHECK_THAT(outcome.errors, contains_text("nas-train: ") && contains_text(part));
}

}  // namespace

TEST_CASE("nas-train writes a model that says what it was made from") {
    const TemporaryFolder folder;
    const std::string data = folder / "table.csv";
    // Client: 2 + 0.5 n, server: 3 n.
    write_text(data, relu_table({{{10, 7, 30}, {20, 12, 60}}, {{40, 22, 120}, {100, 52, 300}, {50, 27, 150}}}));
    const Outcome outcome =
        nas_train({"--model", "analytical", "--setting", "wan", "--engine", "opencheetah-2023", "--data", data, "--out",
                   folder / "out.model", "--seed", "7", "--source", "a test", "--json"});
    REQUIRE(outcome.exit_code == 0);
    const json result = json::parse(outcome.output);
    CHECK(result.at("model") == "analytical");
    CHECK(result.at("setting") == "wan");
    CHECK(result.at("networks") == 2);
    REQUIRE(result.at("figures").size() == 3);
    CHECK(result["figures"][0]["split"] == "config");
    CHECK(result["figures"][1]["split"] == "network");
    CHECK(result["figures"][2]["split"] == "none");
    // All times lie on two lines: nothing that is held out is predicted wrong.
    for (const json& layer : result["figures"][1]["layers"]) {
        CHECK(layer.at("r2") == Approx(1));
    }
    for (const json& network : result["figures"][1]["networks"]) {
        CHECK(network.at("predicted_ms").get<double>() == Approx(network.at("measured_ms").get<double>()));
    }
    CHECK(result["figures"][1]["networks"][0]["measured_ms"] == Approx(19));

    const sotto::model_file::ModelFile file = sotto::model_file::read_model_file(folder / "out.model");
    CHECK(file.setting == "wan");
    CHECK(file.bandwidth_mbps == 380);
    CHECK(file.rtt_ms == 10);
    CHECK(file.engine.name == "opencheetah-2023");
    CHECK(file.seed == 7);
    REQUIRE(file.data.size() == 1);
    CHECK(file.data[0].name == "table.csv");
    CHECK(file.data[0].source == "a test");
    CHECK(file.data[0].networks == 2);
    CHECK(file.data[0].runs == 2);
    CHECK(file.data[0].rows == 5);
    CHECK(file.data[0].hash == sotto::model_file::content_hash(read_text(data)));
    CHECK(file.held_out.size() == 2 + 4 + 4);
    const json& fit = file.parameters.at("fits").at(0);
    CHECK(fit.at("features").at(0).at("ms_per_unit").get<double>() == Approx(0.5));
}

TEST_CASE("nas-train prints errors by layer type and network and repeats itself") {
    const TemporaryFolder folder;
    const auto train = [&](const std::string& out, const std::string& threads) {
        return nas_train({"--model", "analytical", "--engine", "opencheetah-2023", "--data", table, "--out",
                          folder / out, "--threads", threads});
    };
    const Outcome one = train("1.model", "1");
    const Outcome four = train("4.model", "4");
    REQUIRE(one.exit_code == 0);
    CHECK_THAT(one.output, contains_text("held out: config, 5 folds, seed 1") &&
                               contains_text("held out: one network at a time") && contains_text("train35") &&
                               contains_text("all networks, client: mean error"));
    CHECK_THAT(one.errors, contains_text("36 networks, 72 runs, 2752 operations"));
    CHECK(four.output == one.output);
    CHECK(read_text(folder / "1.model") == read_text(folder / "4.model"));
}

TEST_CASE("nas-train evaluate scores a model as it is and refits it where a split is named") {
    const TemporaryFolder folder;
    const std::string data = folder / "table.csv";
    write_text(data, relu_table({{{10, 7, 30}, {20, 12, 60}, {40, 22, 120}, {100, 52, 300}, {50, 27, 150}}}));
    REQUIRE(nas_train({"--model", "analytical", "--data", data, "--out", folder / "m.model", "--splits", "none"})
                .exit_code == 0);
    // Other times: 10 % above the model on the client, 10 % below it on the server.
    const std::string other = folder / "other.csv";
    write_text(other, relu_table({{{30, 17 / 1.1, 90 / 0.9}, {60, 32 / 1.1, 180 / 0.9}}}));
    const Outcome as_it_is = nas_train({"evaluate", "--model", folder / "m.model", "--data", other, "--json"});
    REQUIRE(as_it_is.exit_code == 0);
    const json result = json::parse(as_it_is.output);
    CHECK(result.at("split") == "none");
    CHECK(result["layers"][0]["role"] == "client");
    CHECK(result["layers"][0]["bias_percent"].get<double>() == Approx(10));
    CHECK(result["layers"][1]["bias_percent"].get<double>() == Approx(-10));
    CHECK(result["networks"][0]["error_percent"].get<double>() == Approx(10));
    // The server is the slower one.
    CHECK(result["slower_party_totals"][0]["measured_ms"].get<double>() == Approx(300));
    CHECK(result["slower_party_totals"][0]["error_percent"].get<double>() == Approx(-10));

    const Outcome refitted =
        nas_train({"evaluate", "--model", "analytical", "--data", data, "--split", "rows", "--folds", "3", "--json"});
    REQUIRE(refitted.exit_code == 0);
    const json folds = json::parse(refitted.output);
    CHECK(folds.at("folds") == 3);
    CHECK(folds.at("seeds") == json{1, 2, 3});
    CHECK_THAT(nas_train({"evaluate", "--model", "analytical", "--data", data, "--split", "rows"}).output,
               contains_text("held out: rows, 5 folds, seeds 1, 2, 3\n"));
    CHECK(folds["layers"][0]["rows"] == 15);

    const Outcome by_id =
        nas_train({"evaluate", "--model", "analytical", "--engine", "opencheetah-2023", "--data", table});
    const Outcome by_file = nas_train({"evaluate", "--model", shipped, "--data", table});
    CHECK(by_id.exit_code == 0);
    CHECK(by_id.output == by_file.output);
}

TEST_CASE("nas-train calibrates a shipped model to a table of few operations") {
    const TemporaryFolder folder;
    const std::string base = SOTTO_SOURCE_DIRECTORY "/cost_models/pretrained/protocol-opencheetah-2023-wan.model";
    // One run of the LAN measurements: a link that the model was not fitted on.
    const std::string whole = read_text(table);
    write_text(folder / "short.csv", whole.substr(0, whole.find("\ntrain02,")) + '\n');
    const Outcome outcome = nas_train({"--model", "protocol", "--calibrate", base, "--data", folder / "short.csv",
                                       "--out", folder / "out.model", "--json"});
    CAPTURE(outcome.errors);
    REQUIRE(outcome.exit_code == 0);
    const json result = json::parse(outcome.output);
    const auto mean_error = [](const json& figures) {
        double sum = 0;
        for (const json& network : figures.at("networks")) {
            sum += std::fabs(network.at("error_percent").get<double>());
        }
        return sum / static_cast<double>(figures.at("networks").size());
    };
    CHECK(mean_error(result.at("figures").at(0)) < mean_error(result.at("before")));
    const sotto::model_file::ModelFile before = sotto::model_file::read_model_file(base);
    const sotto::model_file::ModelFile after = sotto::model_file::read_model_file(folder / "out.model");
    CHECK(after.setting == before.setting);
    CHECK(after.engine == before.engine);
    REQUIRE(after.data.size() == before.data.size() + 1);
    CHECK(after.data.back().name == "short.csv");
    CHECK(nas_train({"evaluate", "--model", folder / "out.model", "--data", folder / "short.csv"}).exit_code == 0);
}

namespace {

// The first 80 operations of the WAN measurements, in both runs of their networks: three networks and the beginning of
// a fourth.
std::string first_eighty_operations() {
    std::string text;
    for (const std::string& line : lines_of(read_text(wan_table))) {
        const std::vector<std::string> fields = fields_of(line);
        const bool is_header = fields[0] == "network";
        const bool is_whole = fields[0] == "train00" || fields[0] == "train01" || fields[0] == "train02";
        if (is_header || is_whole || (fields[0] == "train03" && std::stoi(fields[2]) < 80 - 44)) {
            text += line + '\n';
        }
    }
    return text;
}

// Mean absolute error in percent of the totals of those networks of the WAN measurements that are not in the above.
double error_on_other_networks(const std::string& model) {
    const Outcome outcome = nas_train({"evaluate", "--model", model, "--data", wan_table, "--json"});
    REQUIRE(outcome.exit_code == 0);
    const json result = json::parse(outcome.output);
    double sum = 0;
    int count = 0;
    for (const json& total : result.at("slower_party_totals")) {
        if (total.at("network").get<std::string>() > "train03") {
            sum += std::fabs(total.at("error_percent").get<double>());
            ++count;
        }
    }
    REQUIRE(count == 32);
    return sum / count;
}

}  // namespace

TEST_CASE("nas-train calibrates to another link where it is told which") {
    const TemporaryFolder folder;
    const std::string base = SOTTO_SOURCE_DIRECTORY "/cost_models/pretrained/protocol-opencheetah-2023-lan.model";
    write_text(folder / "short.csv", first_eighty_operations());
    REQUIRE(lines_of(read_text(folder / "short.csv")).size() == 1 + 2 * 80);
    const auto calibrate = [&](const std::string& out, std::vector<std::string> link) {
        link.insert(link.begin(), {"--model", "protocol", "--calibrate", base, "--data", folder / "short.csv", "--out",
                                   folder / out});
        const Outcome outcome = nas_train(link);
        CAPTURE(outcome.errors);
        REQUIRE(outcome.exit_code == 0);
        return outcome;
    };
    const Outcome by_setting = calibrate("setting", {"--setting", "wan"});
    CHECK_THAT(by_setting.errors, contains_text("calibrating for wan (380 Mbit/s, 10 ms)"));
    const Outcome by_link = calibrate("link", {"--bandwidth-mbps", "380", "--rtt-ms", "10"});
    CHECK_THAT(by_link.errors, contains_text("calibrating for lan (380 Mbit/s, 10 ms)"));
    const Outcome untold = calibrate("untold", {});
    CHECK_THAT(untold.errors, contains_text("calibrating for lan (7000 Mbit/s, 0.5 ms), the link of " + base));

    const sotto::model_file::ModelFile of_setting = sotto::model_file::read_model_file(folder / "setting");
    CHECK(of_setting.setting == "wan");
    CHECK(of_setting.bandwidth_mbps == 380);
    CHECK(of_setting.rtt_ms == 10);
    const sotto::model_file::ModelFile of_link = sotto::model_file::read_model_file(folder / "link");
    CHECK(of_link.setting == "lan");
    CHECK(of_link.bandwidth_mbps == 380);
    CHECK(of_link.rtt_ms == 10);
    CHECK(of_link.parameters == of_setting.parameters);

    // The bar of the library's test, which calibrates a model that it fits itself.
    const double told = error_on_other_networks(folder / "setting");
    const double not_told = error_on_other_networks(folder / "untold");
    INFO("told the link " << told << " %, not told " << not_told << " %");
    CHECK(told < 5);
    CHECK(not_told > 2 * told);
}

TEST_CASE("nas-train trains for the link that the times were measured on") {
    const TemporaryFolder folder;
    const auto train = [&](const std::string& out, std::vector<std::string> link) {
        link.insert(link.begin(), {"--model", "protocol", "--engine", "opencheetah-2023", "--data", wan_table, "--out",
                                   folder / out, "--splits", "none"});
        REQUIRE(nas_train(link).exit_code == 0);
        return sotto::model_file::read_model_file(folder / out);
    };
    const auto wan = train("wan", {"--setting", "wan"});
    const auto typed = train("typed", {"--setting", "lan", "--bandwidth-mbps", "380", "--rtt-ms", "10"});
    const auto half_typed = train("half", {"--setting", "wan", "--rtt-ms", "20"});
    CHECK(typed.setting == "lan");
    CHECK(typed.bandwidth_mbps == 380);
    CHECK(typed.rtt_ms == 10);
    CHECK(typed.parameters == wan.parameters);
    CHECK(half_typed.bandwidth_mbps == 380);
    CHECK(half_typed.rtt_ms == 20);
    CHECK(half_typed.parameters != wan.parameters);

    // Trained anew for each fold, a file's model is for the file's link as well.
    const auto refitted = [&](const std::string& model) {
        const Outcome outcome = nas_train({"evaluate", "--model", folder / model, "--data", wan_table, "--split",
                                           "config", "--seeds", "1", "--json"});
        REQUIRE(outcome.exit_code == 0);
        return json::parse(outcome.output).at("layers");
    };
    CHECK(refitted("typed") == refitted("wan"));
    CHECK(refitted("half") != refitted("wan"));
}

TEST_CASE("nas-train import makes a table that it reads back") {
    const std::string published = SOTTO_SOURCE_DIRECTORY "/../shared/data/snni_public";
    if (!std::filesystem::exists(published)) {
        SOTTO_SKIP("the measurements are not beside the project");
    }
    const TemporaryFolder folder;
    const std::string out = folder / "lan.csv";
    const Outcome imported = nas_train({"import", published, "--setting", "lan", "--out", out});
    REQUIRE(imported.exit_code == 0);
    CHECK_THAT(imported.errors, contains_text("690 runs, 21795 operations"));
    // The model that ships was trained on this table.
    const sotto::model_file::ModelFile model = sotto::model_file::read_model_file(
        SOTTO_SOURCE_DIRECTORY "/cost_models/pretrained/analytical-opencheetah-2022-lan.model");
    CHECK(model.data.at(0).hash == sotto::model_file::content_hash(read_text(out)));
    check_refused(nas_train({"import", published, "--setting", "lan", "--out", out}), "is there already");
    check_refused(nas_train({"evaluate", "--model", shipped, "--data", table, "--seeds", "2"}),
                  "evaluate: found --seeds, expected --split with it");
    check_refused(nas_train({"evaluate", "--model", shipped, "--data", table, "--folds", "2"}),
                  "evaluate: found --folds, expected --split with it");
    check_refused(nas_train({"import", folder.path().string(), "--setting", "lan", "--out", folder / "x.csv"}), "");
}

TEST_CASE("nas-train refuses wrong command lines and inputs by reason") {
    const TemporaryFolder folder;
    const std::string out = folder / "out.model";
    const auto with = [&](std::vector<std::string> more) {
        std::vector<std::string> all = {"--model", "analytical", "--data", table, "--out", out};
        all.insert(all.end(), more.begin(), more.end());
        return nas_train(all);
    };
    check_refused(nas_train({}), "an option is missing: expected --model");
    check_refused(nas_train({"--model", "analytical", "--out", out}), "expected --data");
    check_refused(nas_train({"--model", "analytical", "--data", table}), "expected --out");
    check_refused(nas_train({"--model", "analitical", "--data", table, "--out", out}), "did you mean 'analytical'?");
    check_refused(with({"--setting", "lam"}), "--setting: found 'lam', expected 'local', 'lan' or 'wan'");
    check_refused(with({"--engine", "opencheetah-2032"}), "--engine: found 'opencheetah-2032'");
    check_refused(with({"--engine", "cryptflow2"}),
                  "--engine: found 'cryptflow2', expected 'opencheetah-2022' or 'opencheetah-2023'");
    check_refused(with({"--splits", "network,rwos"}), "--splits: found 'rwos'");
    check_refused(with({"--seed", "-1"}), "--seed");
    check_refused(with({"--folds", "1"}), "--folds");
    check_refused(with({"--tune", "5"}), "analytical has nothing to tune");
    check_refused(with({"--modle", "x"}), "did you mean '--model'?");
    check_refused(with({"--calibrate", shipped, "--engine", "opencheetah-2023"}), "--calibrate: found --engine");
    check_refused(with({"--bandwidth-mbps", "100"}), "--bandwidth-mbps is not for this model: found 100, expected");
    check_refused(with({"--rtt-ms", "5"}), "'analytical' knows the link by its times alone");
    for (const char* wrong : {"0", "-1", "fast", "1e", "inf", "nan", "1e-320", "1e12"}) {
        check_refused(with({"--bandwidth-mbps", wrong}), std::string("--bandwidth-mbps: found '") + wrong + '\'');
        check_refused(with({"--rtt-ms", wrong}), std::string("--rtt-ms: found '") + wrong + '\'');
    }
    check_refused(nas_train({"evaluate", "--model", shipped, "--data", table, "--rtt-ms", "5"}),
                  "evaluate: found --bandwidth-mbps or --rtt-ms, expected --split with it");
    check_refused(with({"--calibrate", shipped}), "cannot be calibrated: found 'analytical'");
    check_refused(with({"--calibrate", table}), "is not a model file");
    check_refused(nas_train({"--model", "analytical", "--data", table, table, "--out", out}), "is the same table as");
    check_refused(nas_train({"--model", "analytical", "--data", folder / "absent.csv", "--out", out}), "absent.csv");
    check_refused(nas_train({"--model", "analytical", "--data", shipped, "--out", out}), shipped);
    check_refused(nas_train({"--model", "analytical", "--data", table, "--out", folder / "no/out.model"}),
                  "cannot be written: found no folder");
    check_refused(nas_train({"evaluate", "--model", folder / "absent.model", "--data", table}), "cannot be read");
    check_refused(nas_train({"evaluate", "--model", "analytical", "--data", table, "--split", "row"}),
                  "did you mean 'rows'?");
    check_refused(nas_train({"import", folder.path().string(), "--setting", "lan"}), "--out is required");
    CHECK_FALSE(std::filesystem::exists(out));
    write_text(out, "precious");
    check_refused(with({}), "is there already");
    CHECK(read_text(out) == "precious");
    CHECK(with({"--force", "--splits", "none"}).exit_code == 0);
    CHECK(sotto::model_file::read_model_file(out).model == "analytical");
}

TEST_CASE("nas-train evaluate names the operation that a model does not know") {
    const TemporaryFolder folder;
    write_text(folder / "table.csv", relu_table({{{10, 7, 30}, {20, 12, 60}}}));
    REQUIRE(nas_train({"--model", "analytical", "--data", folder / "table.csv", "--out", folder / "m.model", "--splits",
                       "none"})
                .exit_code == 0);
    check_refused(nas_train({"evaluate", "--model", folder / "m.model", "--data", table}), "was not measured");
}

TEST_CASE("nas-train explains itself") {
    const Outcome help = nas_train({"--help"});
    CHECK(help.exit_code == 0);
    for (const char* part : {"--model", "--setting", "--data", "--out", "--tune", "--calibrate", "evaluate", "import",
                             "130 interrupted"}) {
        CHECK_THAT(help.output, contains_text(part));
    }
    CHECK_THAT(nas_train({"evaluate", "--help"}).output, contains_text("--split") && contains_text("--seeds"));
    CHECK_THAT(nas_train({"--version"}).output, contains_text("nas-train 0."));
}

TEST_CASE("nas-train that is asked to stop ends with 130 and writes nothing") {
    const TemporaryFolder folder;
    // The signal comes when the first note says that thousands of fits have begun. SIGTERM, since a shell has its
    // background jobs ignore Ctrl-C.
    const std::string script = SOTTO_BINARY_DIRECTORY
                               "/bin/nas-train --model analytical --engine opencheetah-2023 "
                               "--splits rows,config,network --folds 1000 --data " +
                               table + " --out out.model 2> notes & job=$!; " +
                               "until grep -q 'holding out' notes; do :; done; kill -TERM $job; wait $job";
    const Outcome outcome = run_program({"/bin/sh", "-c", script}, {}, folder.path());
    CHECK(outcome.exit_code == 130);
    CHECK(outcome.output.empty());
    CHECK_THAT(read_text(folder / "notes"), contains_text("nas-train: stopped (SIGTERM)"));
    CHECK_FALSE(std::filesystem::exists(folder / "out.model"));
}

TEST_CASE("nas-train fails with 1 where the disk is full") {
    if (!std::filesystem::exists("/dev/full")) {
        SOTTO_SKIP("no /dev/full");
    }
    const Outcome outcome =
        run_program({"/bin/sh", "-c",
                     std::string(SOTTO_BINARY_DIRECTORY "/bin/nas-train evaluate --model analytical --data ") + table +
                         " > /dev/full"});
    CHECK(outcome.exit_code == 1);
    CHECK_THAT(outcome.errors, contains_text("standard output cannot be written"));
}
