// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/input/csv.hpp"
#include "tests/support/catch.hpp"
#include "tests/tools/process.hpp"

using namespace sotto::tests;
using nlohmann::json;
using sotto::matchers::contains_text;

namespace {

const std::string configs = SOTTO_SOURCE_DIRECTORY "/configs/";
const std::string squeezenet = configs + "networks/squeezenet.yaml";
const std::string small_space = configs + "fashion_small_space.yaml";

Outcome nas_predict(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), SOTTO_BINARY_DIRECTORY "/bin/nas-predict");
    return run_program(arguments);
}

json scored(std::vector<std::string> arguments) {
    arguments.push_back("--json");
    const Outcome outcome = nas_predict(std::move(arguments));
    CAPTURE(outcome.errors);
    REQUIRE(outcome.exit_code == 0);
    return json::parse(outcome.output);
}

void check_refused(const std::vector<std::string>& arguments, const std::string& part) {
    const Outcome outcome = nas_predict(arguments);
    CHECK(outcome.exit_code == 2);
    CHECK(outcome.output.empty());
    CHECK_THAT(outcome.errors, contains_text("nas-predict: ") && contains_text(part));
}

}  // namespace

// 1,235,496 parameters: what torchvision's squeezenet1_1 has.
TEST_CASE("networks of files get their counts and the scores of the proxies") {
    const json result =
        scored({squeezenet, configs + "networks/resnet18.yaml", "--metrics", "params,accuracy.synflow"});
    REQUIRE(result.at("networks").size() == 2);
    const json& first = result["networks"][0];
    CHECK(first.at("network") == "squeezenet");
    CHECK(first.at("status") == "complete");
    CHECK(first["metrics"].at("params") == 1235496);
    CHECK(first["metrics"].at("accuracy.synflow") > 0);
    CHECK(result["plug_ins"].size() == 1);
    CHECK(result["plug_ins"][0]["id"] == "synflow");
}

TEST_CASE("a member of a space scores what the same network scores as a file") {
    const TemporaryFolder folder;
    const std::string list = folder / "genomes.txt";
    const json sample = scored({"--space", configs + "nasbench201_space.yaml", "--sample", "6", "--metrics",
                                "accuracy.naswot,accuracy.synflow,macs"});
    std::ofstream file(list);
    for (auto network = sample["networks"].rbegin(); network != sample["networks"].rend(); ++network) {
        file << network->at("genome").get<std::string>() << '\n';
    }
    file.close();
    const json again = scored({"--space", configs + "nasbench201_space.yaml", "--genomes", list, "--metrics",
                               "accuracy.naswot,accuracy.synflow,macs"});
    REQUIRE(again["networks"].size() == 6);
    for (std::size_t index = 0; index < 6; ++index) {
        const json& one = sample["networks"][index];
        const json& other = again["networks"][5 - index];
        CHECK(one["genome"] == other["genome"]);
        CHECK(one["metrics"] == other["metrics"]);
    }
}

TEST_CASE("genomes are read from a table and from the front of a run") {
    const TemporaryFolder folder;
    const std::string genomes = "edge01=conv3x3 edge02=skip edge03=none edge12=pool edge13=none edge23=conv1x1";
    std::ofstream(folder / "pareto.csv") << "number,genome,note\n7," << genomes << ",x\n";
    for (const std::string& source : {folder / "pareto.csv", folder / "."}) {
        const json read =
            scored({"--space", configs + "nasbench201_space.yaml", "--genomes", source, "--metrics", "params"});
        REQUIRE(read["networks"].size() == 1);
        CHECK(read["networks"][0]["genome"] == genomes);
    }
    std::filesystem::remove(folder / "pareto.csv");
    check_refused({"--space", configs + "nasbench201_space.yaml", "--genomes", folder / ".", "--metrics", "params"},
                  "a directory that holds no front");
}

TEST_CASE("a sample has each genome once and is the same for any number of threads") {
    const std::vector<std::string> arguments{
        "--space", small_space,  "--sample", "40",       "--metrics", "accuracy.*,latency.total_ms",
        "--model", "analytical", "--csv",    "--threads"};
    std::string first;
    for (const char* threads : {"1", "2", "3"}) {
        std::vector<std::string> with_threads = arguments;
        with_threads.emplace_back(threads);
        const Outcome outcome = nas_predict(with_threads);
        REQUIRE(outcome.exit_code == 0);
        first = first.empty() ? outcome.output : first;
        CHECK(outcome.output == first);
    }
    std::set<std::string> genomes;
    std::size_t rows = 0;
    for (std::size_t at = first.find('\n') + 1; at < first.size(); at = first.find('\n', at) + 1, ++rows) {
        genomes.insert(
            first.substr(first.find(',', at), first.find(',', first.find(',', at) + 1) - first.find(',', at)));
    }
    CHECK(rows == 40);
    CHECK(genomes.size() == 40);
    CHECK_THAT(first.substr(0, first.find('\n')),
               contains_text("network,genome,hash,status,reason,accuracy.") && contains_text(",latency.total_ms"));
}

TEST_CASE("another seed draws other members") {
    const auto genomes = [](const std::string& seed) {
        return scored({"--space", small_space, "--sample", "5", "--metrics", "params", "--seed", seed})["networks"];
    };
    CHECK(genomes("1") == genomes("1"));
    CHECK(genomes("1") != genomes("2"));
}

TEST_CASE("a parameter goes to the plug-in it names") {
    const auto score = [](const std::string& batch) {
        return scored({squeezenet, "--metrics", "accuracy.naswot", "--parameter", "naswot.batch=" + batch});
    };
    CHECK(score("4")["plug_ins"][0]["parameters"]["batch"] == "4");
    CHECK(score("4")["networks"] != score("8")["networks"]);
}

