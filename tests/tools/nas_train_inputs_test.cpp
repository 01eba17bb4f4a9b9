// SPDX-License-Identifier: Apache-2.0
// What nas-train makes of tables, outputs and signals that are out of the ordinary.
#include <sys/stat.h>

#include <array>
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
using sotto::model_file::ModelFile;
using sotto::model_file::read_model_file;

namespace {

const std::string program = SOTTO_BINARY_DIRECTORY "/bin/nas-train";
const std::string pretrained = SOTTO_SOURCE_DIRECTORY "/cost_models/pretrained/";
const std::string published = SOTTO_SOURCE_DIRECTORY "/../shared/data/snni_public";

Outcome nas_train(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), program);
    return run_program(arguments);
}

struct Row {
    std::string network;
    int run;
    int position;
    std::string op;  // relu, fc or argmax of 10 inputs
    int elements;
    double client_ms;
    double server_ms;
};

std::string table_of(const std::vector<Row>& rows) {
    std::string text =
        "network,run,position,op,in_h,in_w,in_c,out_h,out_w,out_c,k_h,k_w,stride_h,stride_w,pad_top,pad_bottom,"
        "pad_left,pad_right,numel,truncates,client_ms,server_ms\n";
    for (const Row& row : rows) {
        const bool is_relu = row.op == "relu";
        text += row.network + ',' + std::to_string(row.run) + ',' + std::to_string(row.position) + ',' + row.op +
                (is_relu ? ",,,,,,," : ",,,10,,," + std::to_string(row.elements) + ',') + ",,,,,,,," +
                std::to_string(row.elements) + ',' + (is_relu ? "0" : "") + ',' + json(row.client_ms).dump() + ',' +
                json(row.server_ms).dump() + '\n';
    }
    return text;
}

// Four networks of a ReLU, 1 ms for 1000 elements; every second run of 0 ms, where there is one.
std::vector<Row> relu_rows(bool has_zeros) {
    std::vector<Row> rows;
    for (int n = 1; n <= 4; ++n) {
        const std::string network = "n" + std::to_string(n);
        rows.push_back({network, 1, 0, "relu", n * 100000, n * 100.0, n * 100.0});
        if (has_zeros) {
            rows.push_back({network, 2, 0, "relu", n * 100000, 0, 0});
        }
    }
    return rows;
}

// One network of different ReLUs.
std::vector<Row> long_network(int operations) {
    std::vector<Row> rows;
    for (int i = 0; i < operations; ++i) {
        const double time = 20 + i;
        rows.push_back({"n", 1, i, "relu", 5000 * (i + 1), time, time});
    }
    return rows;
}

void check_refused(const Outcome& outcome, const std::string& part) {
    CHECK(outcome.exit_code == 2);
    CHECK(outcome.output.empty());
    CHECK_THAT(outcome.errors, contains_text("nas-train: ") && contains_text(part));
}

}  // namespace

TEST_CASE("nas-train fits the model that it writes to no time of 0") {
    const TemporaryFolder folder;
    write_text(folder / "zeros.csv", table_of(relu_rows(true)));
    write_text(folder / "none.csv", table_of(relu_rows(false)));
    const auto train = [&](const std::string& model, const std::string& name) {
        const Outcome outcome = nas_train({"--model", model, "--data", folder / (name + ".csv"), "--out",
                                           folder / (model + name), "--splits", "network", "--json"});
        CAPTURE(outcome.errors);
        REQUIRE(outcome.exit_code == 0);
        return json::parse(outcome.output);
    };
    train("protocol", "zeros");
    train("protocol", "none");
    CHECK(read_model_file(folder / "protocolzeros").parameters == read_model_file(folder / "protocolnone").parameters);
    const json with = train("analytical", "zeros");
    const json without = train("analytical", "none");
    CHECK(read_model_file(folder / "analyticalzeros").parameters["fits"][0]["features"] ==
          read_model_file(folder / "analyticalnone").parameters["fits"][0]["features"]);
    CHECK(with["figures"][0]["layers"] == without["figures"][0]["layers"]);
    // A run of which nothing was measured has no total.
    const json& network = with["figures"][0]["networks"][2];
    CHECK(network.at("network") == "n2");
    CHECK(network.at("measured_ms") == 200);
    CHECK(network.at("runs") == 1);
    CHECK(network.at("incomplete_runs") == 1);
    CHECK(network.at("run_deviation_percent").is_null());
}

