// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "cost_models/model_file/model_file.hpp"
#include "tests/support/catch.hpp"
#include "tests/tools/nas_predict_program.hpp"
#include "tests/tools/process.hpp"

using namespace sotto::tests;
using nlohmann::json;
using sotto::matchers::contains_text;

namespace {

const std::string networks = SOTTO_SOURCE_DIRECTORY "/configs/networks/";
const std::string squeezenet = networks + "squeezenet.yaml";
const std::string pretrained = SOTTO_SOURCE_DIRECTORY "/cost_models/pretrained/";
const std::string table = SOTTO_SOURCE_DIRECTORY "/cost_models/data/cheetah_measured/lan.csv";
const std::string uncertain = SOTTO_TEST_PLUGINS "/uncertain_plugin.so";

}  // namespace

// Milliseconds of an independent fit of the published measurements in Python (see analytical_plugin_test).
TEST_CASE("networks get the totals of an independent fit") {
    const json result =
        predicted({squeezenet, networks + "resnet50.yaml", "--model", "analytical", "--setting", "wan"});
    CHECK(result.at("model") == "analytical");
    CHECK(result["parameters"] == json{{"setting", "wan"}, {"engine", "opencheetah-2022"}, {"file", ""}});
    REQUIRE(result["networks"].size() == 2);
    const json& first = result["networks"][0];
    CHECK(first.at("network") == "squeezenet");
    CHECK(first["metrics"]["latency.client_ms"].get<double>() == Approx(116784.867).epsilon(1e-6));
    CHECK(first["metrics"]["latency.server_ms"].get<double>() == Approx(119382.523).epsilon(1e-6));
    CHECK(first["metrics"]["latency.total_ms"] == first["metrics"]["latency.server_ms"]);
    // 5 % of a normal distribution lie above 1.645 deviations, which the file gives relative to the total.
    const std::string file = read_text(pretrained + "analytical-opencheetah-2022-wan.model");
    const std::string key = "\"network_deviation\": ";
    const double deviation = std::stod(file.substr(file.find(key) + key.size()));
    CHECK(first["intervals"]["latency.total_ms"][0].get<double>() ==
          Approx(119382.523 * (1 - 1.645 * deviation)).epsilon(1e-3));
    CHECK(first["intervals"]["latency.total_ms"][1].get<double>() ==
          Approx(119382.523 * (1 + 1.645 * deviation)).epsilon(1e-3));
    CHECK(result["networks"][1]["metrics"]["latency.client_ms"].get<double>() == Approx(446618.482).epsilon(1e-6));
}

TEST_CASE("what dominates and what every operation takes add up to the total") {
    const json network = predicted({squeezenet, "--model", "analytical", "--per-layer"})["networks"][0];
    const double total = network["metrics"]["latency.total_ms"];
    double types = 0;
    double percent = 0;
    int operations = 0;
    for (const json& type : network["dominates"]["layer_types"]) {
        types += type.at("value").get<double>();
        percent += type.at("percent").get<double>();
        operations += type.at("operations").get<int>();
    }
    CHECK(types == Approx(total));
    CHECK(percent == Approx(100));
    CHECK(operations == 56);
    REQUIRE(network["operations"].size() == 56);
    double sum = 0;
    double largest = 0;
    for (const json& operation : network["operations"]) {
        const double value = operation["metrics"]["latency.total_ms"];
        sum += value;
        largest = std::max(largest, value);
    }
    CHECK(sum == Approx(total));
    CHECK(network["dominates"]["operations"][0]["metrics"]["latency.total_ms"] == largest);
    CHECK(network["dominates"]["operations"][0]["layer"] == "pool1");
    CHECK(network["operations"][0]["op"] == "conv");
    CHECK(network["operations"][0]["layer"] == "conv1");
}