TEST_CASE("a network that a proxy cannot take keeps its row and says why") {
    const json result =
        scored({squeezenet, "--metrics", "accuracy.naswot,params", "--parameter", "naswot.input_size=4"});
    const json& network = result["networks"][0];
    CHECK(network["status"] == "unsupported");
    CHECK_THAT(network["reason"].get<std::string>(), contains_text("does not fit"));
    CHECK(network["metrics"]["accuracy.naswot"].is_null());
    CHECK(network["metrics"]["params"] == 1235496);
}

TEST_CASE("what several proxies say of a network is told apart") {
    const TemporaryFolder folder;
    std::ofstream(folder / "plain.yaml")
        << "network: plain\ninput: {shape: [3, 8, 8]}\nlayers: [{name: r, type: relu}]\n";
    const json result = scored({folder / "plain.yaml", "--metrics", "accuracy.synflow,accuracy.zen,accuracy.snip"});
    const std::string reason = result["networks"][0]["reason"];
    CHECK_THAT(reason, contains_text("synflow: the network has no weights") &&
                           contains_text("; snip: the network has no weights"));
}

TEST_CASE("a note says where a metric is another one than if it were asked for alone") {
    const auto errors = [](std::vector<std::string> arguments) {
        arguments.insert(arguments.begin(), {squeezenet, "--metrics"});
        return nas_predict(arguments).errors;
    };
    CHECK_THAT(errors({"accuracy.naswot,accuracy.synflow"}), contains_text("accuracy.synflow is given by 'combined'") &&
                                                                 contains_text("input_size 64 instead of 0") &&
                                                                 !contains_text("accuracy.naswot is given"));
    CHECK(errors({"accuracy.synflow"}).empty());
    CHECK(errors({"accuracy.naswot,accuracy.synflow", "--parameter", "combined.input_size=0", "--parameter",
                  "combined.batch=4"})
              .find("accuracy.synflow") == std::string::npos);
    CHECK_THAT(errors({"accuracy.ensemble", "--parameter", "ensemble.fit_sample=9"}), contains_text("not fitted"));
}

TEST_CASE("a note says which parameters of a run configuration are not taken") {
    const TemporaryFolder folder;
    std::ofstream(folder / "run.yaml")
        << "format: 1\nspace:\n  input: {shape: [3, 32, 32]}\n  choices: {width: [1, 2]}\n"
           "  layers: [{type: conv, channels: 4 * width, kernel: 3}, {type: relu}]\n"
           "accuracy: [{id: naswot, batch: 4, repeats: 2}]\n"
           // As nas-run writes the default, 0.0005.
           "stages: [{id: trained, candidates: 2, by: accuracy.validation, weight_decay: 5e-04, epochs: 3}]\n"
           "cost_model: {id: protocol, setting: wan}\n";
    const auto errors = [&](std::vector<std::string> parameters) {
        parameters.insert(parameters.begin(),
                          {"--space", folder / "run.yaml", "--sample", "2", "--metrics", "accuracy.naswot"});
        return nas_predict(parameters).errors;
    };
    CHECK_THAT(errors({}), contains_text("run.yaml: batch ('16', not '4'), repeats ('1', not '2')"));
    CHECK_THAT(errors({"--parameter", "naswot.batch=4"}), contains_text("run.yaml: repeats ('1', not '2')"));
    CHECK(errors({"--parameter", "naswot.batch=4", "--parameter", "naswot.repeats=2"}).empty());
    const Outcome others = nas_predict({"--space", folder / "run.yaml", "--sample", "1", "--metrics",
                                        "accuracy.validation,latency.total_ms", "--model", "protocol"});
    CHECK_THAT(others.errors,
               contains_text("run.yaml: epochs ('10', not '3');") && contains_text("setting ('lan', not 'wan')"));
}

TEST_CASE("options that do not go together are answered") {
    check_refused({"--space", small_space, "--sample", "2", "--metrics", "params", "--seed", "-1"}, "--seed");
    check_refused({"--space", small_space, "--metrics", "params"}, "--genomes FILE, or --sample N");
    check_refused({"--space", small_space, "--sample", "2", "--genomes", "x", "--metrics", "params"},
                  "found --genomes and --sample");
    check_refused({"--space", small_space, "--sample", "2"}, "--metrics LIST");
    check_refused({squeezenet, "--space", small_space, "--sample", "2", "--metrics", "params"}, "one of them");
    check_refused({squeezenet, "--model", "analytical", "--sample", "2"}, "--space SPACE.yaml");
    check_refused({squeezenet, "--model", "analytical", "--threads", "2"}, "a scoring");
    check_refused({squeezenet, "--metrics", "accuracy.*", "--per-layer"}, "--per-layer");
    check_refused({squeezenet, "--metrics", "accuracy.snyflow"}, "did you mean 'accuracy.synflow'");
    check_refused({squeezenet, "--metrics", "accuracy.synflow,latency.total_ms"}, "--model ID");
    check_refused({squeezenet, "--metrics", "accuracy.synflow", "--parameter", "batch=2"}, "ID.NAME=VALUE");
    check_refused({squeezenet, "--metrics", "accuracy.synflow", "--parameter", "naswot.batch=2"},
                  "gives none of these metrics");
    check_refused({squeezenet, "--metrics", "accuracy.synflow", "--parameter", "synflow.input_size=-3"}, "input_size");
    check_refused({"--space", squeezenet, "--sample", "2", "--metrics", "params"}, "'space'");
    check_refused({"--space", small_space, "--genomes", "no/such/file", "--metrics", "params"}, "no/such/file");
}