TEST_CASE("nas-train skips and counts networks without a total") {
    const TemporaryFolder folder;
    std::vector<Row> rows = relu_rows(false);
    const std::string long_name(300, 'x');
    rows.push_back({"zero", 1, 0, "relu", 5000, 0, 0});
    rows.push_back({long_name, 1, 0, "relu", 500000, 500, 500});
    write_text(folder / "table.csv", table_of(rows));
    const Outcome outcome =
        nas_train({"--model", "analytical", "--data", folder / "table.csv", "--out", folder / "m", "--splits", "none"});
    REQUIRE(outcome.exit_code == 0);
    CHECK(outcome.output.find("nan") == std::string::npos);
    CHECK_THAT(outcome.output, contains_text("1 runs without a time above 0 ms, 1 networks without a run left") &&
                                   contains_text("all networks, client: mean error 0.00 %") &&
                                   contains_text(long_name + " client         500.0         500.0"));
}

TEST_CASE("nas-train leaves out and counts kinds that it cannot train on") {
    const TemporaryFolder folder;
    // fc is in one network alone, argmax has no price at all.
    write_text(folder / "table.csv", table_of({{"a", 1, 0, "relu", 100, 1.5, 2.5},
                                               {"a", 1, 1, "fc", 10, 3, 4},
                                               {"a", 1, 2, "argmax", 1, 1, 1},
                                               {"b", 1, 0, "relu", 120, 1.5, 2.5}}));
    const Outcome outcome = nas_train({"--model", "analytical", "--data", folder / "table.csv", "--out", folder / "m",
                                       "--splits", "network", "--json"});
    CAPTURE(outcome.errors);
    REQUIRE(outcome.exit_code == 0);
    const json figures = json::parse(outcome.output).at("figures");
    CHECK(figures[0].at("unknown") == json{{"argmax", 1}, {"fc", 1}});
    CHECK(figures[1].at("unknown") == json{{"argmax", 1}});
    CHECK(figures[0]["networks"][0]["measured_ms"] == 1.5);
    const Outcome text = nas_train({"--model", "analytical", "--data", folder / "table.csv", "--out", folder / "m",
                                    "--splits", "network", "--force"});
    CHECK_THAT(text.output, contains_text("left out: 1 rows of fc, which the model was not trained on"));
}

TEST_CASE("nas-train replaces no pipe and refuses an output that cannot be made before it trains") {
    const TemporaryFolder folder;
    write_text(folder / "table.csv", table_of(relu_rows(false)));
    const std::string pipe = folder / "pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    const auto train = [&](const std::string& out) {
        return nas_train({"--model", "analytical", "--data", folder / "table.csv", "--out", out, "--force"});
    };
    check_refused(train(pipe), "is no regular file");
    CHECK(std::filesystem::is_fifo(pipe));
    const Outcome too_long = train(folder / std::string(250, 'm'));
    check_refused(too_long, "cannot be written");
    CHECK(too_long.errors.find("training") == std::string::npos);
}