// The plug-in: 50 ms for each of 56 operations, 26 of them convolutions, and 1200 ms for the network: 4000 ms.
TEST_CASE("shares are of the metric and what is in no operation has a line of its own") {
    const std::vector<std::string> arguments = {squeezenet, "--plugin", SOTTO_TEST_PLUGINS "/set_up_plugin.so",
                                                "--model", "set-up"};
    const json network = predicted(arguments)["networks"][0];
    CHECK(network["metrics"]["latency.total_ms"] == 4000);
    const json& dominates = network["dominates"];
    CHECK(dominates["whole_network"] == json{{"value", 1200}, {"percent", 30}});
    double percent = 30;
    for (const json& type : dominates["layer_types"]) {
        CHECK(type["percent"].get<double>() == Approx(100 * 50 * type["operations"].get<double>() / 4000));
        percent += type["percent"].get<double>();
    }
    CHECK(percent == Approx(100));
    const std::string text = nas_predict(arguments).output;
    CHECK_THAT(text, contains_text("    of the whole network            1200.00   30.0 %\n") &&
                         contains_text("conv       26 operations        1300.00   32.5 %\n"));

    // Nothing is beside the operations where they add up.
    const std::vector<std::string> additive = {squeezenet, "--model", "analytical"};
    CHECK(predicted(additive)["networks"][0]["dominates"]["whole_network"].is_null());
    CHECK(nas_predict(additive).output.find("of the whole network") == std::string::npos);
}

// SqueezeNet 1.1 as published has 1,235,496 parameters. Multiply-adds of one image of 227x227: 113^2 x 64 x 27 of the
// first convolution, n^2 (i s + 10 s e) of a fire module with n^2 positions, i inputs, s squeezed and e expanded
// channels of either kind, and 13^2 x 512 x 1000 of the last.
constexpr std::int64_t squeezenet_parameters = 1235496;
constexpr std::int64_t squeezenet_macs = 352540352;

TEST_CASE("counts of the network stand beside the metrics of a model and alone") {
    const json network = predicted({squeezenet, "--model", "analytical", "--metrics", "macs,latency.total_ms,params",
                                    "--per-layer"})["networks"][0];
    CHECK(network["metrics"]["params"] == squeezenet_parameters);
    CHECK(network["metrics"]["macs"] == squeezenet_macs);
    CHECK(network["metrics"]["latency.total_ms"].get<double>() == Approx(110402.01).epsilon(1e-6));
    CHECK(network["intervals"]["macs"] == json{squeezenet_macs, squeezenet_macs});
    CHECK(network["dominates"]["metric"] == "latency.total_ms");
    CHECK(network["operations"][0]["metrics"]["macs"].is_null());
    CHECK(network["operations"][0]["metrics"]["latency.total_ms"].get<double>() > 0);
    const std::string rows =
        nas_predict({squeezenet, "--model", "analytical", "--metrics", "macs,latency.total_ms", "--per-layer", "--csv"})
            .output;
    CHECK(lines_of(rows).at(1).starts_with("squeezenet,0,conv,conv1,,"));

    const Outcome alone = nas_predict({squeezenet, "--metrics", "macs,relus", "--csv"});
    CHECK(alone.exit_code == 0);
    REQUIRE(lines_of(alone.output).size() == 2);
    CHECK(lines_of(alone.output)[0].ends_with(",macs,relus"));
    CHECK_THAT(lines_of(alone.output)[1],
               contains_text(",complete,,") && contains_text("," + std::to_string(squeezenet_macs) + ","));

    check_refused(nas_predict({"--program", table, "--model", "analytical", "--metrics", "relus"}),
                  "a network: 'relus' is counted in its layers");
    check_refused(nas_predict({squeezenet, "--metrics", "latency.total_ms,macs"}),
                  "latencies are given by a cost model");
    check_refused(nas_predict({squeezenet, "--model", "analytical", "--metrics", "parms"}), "did you mean 'params'?");
}

TEST_CASE("a library that others can write to is loaded where that is allowed and the message says how") {
    const TemporaryFolder folder;
    const std::string library = folder / "uncertain_plugin.so";
    std::filesystem::copy_file(uncertain, library);
    std::filesystem::permissions(library, std::filesystem::perms{0666});
    const std::vector<std::string> arguments = {squeezenet, "--plugin", library, "--model", "uncertain"};
    const Outcome refused = nas_predict(arguments);
    check_refused(refused, "writable by everybody");
    CHECK_THAT(refused.errors, contains_text("named by its path with --allow-writable"));
    std::vector<std::string> allowed = arguments;
    allowed.emplace_back("--allow-writable");
    CHECK(predicted(allowed)["networks"][0]["metrics"]["latency.total_ms"] == 5600);
}

TEST_CASE("a run configuration's libraries are loaded with its space as nas-run loads them") {
    const TemporaryFolder folder;
    std::filesystem::create_directory(folder / "lib");
    const std::string library = folder / "lib/uncertain_plugin.so";
    std::filesystem::copy_file(uncertain, library);
    const std::string space =
        "space: " + (std::string(SOTTO_SOURCE_DIRECTORY "/configs/fashion_small_space.yaml")) + '\n';
    const std::string run = folder / "run.yaml";
    const std::vector<std::string> arguments = {"--space",   run,         "--sample",         "2",    "--model",
                                                "uncertain", "--metrics", "latency.total_ms", "--csv"};
    const auto with = [&](const std::string& rest) {
        write_text(run, "format: 1\n" + space + rest);
        return nas_predict(arguments);
    };
    const Outcome scored = with("plugins: [lib/uncertain_plugin.so]\n");
    CAPTURE(scored.errors);
    REQUIRE(scored.exit_code == 0);
    REQUIRE(lines_of(scored.output).size() == 3);
    CHECK_THAT(lines_of(scored.output)[1], contains_text(",complete,,"));

    // Where a plug-in is isolated the libraries are not loaded into the program, and give the same.
    const std::string isolated =
        "plugins: [lib/uncertain_plugin.so]\ncost_model: {id: uncertain, isolation: process}\n";
    CHECK(with(isolated).output == scored.output);

    check_refused(with("plugins: [lib/absent.so]\n"), "run.yaml:3");
    std::filesystem::permissions(library, std::filesystem::perms{0666});
    check_refused(with("plugins: [lib/uncertain_plugin.so]\n"), "writable by everybody");
    CHECK(with("plugins: [{path: lib/uncertain_plugin.so, allow_writable: true}]\n").output == scored.output);
}

TEST_CASE("an unknown id names the libraries that were not looked into and how one is named") {
    const TemporaryFolder folder;
    const std::string library = folder / "uncertain_plugin.so";
    std::filesystem::copy_file(uncertain, library);
    const std::vector<std::string> path = {"SOTTO_PLUGIN_PATH=" + folder.path().string()};
    const std::string program = SOTTO_BINARY_DIRECTORY "/bin/nas-predict";
    const Outcome by_id = run_program({program, squeezenet, "--model", "uncertain"}, path);
    check_refused(by_id, "unknown cost model: found 'uncertain'");
    CHECK_THAT(by_id.errors, contains_text("not looked into, as no manifest beside them states their ids: ") &&
                                 contains_text('\'' + library + '\'') && contains_text("named with --plugin"));
    const Outcome named =
        run_program({program, squeezenet, "--plugin", "uncertain_plugin", "--model", "uncertain", "--csv"}, path);
    CHECK(named.exit_code == 0);
    CHECK_THAT(named.output, contains_text("squeezenet,5600,"));
}