TEST_CASE("nas-train writes over nothing that it reads") {
    const TemporaryFolder folder;
    const std::string text = table_of(relu_rows(false));
    const std::string data = folder / "table.csv";
    write_text(data, text);
    std::filesystem::create_symlink(data, folder / "link.csv");
    std::filesystem::copy_file(data, folder / "new.model.partial");
    std::filesystem::copy_file(data, folder / "other.model.trials");
    const auto train = [&](const std::string& from, const std::string& out, std::vector<std::string> more = {}) {
        more.insert(more.begin(), {"--data", from, "--out", out, "--force", "--splits", "none", "--model"});
        return nas_train(more);
    };
    for (const std::string& out : {data, folder / "link.csv", folder / "./table.csv"}) {
        check_refused(train(data, out, {"analytical"}), out + ": is a file that is read: found " + data);
    }
    check_refused(train(folder / "new.model.partial", folder / "new.model", {"analytical"}), "is a file that is read");
    check_refused(train(folder / "other.model.trials", folder / "other.model", {"mlp", "--tune", "2"}),
                  "is a file that is read");
    for (const char* name : {"table.csv", "new.model.partial", "other.model.trials"}) {
        CHECK(read_text(folder / name) == text);
    }

    const std::string base = pretrained + "protocol-opencheetah-2023-wan.model";
    std::filesystem::copy_file(base, folder / "base.model");
    write_text(folder / "long.csv", table_of(long_network(20)));
    check_refused(nas_train({"--model", "protocol", "--calibrate", folder / "base.model", "--data", folder / "long.csv",
                             "--out", folder / "base.model", "--force"}),
                  "is a file that is read");
    CHECK(read_text(folder / "base.model") == read_text(base));

    std::filesystem::create_directories(folder / "measured/lan/client");
    const std::string measured = folder / "measured/lan/client/conv.csv";
    write_text(measured, "times");
    write_text(folder / "list.csv", "layers");
    const auto import = [&](const std::string& out) {
        return nas_train({"import", folder / "measured", "--setting", "lan", "--sequences", folder / "list.csv",
                          "--out", out, "--force"});
    };
    check_refused(import(measured), measured + ": lies among the measurements");
    check_refused(import(folder / "measured/../measured/lan/client/conv.csv"), "lies among the measurements");
    check_refused(import(folder / "list.csv"), "is a file that is read");
    CHECK(read_text(measured) == "times");
    CHECK(read_text(folder / "list.csv") == "layers");
}

TEST_CASE("nas-train refuses what no model file can name before it trains") {
    const TemporaryFolder folder;
    const std::string long_name = folder / (std::string(130, 't') + ".csv");
    write_text(long_name, table_of(relu_rows(false)));
    write_text(folder / "table.csv", table_of(relu_rows(false)));
    const auto train = [&](const std::string& data, const std::string& source) {
        const Outcome outcome =
            nas_train({"--model", "analytical", "--data", data, "--out", folder / "m", "--source", source});
        CHECK(outcome.errors.find("training") == std::string::npos);
        return outcome;
    };
    check_refused(train(long_name, ""), "a model file cannot name this table");
    check_refused(train(folder / "table.csv", "a\xff"), "--source: expected UTF-8");
}

TEST_CASE("nas-train calibrates for the link of the model and the engine that was measured") {
    const TemporaryFolder folder;
    ModelFile base = read_model_file(pretrained + "protocol-opencheetah-2023-wan.model");
    base.bandwidth_mbps = 123;
    base.rtt_ms = 4;
    write_model_file(base, folder / "base.model");
    write_text(folder / "table.csv", table_of(long_network(20)));
    const Outcome outcome =
        nas_train({"--model", "protocol", "--calibrate", folder / "base.model", "--data", folder / "table.csv", "--out",
                   folder / "m", "--bit-length", "37", "--engine-threads", "2"});
    CAPTURE(outcome.errors);
    REQUIRE(outcome.exit_code == 0);
    const ModelFile adapted = read_model_file(folder / "m");
    CHECK(adapted.bandwidth_mbps == 123);
    CHECK(adapted.rtt_ms == 4);
    CHECK(adapted.engine.parameters.at("bit_length") == 37);
    CHECK(adapted.engine.parameters.at("threads") == 2);
}

TEST_CASE("nas-train calibrates to no fewer than twenty operations of a role") {
    const TemporaryFolder folder;
    const auto calibrate = [&](const std::vector<Row>& rows) {
        write_text(folder / "table.csv", table_of(rows));
        return nas_train({"--model", "protocol", "--calibrate", pretrained + "protocol-opencheetah-2023-wan.model",
                          "--data", folder / "table.csv", "--out", folder / "m", "--force"});
    };
    std::vector<Row> rows = long_network(19);
    check_refused(calibrate(rows),
                  "table.csv: too little to calibrate to: found 19 operations with a time above 0 ms of the client, "
                  "expected 20 or more; 50 to 100 are recommended");
    // Two runs of the same operations are no more of them.
    for (Row row : long_network(19)) {
        row.run = 2;
        rows.push_back(row);
    }
    check_refused(calibrate(rows), "found 19 operations");
    rows = long_network(20);
    rows.back().server_ms = 0;
    check_refused(calibrate(rows), "found 19 operations with a time above 0 ms of the server");
    CHECK_FALSE(std::filesystem::exists(folder / "m"));

    const Outcome few = calibrate(long_network(49));
    CHECK(few.exit_code == 0);
    CHECK_THAT(few.errors, contains_text("calibrating to 49 operations of the client; 50 to 100 are recommended"));
    const Outcome enough = calibrate(long_network(50));
    CHECK(enough.exit_code == 0);
    CHECK(enough.errors.find("recommended") == std::string::npos);
}

TEST_CASE("nas-train states no interval that two networks cannot tell") {
    const TemporaryFolder folder;
    std::vector<Row> rows = relu_rows(false);
    rows.resize(2);
    write_text(folder / "table.csv", table_of(rows));
    const auto train = [&](const std::string& model) {
        return nas_train(
            {"--model", model, "--data", folder / "table.csv", "--out", folder / model, "--splits", "none"});
    };
    for (const std::string model : {"protocol", "mlp", "lstm"}) {
        check_refused(train(model), "table.csv: found 2 networks, expected 3 or more");
    }
    const Outcome analytical = train("analytical");
    CHECK(analytical.exit_code == 0);
    CHECK_THAT(analytical.errors, contains_text("the model states no interval"));
    CHECK(read_model_file(folder / "analytical").parameters.at("network_deviation").is_null());
}

TEST_CASE("nas-train doubts an engine that does not send the bytes of the table") {
    const std::string measured = SOTTO_SOURCE_DIRECTORY "/cost_models/data/cheetah_measured/";
    const TemporaryFolder folder;
    const std::string doubt = "the bytes of the table are not those of opencheetah-2022 with 37 bits";
    const std::string nearest = "opencheetah-2023 fits better (";
    const auto train = [&](const std::string& engine, const std::string& setting) {
        const Outcome outcome =
            nas_train({"--model", "protocol", "--engine", engine, "--setting", setting, "--data",
                       measured + setting + ".csv", "--out", folder / "m", "--splits", "none", "--force"});
        CHECK(outcome.exit_code == 0);
        return outcome.errors;
    };
    for (const std::string setting : {"local", "lan", "wan"}) {
        CHECK_THAT(train("opencheetah-2022", setting), contains_text(doubt) && contains_text(nearest));
        CHECK(train("opencheetah-2023", setting).find("the bytes of the table") == std::string::npos);
    }
    const Outcome evaluated = nas_train({"evaluate", "--model", "protocol", "--data", measured + "lan.csv"});
    CHECK_THAT(evaluated.errors, contains_text(doubt) && contains_text(nearest));
    const Outcome quiet = nas_train({"evaluate", "--model", "protocol", "--data", measured + "lan.csv", "--quiet"});
    CHECK(quiet.errors.empty());
    CHECK(quiet.output == evaluated.output);
    const Outcome calibrated =
        nas_train({"--model", "protocol", "--calibrate", pretrained + "protocol-opencheetah-2022-lan.model", "--data",
                   measured + "lan.csv", "--out", folder / "m", "--force"});
    CHECK_THAT(calibrated.errors, contains_text(doubt) && contains_text(nearest));
    // Another ring tells itself apart, and no engine is a better one.
    const Outcome other_ring =
        nas_train({"evaluate", "--model", "protocol", "--split", "config", "--engine", "opencheetah-2023",
                   "--bit-length", "26", "--seeds", "1", "--data", measured + "lan.csv"});
    CHECK_THAT(other_ring.errors, contains_text("are not those of opencheetah-2023 with 26 bits"));
    // A table without bytes says nothing.
    write_text(folder / "table.csv", table_of(relu_rows(false)));
    CHECK(nas_train({"evaluate", "--model", "protocol", "--data", folder / "table.csv"}).errors.empty());
}