TEST_CASE("a table of operations gets what its network gets, with times and without") {
    const TemporaryFolder folder;
    const json network = predicted({squeezenet, "--model", "analytical"})["networks"][0];
    // The program of SqueezeNet as a table, written by hand from the answer for its network.
    const Outcome csv = nas_predict({squeezenet, "--model", "analytical", "--csv", "--per-layer"});
    REQUIRE(csv.exit_code == 0);
    const std::vector<std::string> lines = lines_of(csv.output);
    CHECK(lines.at(0) == "network,position,op,layer,latency.client_ms,latency.server_ms,latency.total_ms");
    CHECK(lines.size() == 57);
    CHECK(lines.at(1).starts_with("squeezenet,0,conv,conv1,"));

    const json measured = predicted({"--program", table, "--model", "analytical", "--metrics", "latency.total_ms"});
    CHECK(measured["networks"].size() == 36);
    CHECK(measured["networks"][0]["network"] == "train00");
    CHECK(measured["networks"][0]["metrics"].size() == 1);
    // One ReLU of 1,000 elements, without times: the line of the model file.
    write_text(folder / "program.csv",
               "network,run,position,op,in_h,in_w,in_c,out_h,out_w,out_c,k_h,k_w,stride_h,stride_w,pad_top,pad_bottom,"
               "pad_left,pad_right,numel,truncates\nmine,1,0,relu,,,,,,,,,,,,,,,1000,0\n");
    const auto file = sotto::model_file::read_model_file(pretrained + "analytical-opencheetah-2023-local.model");
    const json& fit = file.parameters.at("fits").at(1);
    REQUIRE(fit.at("layer") == "relu");
    const json& feature = fit.at("features").at(0);
    const double expected = fit.at("intercept_ms").get<double>() +
                            feature.at("ms_per_unit").get<double>() * (1000 - feature.at("least").get<double>());
    const json mine = predicted(
        {"--program", folder / "program.csv", "--model", pretrained + "analytical-opencheetah-2023-local.model"});
    CHECK(mine["networks"][0]["metrics"]["latency.client_ms"].get<double>() == Approx(expected));
    CHECK(mine["parameters"]["setting"] == "local");
    CHECK(mine["parameters"]["engine"] == "opencheetah-2023");
}

TEST_CASE("a model file gives what the model that ships gives, and says which it is") {
    const std::string file = pretrained + "analytical-opencheetah-2023-wan.model";
    json by_file = predicted({squeezenet, "--model", file});
    json by_id = predicted({squeezenet, "--model", "analytical", "--setting", "wan", "--engine", "opencheetah-2023"});
    CHECK(by_file["parameters"]["file"] == file);
    CHECK(by_file["networks"] == by_id["networks"]);
    check_refused(nas_predict({squeezenet, "--model", file, "--setting", "lan"}), "is a model of another setting");
}

TEST_CASE("networks of one name are told apart by their files") {
    const TemporaryFolder folder;
    const std::string copy = folder / "copy.yaml";
    write_text(copy, read_text(squeezenet));
    const std::vector<std::string> files{squeezenet, networks + "resnet18.yaml", copy};
    for (const std::vector<std::string>& rest :
         {std::vector<std::string>{"--metrics", "params", "--csv"},
          std::vector<std::string>{"--metrics", "latency.total_ms", "--model", "analytical", "--csv"}}) {
        std::vector<std::string> arguments = files;
        arguments.insert(arguments.end(), rest.begin(), rest.end());
        const std::vector<std::string> lines = lines_of(nas_predict(arguments).output);
        REQUIRE(lines.size() == 4);
        CHECK(lines[1].starts_with(squeezenet + ','));
        CHECK(lines[2].starts_with("resnet18,"));
        CHECK(lines[3].starts_with(copy + ','));
    }
    const json result = predicted({squeezenet, copy, "--model", "analytical"});
    CHECK(result["networks"][1].at("network") == "squeezenet");
    CHECK(result["networks"][1].at("file") == copy);
}

TEST_CASE("text names metrics and what dominates") {
    const Outcome outcome = nas_predict({squeezenet, "--model", "analytical", "--per-layer"});
    CHECK(outcome.exit_code == 0);
    CHECK(outcome.errors.empty());
    CHECK_THAT(outcome.output, contains_text("squeezenet (56 operations)") && contains_text("latency.client_ms") &&
                                   contains_text("107730.63") && contains_text("what dominates latency.total_ms") &&
                                   contains_text("maxpool     3 operations") && contains_text("fire9/expand3x3_relu"));
}

TEST_CASE("a CSV table has one row a network and the metrics asked for in their order") {
    const Outcome outcome = nas_predict({"--metrics", "latency.total_ms,latency.client_ms", "--csv", "--model",
                                         "analytical", squeezenet, networks + "resnet18.yaml"});
    REQUIRE(outcome.exit_code == 0);
    const std::vector<std::string> lines = lines_of(outcome.output);
    REQUIRE(lines.size() == 3);
    CHECK(lines[0] ==
          "network,latency.total_ms,latency.total_ms low,latency.total_ms high,latency.client_ms,latency.client_ms "
          "low,latency.client_ms high");
    CHECK(lines[1].starts_with("squeezenet,110402.00"));
    CHECK(lines[2].starts_with("resnet18,"));
}

TEST_CASE("a model that knows its uncertainty gives intervals, and bytes and rounds are metrics like others") {
    // The plug-in: 100 ms an operation with a deviation of 10 ms, 3 rounds an operation, known exactly.
    const std::vector<std::string> arguments = {"--plugin", uncertain, "--model", "uncertain", squeezenet};
    const json result = predicted(arguments);
    const json& network = result["networks"][0];
    CHECK(network["metrics"]["latency.total_ms"] == 5600);
    CHECK(network["metrics"]["communication.rounds"] == 168);
    // 5 % of a normal distribution lie above 1.645 deviations.
    CHECK(network["intervals"]["latency.total_ms"][0].get<double>() == Approx(5600 - 1.645 * 560).epsilon(1e-3));
    CHECK(network["intervals"]["latency.total_ms"][1].get<double>() == Approx(5600 + 1.645 * 560).epsilon(1e-3));
    CHECK(network["intervals"]["communication.rounds"] == json{168, 168});
    CHECK(network["dominates"].is_null());

    std::vector<std::string> text = arguments;
    CHECK_THAT(nas_predict(text).output, contains_text("90 % within"));
    text.push_back("--csv");
    CHECK_THAT(
        nas_predict(text).output,
        contains_text("network,latency.total_ms,latency.total_ms low,latency.total_ms high,communication.rounds"));
    text.back() = "--per-layer";
    check_refused(nas_predict(text), "without values for each operation");
}