TEST_CASE("nas-train tells of its trials and of what it chose") {
    const TemporaryFolder folder;
    write_text(folder / "table.csv", table_of(relu_rows(false)));
    const auto tune = [&] {
        return nas_train({"--model", "mlp", "--data", folder / "table.csv", "--out", folder / "m", "--splits", "none",
                          "--tune", "2", "--force"});
    };
    const Outcome first = tune();
    REQUIRE(first.exit_code == 0);
    CHECK_THAT(first.errors, contains_text("nas-train: trial 0 (the defaults) ended, 1 of 2: loss relu ") &&
                                 contains_text("nas-train: trial 1 ended, 2 of 2: loss relu ") &&
                                 contains_text("nas-train: chosen for relu is trial ") &&
                                 contains_text("hidden layers of ") &&
                                 contains_text("nas-train: training with the hyperparameters that were chosen"));
    const std::string model = read_text(folder / "m");
    CHECK_THAT(tune().errors, contains_text("2 of 2 trials are in " + (folder / "m.trials")));
    CHECK(read_text(folder / "m") == model);
    write_text(folder / "m.trials", "something else\n");
    check_refused(tune(), "m.trials:1: is no line of a finished trial: found 'something else'");
    CHECK(read_text(folder / "m.trials") == "something else\n");
}

TEST_CASE("nas-train counts for the bit length that is stated") {
    const TemporaryFolder folder;
    write_text(folder / "table.csv", table_of(relu_rows(false)));
    for (const std::string model : {"protocol", "analytical"}) {
        REQUIRE(nas_train({"--model", model, "--data", folder / "table.csv", "--out", folder / model, "--splits",
                           "none", "--bit-length", "32", "--engine-threads", "4"})
                    .exit_code == 0);
        const ModelFile file = read_model_file(folder / model);
        CHECK(file.engine.parameters.at("bit_length") == 32);
        CHECK(file.engine.parameters.at("threads") == 4);
        check_refused(
            nas_train({"evaluate", "--model", folder / model, "--data", folder / "table.csv", "--bit-length", "41"}),
            "--bit-length says otherwise than the model: found '41', expected '32'");
    }
    REQUIRE(nas_train({"--model", "protocol", "--data", folder / "table.csv", "--out", folder / "other", "--splits",
                       "none", "--engine-threads", "4"})
                .exit_code == 0);
    CHECK(read_model_file(folder / "other").parameters.at("prices") !=
          read_model_file(folder / "protocol").parameters.at("prices"));
    check_refused(nas_train({"--model", "protocol", "--data", folder / "table.csv", "--out", folder / "no",
                             "--bit-length", "45"}),
                  "--bit-length");
}