TEST_CASE("a link that a model was not fitted on is answered with a note, or refused where the model has none") {
    const std::vector<std::string> arguments = {"--plugin", uncertain, "--model", "uncertain", squeezenet};
    std::vector<std::string> other = arguments;
    other.insert(other.end(), {"--bandwidth-mbps", "100", "--rtt-ms", "20"});
    const Outcome answered = nas_predict(other);
    CHECK(answered.exit_code == 0);
    CHECK_THAT(answered.errors, contains_text("fitted on another link (7000 Mbit/s, 0.5 ms)") &&
                                    contains_text("100 Mbit/s, 20 ms is extrapolated"));
    // The plug-in takes a tenth of the round trip more for each operation.
    CHECK_THAT(answered.output, contains_text("5712.00"));
    std::vector<std::string> same = arguments;
    same.insert(same.end(), {"--bandwidth-mbps", "7000", "--rtt-ms", "0.5"});
    CHECK(nas_predict(same).errors.empty());

    // By its general name it is a parameter like any other.
    std::vector<std::string> named = arguments;
    named.insert(named.end(), {"--parameter", "rtt_ms=20"});
    CHECK(nas_predict(named).output == answered.output);

    // A model that says so itself is not repeated.
    const Outcome protocol = nas_predict({squeezenet, "--model", "protocol", "--setting", "wan", "--rtt-ms", "40"});
    CHECK(protocol.exit_code == 0);
    CHECK(lines_of(protocol.errors).size() == 1);
    CHECK_THAT(protocol.errors,
               contains_text("fitted on 'wan'") && contains_text("extrapolated, with wider intervals"));
    const auto total = [](const json& result) {
        return result["networks"][0]["metrics"]["latency.total_ms"].get<double>();
    };
    const json measured = predicted({squeezenet, "--model", "protocol", "--setting", "wan"});
    const json slower = predicted({squeezenet, "--model", "protocol", "--setting", "wan", "--rtt-ms", "40"});
    // Every round takes the 30 ms more, and nothing else does.
    const double rounds = measured["networks"][0]["metrics"]["rounds"];
    CHECK(total(slower) - total(measured) == Approx(30 * rounds).epsilon(0.1));
    const auto half_width = [&](const json& result) {
        return result["networks"][0]["intervals"]["latency.total_ms"][1].get<double>() - total(result);
    };
    CHECK(half_width(slower) > 1.645 * 0.18 * (total(slower) - total(measured)));
    CHECK(half_width(measured) < half_width(slower));

    check_refused(nas_predict({squeezenet, "--model", "analytical", "--bandwidth-mbps", "100"}),
                  "--bandwidth-mbps is not for this model");
    check_refused(nas_predict({squeezenet, "--model", "analytical", "--rtt-ms", "1"}),
                  "--rtt-ms is not for this model");
}

TEST_CASE("nas-predict refuses wrong command lines and inputs by reason") {
    const TemporaryFolder folder;
    const auto with = [&](std::vector<std::string> more) {
        more.insert(more.begin(), {squeezenet, "--model", "analytical"});
        return nas_predict(more);
    };
    check_refused(nas_predict({}), "nothing to predict");
    check_refused(nas_predict({squeezenet}), "an option is missing: expected --model");
    check_refused(with({"--program", table}), "found NETWORK and --program");
    check_refused(with({"--json", "--csv"}), "found --json and --csv");
    check_refused(with({"--metrics", "latency.totl_ms"}), "did you mean 'latency.total_ms'?");
    check_refused(with({"--settng", "lan"}), "did you mean '--setting'?");
    check_refused(with({"--setting", "lam"}), "found 'lam'");
    check_refused(with({"--engine", "opencheetah-2021"}), "'opencheetah-2023 wan'");
    check_refused(with({"--lowering", "athos"}), "--lowering");
    check_refused(with({"--rtt-ms", "fast"}), "--rtt-ms: found 'fast'");
    check_refused(with({"--bandwidth-mbps", "0"}), "--bandwidth-mbps: found '0', expected a number above 0");
    check_refused(with({"--rtt-ms", "0"}), "--rtt-ms: found '0', expected a number above 0");
    check_refused(with({"--parameter", "file"}), "--parameter: found 'file', expected NAME=VALUE");
    check_refused(with({"--setting", "lan", "--parameter", "setting=wan"}), "each name once");
    check_refused(with({"--parameter", "settng=wan"}), "did you mean 'setting'?");
    check_refused(with({"--bandwidth-mbps", "1e999"}), "--bandwidth-mbps");
    check_refused(with({"--plugin", folder / "absent.so"}), "absent.so");
    check_refused(nas_predict({squeezenet, "--model", "analitical"}), "did you mean 'analytical'?");
    check_refused(nas_predict({squeezenet, "--model", folder / "absent.model"}), "absent.model: cannot be read");
    check_refused(nas_predict({squeezenet, "--model", table}), "is not a model file");
    check_refused(nas_predict({folder / "absent.yaml", "--model", "analytical"}), "absent.yaml");
    check_refused(nas_predict({table, "--model", "analytical"}), table);
    check_refused(nas_predict({"--program", squeezenet, "--model", "analytical"}), squeezenet);
    std::string model = read_text(pretrained + "analytical-opencheetah-2022-lan.model");
    model[model.size() / 2] ^= 1;
    write_text(folder / "damaged.model", model);
    check_refused(nas_predict({squeezenet, "--model", folder / "damaged.model"}), "the checksum does not match");
    write_text(folder / "depthwise.yaml",
               "network: depthwise\ninput: {shape: [8, 16, 16]}\nlayers:\n"
               "  - {name: mobile, type: conv, channels: 8, kernel: 3, groups: 8}\n");
    check_refused(nas_predict({folder / "depthwise.yaml", "--model", "analytical"}),
                  "depthwise.yaml: layer 'mobile' has no secure form");
}

TEST_CASE("an operation that a model does not know is named") {
    const TemporaryFolder folder;
    write_text(folder / "program.csv",
               "network,run,position,op,in_h,in_w,in_c,out_h,out_w,out_c,k_h,k_w,stride_h,stride_w,pad_top,pad_bottom,"
               "pad_left,pad_right,numel,truncates\nmine,1,0,argmax,,,10,,,1,,,,,,,,,1,\n");
    check_refused(nas_predict({"--program", folder / "program.csv", "--model", "analytical"}),
                  "'mine' is not for the model 'analytical': found operation 0 (argmax");
}

TEST_CASE("nas-predict explains itself") {
    const Outcome help = nas_predict({"--help"});
    CHECK(help.exit_code == 0);
    for (const char* part : {"NETWORK", "--program", "--model", "--setting", "--bandwidth-mbps", "--rtt-ms",
                             "--metrics", "--per-layer", "--json", "--csv"}) {
        CHECK_THAT(help.output, contains_text(part));
    }
    CHECK_THAT(nas_predict({"--version"}).output, contains_text("nas-predict 0."));
}

#ifdef SOTTO_WITH_ONNX
TEST_CASE("a network from ONNX costs what it costs from YAML") {
    const std::string onnx = SOTTO_SOURCE_DIRECTORY "/tests/engine/onnx/models/resnet18.onnx";
    const json result = predicted({networks + "resnet18.yaml", onnx, "--model", "analytical"});
    REQUIRE(result.at("networks").size() == 2);
    CHECK(result["networks"][0].at("metrics") == result["networks"][1].at("metrics"));
    CHECK(result["networks"][1].at("network") == "resnet18");
}

TEST_CASE("what an ONNX file holds beside the network is said and what cannot be read is refused") {
    const std::string models = SOTTO_SOURCE_DIRECTORY "/tests/engine/onnx/models/";
    const Outcome outcome = nas_predict({models + "flatten_10.onnx", "--model", "analytical"});
    CHECK(outcome.exit_code == 0);
    CHECK_THAT(outcome.errors, contains_text("node '/LogSoftmax' (LogSoftmax) has no secure form and is left out"));
    check_refused(nas_predict({models + "absent.onnx", "--model", "analytical"}), "absent.onnx: cannot be read");
    const std::string damaged = SOTTO_SOURCE_DIRECTORY "/tests/fuzz/corpus/onnx_network/text.onnx";
    check_refused(nas_predict({damaged, "--model", "analytical"}), "is not an ONNX model, or is damaged");
}
#endif

TEST_CASE("a plug-in that ends the process does not make a prediction look done") {
    for (const std::string name : {"calls_exit", "ends_the_process"}) {
        CAPTURE(name);
        std::string id = "faulty-" + name;
        std::replace(id.begin(), id.end(), '_', '-');
        const std::string library = SOTTO_BINARY_DIRECTORY "/lib/sotto/faulty/" + name + ".so";
        const Outcome outcome = nas_predict({squeezenet, "--plugin", library, "--model", id});
        CHECK(outcome.exit_code == 1);
        CHECK(outcome.output.empty());
        CHECK_THAT(outcome.errors, contains_text("nothing was predicted"));
    }
}