TEST_CASE("nas-train evaluate says what it scored and refuses options that the model contradicts") {
    const TemporaryFolder folder;
    write_text(folder / "table.csv", table_of(relu_rows(false)));
    const std::string model = pretrained + "analytical-opencheetah-2023-lan.model";
    const auto evaluate = [&](std::vector<std::string> more) {
        more.insert(more.begin(), {"evaluate", "--model", model, "--data", folder / "table.csv"});
        return nas_train(more);
    };
    check_refused(evaluate({"--setting", "wan"}),
                  "--setting says otherwise than the model: found 'wan', expected 'lan'");
    check_refused(evaluate({"--engine", "opencheetah-2022", "--split", "config"}),
                  "--engine says otherwise than the model");
    const Outcome agreed = evaluate({"--setting", "lan", "--engine", "opencheetah-2023"});
    CHECK(agreed.exit_code == 0);
    CHECK(agreed.output.starts_with("analytical for opencheetah-2023, lan\n"));
}

TEST_CASE("nas-train reads a table once and refuses a run that is in two") {
    const TemporaryFolder folder;
    const std::string text = table_of(relu_rows(false));
    write_text(folder / "table.csv", text);
    const Outcome piped = run_program(
        {"/bin/sh", "-c",
         "mkfifo pipe; cat table.csv > pipe & " + program + " --model analytical --splits none --data pipe --out m"},
        {}, folder.path());
    REQUIRE(piped.exit_code == 0);
    CHECK(read_model_file(folder / "m").data.at(0).hash == sotto::model_file::content_hash(text));
    write_text(folder / "again.csv", table_of({{"n5", 1, 0, "relu", 7000, 7, 7}, {"n3", 1, 0, "relu", 300000, 3, 3}}));
    check_refused(nas_train({"--model", "analytical", "--data", folder / "table.csv", folder / "again.csv", "--out",
                             folder / "n"}),
                  "run 1 of network 'n3' stands twice");
}

TEST_CASE("nas-train refuses splits that contradict each other or leave nothing to train on") {
    const TemporaryFolder folder;
    write_text(folder / "table.csv", table_of({{"n", 1, 0, "relu", 100, 1, 2}, {"n", 1, 1, "relu", 200, 2, 3}}));
    const auto train = [&](const std::string& splits) {
        return nas_train(
            {"--model", "analytical", "--data", folder / "table.csv", "--out", folder / "m", "--splits", splits});
    };
    check_refused(train("config,config"), "--splits: found 'config' twice");
    check_refused(train("none,rows"), "--splits: found 'none' with others");
    check_refused(train("config,network"), "table.csv: everything is held out at once");
    CHECK(train("none").exit_code == 0);
}

TEST_CASE("nas-train import refuses a path that is too long") {
    const TemporaryFolder folder;
    check_refused(nas_train({"import", std::string(5000, 'd'), "--setting", "lan", "--out", folder / "x.csv"}), "ddd");
}

TEST_CASE("nas-train that waits for a pipe ends at the first signal") {
    const TemporaryFolder folder;
    // Opening the pipe for writing succeeds once nas-train has opened it for reading.
    const std::string script =
        "mkfifo pipe; " + program +
        " evaluate --model analytical --data pipe & job=$!; exec 3> pipe; kill -TERM $job; wait $job";
    CHECK(run_program({"/bin/sh", "-c", script}, {}, folder.path()).exit_code == 130);
}

TEST_CASE("nas-train import that is asked to stop writes nothing") {
    if (!std::filesystem::exists(published)) {
        SOTTO_SKIP("the measurements are not beside the project");
    }
    const TemporaryFolder folder;
    const std::string script = "mkfifo pipe; " + program + " import " + published +
                               " --setting wan --sequences pipe --out x.csv & job=$!; exec 3> pipe; kill -TERM $job; "
                               "cat " +
                               published + "/sequences/nets_layers.csv >&3; exec 3>&-; wait $job";
    const Outcome outcome = run_program({"/bin/sh", "-c", script}, {}, folder.path());
    CHECK(outcome.exit_code == 130);
    CHECK_THAT(outcome.errors, contains_text("nas-train: stopped (SIGTERM)"));
    CHECK_FALSE(std::filesystem::exists(folder / "x.csv"));
}
