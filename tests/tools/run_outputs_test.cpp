// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

#include <nlohmann/json.hpp>

#include "engine/arch/canonical_hash.hpp"
#include "engine/arch/network_yaml.hpp"
#include "engine/run/store.hpp"
#ifdef SOTTO_WITH_ONNX
#include "engine/onnx/read_network.hpp"
#endif
#include "tests/support/catch.hpp"
#include "tests/tools/nas_run.hpp"

using namespace sotto::tests;
using nlohmann::json;

TEST_CASE("a run leaves a complete directory") {
    const TemporaryFolder folder;
    const std::string directory = folder / "run";
    const Outcome outcome = run_tiny(directory);
    CAPTURE(outcome.errors);
    REQUIRE(outcome.exit_code == 0);

    const std::vector<std::string> front = lines_of(read_text(directory + "/pareto.csv"));
    REQUIRE(front.size() > 2);
    const std::vector<std::string> header = fields_of(front[0]);
    CHECK(header.front() == "id");
    CHECK(header[1] == "latency.total_ms");
    CHECK(header[2] == "accuracy.probe");
    CHECK(header.back() == "genome");
    for (const char* metric : {"params", "macs", "relus", "comparisons", "latency.client_ms", "latency.server_ms"}) {
        CAPTURE(metric);
        CHECK(std::find(header.begin(), header.end(), metric) != header.end());
    }
    double latency = 0;
    double score = -1e9;
    for (std::size_t i = 1; i < front.size(); ++i) {
        const std::vector<std::string> fields = fields_of(front[i]);
        REQUIRE(fields.size() == header.size());
        CHECK(std::stod(fields[1]) > latency);  // a front sorted by one of two objectives rises in the other
        CHECK(std::stod(fields[2]) > score);
        latency = std::stod(fields[1]);
        score = std::stod(fields[2]);
    }

    std::size_t best = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory + "/best")) {
        ++best;
        CHECK(lines_of(read_text(entry.path() / "secure_program.csv")).size() > 1);
        const auto network = sotto::arch::read_network_file((entry.path() / "network.yaml").string());
        CHECK(network.size() > 1);
        CHECK(contains(read_text(entry.path() / "model.py"),
                       "\nhash        " + sotto::arch::to_text(sotto::arch::canonical_hash(network)) + "\n"));
    }
    CHECK(best == front.size() - 1);
    CHECK(std::filesystem::exists(directory + "/config.yaml"));
    CHECK(std::filesystem::exists(directory + "/run.db"));
    const std::vector<std::string> baseline = lines_of(read_text(directory + "/baseline.csv"));
    REQUIRE(baseline.size() == 2);
    CHECK(baseline[0] == front[0]);
    CHECK(contains(baseline[1], "depth=4"));

    // The table: header, baseline, one row per member.
    const std::vector<std::string> table = lines_of(outcome.output);
    REQUIRE(table.size() == front.size() + 1);
    CHECK(contains(table[0], "speed-up"));
    CHECK(contains(table[1], "baseline"));
    CHECK(contains(table[1], "1.00x"));
}

TEST_CASE("the JSON form prints one object with what a program needs") {
    const TemporaryFolder folder;
    const Outcome outcome = run_tiny(folder / "run", {"--json", "--quiet"});
    REQUIRE(outcome.exit_code == 0);
    CHECK(outcome.errors.empty());
    CHECK(lines_of(outcome.output).size() == 1);
    const json result = json::parse(outcome.output);
    CHECK(result.at("run_dir") == folder / "run");
    CHECK(result.at("status") == "done");
    CHECK(result.at("seed") == 7);
    CHECK(result.at("evaluations") == 120);
    CHECK(result.at("distinct").get<int>() <= 120);
    CHECK(result.at("distinct").get<int>() > 50);
    CHECK(result.at("front_size") == result.at("front").size());
    CHECK(result.at("hypervolume").get<double>() > 1);  // the front is larger than the baseline alone
    CHECK(result.at("seconds").get<double>() > 0);
    const double latency = result.at("baseline").at("latency.total_ms");
    const double score = result.at("baseline").at("accuracy.probe");
    CHECK(latency > 0);
    CHECK(result.at("baseline").at("params") == 77610);
    CHECK(result.at("hypervolume_reference").at("latency.total_ms").get<double>() == Approx(2 * latency));
    CHECK(result.at("hypervolume_reference").at("accuracy.probe").get<double>() == Approx(score - std::abs(score)));
    for (const json& member : result.at("front")) {
        CHECK(member.at("id").is_number_unsigned());
        CHECK(member.at("metrics").at("latency.total_ms").is_number());
        CHECK(member.at("genome").is_string());
    }
}

TEST_CASE("the hypervolume is the area of the front's staircase in units of the baseline") {
    const TemporaryFolder folder;
    const Outcome outcome = run_tiny(folder / "run", {"--json", "--quiet"});
    REQUIRE(outcome.exit_code == 0);
    const json result = json::parse(outcome.output);
    const double latency = result["baseline"]["latency.total_ms"];
    const double score = result["baseline"]["accuracy.probe"];
    // Members from fast and weak to slow and strong; the reference is (2, 0) in baselines.
    double area = 0;
    double lower = 0;
    for (const json& member : result["front"]) {
        const double x = member["metrics"]["latency.total_ms"].get<double>() / latency;
        const double y = member["metrics"]["accuracy.probe"].get<double>() / score;
        if (x < 2 && y > lower) {
            area += (2 - x) * (y - lower);
            lower = y;
        }
    }
    CHECK(result["hypervolume"].get<double>() == Approx(area));
}

TEST_CASE("the result does not depend on threads, nor on where it is run") {
    const TemporaryFolder folder;
    REQUIRE(run_tiny(folder / "one", {"--threads", "1"}).exit_code == 0);
    REQUIRE(run_tiny(folder / "two", {"--threads", "2"}).exit_code == 0);
    REQUIRE(run_tiny(folder / "four", {"--threads", "4"}).exit_code == 0);
    const std::string expected = read_text(folder / "one/pareto.csv");
    CHECK(!expected.empty());
    CHECK((read_text(folder / "two/pareto.csv") == expected));
    CHECK((read_text(folder / "four/pareto.csv") == expected));

    REQUIRE(nas_run({folder / "one/config.yaml", "--out", folder / "again"}).exit_code == 0);
    CHECK((read_text(folder / "again/pareto.csv") == expected));
    CHECK(read_text(folder / "again/config.yaml") == read_text(folder / "one/config.yaml"));
}

TEST_CASE("another seed gives another front, random search too") {
    const TemporaryFolder folder;
    REQUIRE(run_tiny(folder / "first").exit_code == 0);
    REQUIRE(run_tiny(folder / "second", {"--seed", "8"}).exit_code == 0);
    REQUIRE(run_tiny(folder / "random", {"--strategy", "random"}).exit_code == 0);
    CHECK(read_text(folder / "first/pareto.csv") != read_text(folder / "second/pareto.csv"));
    CHECK(read_text(folder / "first/pareto.csv") != read_text(folder / "random/pareto.csv"));
    CHECK(contains(read_text(folder / "second/config.yaml"), "seed: 8"));
    CHECK(contains(read_text(folder / "random/config.yaml"), "strategy: random"));
}

TEST_CASE("what happens is told as JSON lines while it does") {
    const TemporaryFolder folder;
    const std::string directory = folder / "run";
    REQUIRE(run_tiny(directory, {"--events", folder / "events", "--quiet"}).exit_code == 0);
    std::vector<json> events;
    for (const std::string& line : lines_of(read_text(folder / "events"))) {
        events.push_back(json::parse(line));
    }
    REQUIRE(events.size() > 11);
    CHECK(events.front().at("event") == "run_started");
    CHECK(events.front().at("budget") == 120);
    CHECK(events.back().at("event") == "run_finished");
    CHECK(events.back().at("outcome") == "done");
    CHECK(events.back().at("reason") == "budget used");

    std::vector<json> generations;
    std::copy_if(events.begin(), events.end(), std::back_inserter(generations),
                 [](const json& event) { return event.at("event") == "generation_finished"; });
    const auto store = sotto::run::Store::open(directory + "/run.db", sotto::run::Store::Access::read_only);
    const auto rows = store.generations();
    REQUIRE(generations.size() == 10);
    REQUIRE(rows.size() == 10);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        CHECK(generations[i].at("generation") == i);
        CHECK(generations[i].at("evaluations") == 12 * (i + 1));
        CHECK(generations[i].at("candidates") == 12);
        CHECK(generations[i].at("front_size") == rows[i].front_size);
        CHECK(generations[i].at("hypervolume") == rows[i].hypervolume);
        CHECK(generations[i].at("candidates_per_second") == rows[i].candidates_per_second);
    }

    const Outcome both = run_tiny(folder / "again", {"--events", "-", "--json", "--quiet"});
    const std::vector<std::string> lines = lines_of(both.output);
    CHECK(json::parse(lines.front()).at("event") == "run_started");
    CHECK(json::parse(lines.back()).at("status") == "done");
    const Outcome refused = run_tiny(folder / "refused", {"--events", folder / "absent" + "/events"});
    CHECK(refused.exit_code == 1);
    CHECK(contains(refused.errors, "absent/events: cannot be opened"));
    CHECK_FALSE(std::filesystem::exists(folder / "refused"));
}

TEST_CASE("the operators of a strategy that adapts are recorded for each generation") {
    const TemporaryFolder folder;
    const std::string directory = folder / "run";
    REQUIRE(run_tiny(directory, {"--strategy", "guided"}).exit_code == 0);
    const auto store = sotto::run::Store::open(directory + "/run.db", sotto::run::Store::Access::read_only);
    // Candidates by operator, counted from the other table.
    std::map<std::string, std::uint64_t> made;
    const auto candidates = store.candidates();
    std::size_t next = 0;
    bool any = false;
    for (const sotto::run::StoredGeneration& generation : store.generations()) {
        double probability = 0;
        const auto operators = store.operators(generation.generation);
        for (const sotto::run::StoredOperator& credit : operators) {
            CAPTURE(generation.generation, credit.name);
            CHECK(credit.children == made[credit.name]);
            CHECK(credit.successes <= credit.children);
            probability += credit.probability;
            any = any || credit.children > 0;
        }
        if (!operators.empty()) {
            CHECK(probability == Approx(1));
        }
        for (; next < candidates.size() && candidates[next].generation == generation.generation; ++next) {
            ++made[candidates[next].source];
        }
    }
    CHECK(any);
}

TEST_CASE("a plug-in is given no candidate that a cheaper metric refused, and the result says so") {
    const TemporaryFolder folder;
    const std::string config = folder / "run.yaml";
    write_text(config, read_text(tiny_run) + "constraints:\n  params: {max: 10000}\n  latency.total_ms: {max: 4000}\n");
    const Outcome outcome = nas_run({config, "--plugin", probe_library, "--out", folder / "run", "--json"});
    CAPTURE(outcome.errors);
    REQUIRE(outcome.exit_code == 0);
    const json result = json::parse(outcome.output);
    const auto store = sotto::run::Store::open(folder / "run" + "/run.db", sotto::run::Store::Access::read_only);
    const std::size_t latency = 4;
    const std::size_t score = 7;
    REQUIRE(store.metrics().at(latency).name.rfind("latency.", 0) == 0);
    REQUIRE(store.metrics().at(score).name == "accuracy.probe");
    std::uint64_t too_large = 0;
    std::uint64_t too_slow = 0;
    std::uint64_t complete = 0;
    store.for_each_evaluation([&](const sotto::evaluate::Evaluation& evaluation) {
        const bool timed = !std::isnan(evaluation.metrics.at(latency));
        const bool scored = !std::isnan(evaluation.metrics.at(score));
        CHECK(timed == (evaluation.metrics.at(0) <= 10000));
        if (!timed) {
            ++too_large;
            CHECK(contains(evaluation.reason, "is over the limit 10,000"));
        } else if (!scored) {
            ++too_slow;
            CHECK(contains(evaluation.reason, "is over the limit 4,000"));
        } else {
            ++complete;
        }
    });
    CHECK(too_large > 10);
    CHECK(too_slow > 0);
    // The baseline, which breaks both limits, is scored once more without them.
    const json& stages = result.at("stages");
    CHECK(stages.at(0) == json({{"id", "analytical"}, {"candidates", too_slow + complete}}));
    CHECK(stages.at(1) == json({{"id", "probe"}, {"candidates", complete}}));
    CHECK(result.at("constrained").get<std::uint64_t>() >= too_large + too_slow);
    CHECK(contains(outcome.errors, std::to_string(complete) + " by probe"));
}

TEST_CASE("constraints keep candidates off the front, not the baseline off the result") {
    const TemporaryFolder folder;
    const std::string config = folder / "limited.yaml";
    write_text(config, read_text(tiny_run) + "constraints:\n  params: {max: 10000}\n");
    const Outcome outcome = nas_run({config, "--plugin", probe_library, "--out", folder / "run", "--json", "--quiet"});
    CAPTURE(outcome.errors);
    REQUIRE(outcome.exit_code == 0);
    const json result = json::parse(outcome.output);
    CHECK(result["baseline"]["params"] == 77610);
    REQUIRE(result["front_size"].get<int>() > 0);
    for (const json& member : result["front"]) {
        CHECK(member["metrics"]["params"].get<int>() <= 10000);
    }
}

TEST_CASE("a run in which nothing keeps the constraints says so") {
    const TemporaryFolder folder;
    const std::string config = folder / "limited.yaml";
    write_text(config, read_text(tiny_run) + "constraints:\n  params: {max: 1}\n");
    const Outcome outcome = nas_run({config, "--plugin", probe_library, "--out", folder / "run"});
    CHECK(outcome.exit_code == 0);
    CHECK(contains(outcome.errors, "no candidate keeps every limit under 'constraints'"));
    CHECK(lines_of(outcome.output).size() == 2);  // header, baseline
    CHECK(lines_of(read_text(folder / "run/pareto.csv")).size() == 1);
    const Outcome loose = run_tiny(folder / "loose");
    CHECK_FALSE(contains(loose.errors, "no candidate keeps"));
}

namespace {

std::set<std::string> names_in(const std::string& directory) {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(directory)) {
        names.insert(entry.path().filename().string());
    }
    return names;
}

std::string row_number(std::size_t row) {
    return (row < 10 ? "0" : "") + std::to_string(row);
}

}  // namespace

TEST_CASE("a front with more members than best gets directories that spread over it") {
    const TemporaryFolder folder;
    REQUIRE(run_tiny(folder / "all", {"--quiet"}).exit_code == 0);
    const std::string config = folder / "bounded.yaml";
    write_text(config, read_text(tiny_run) + "best: 3\n");
    const auto bounded = [&](const std::string& name, std::vector<std::string> more) {
        more.insert(more.begin(), {config, "--plugin", probe_library, "--out", folder / name});
        Outcome outcome = nas_run(more);
        CAPTURE(outcome.errors);
        REQUIRE(outcome.exit_code == 0);
        return outcome;
    };
    const Outcome outcome = bounded("three", {"--threads", "1"});
    const std::string pareto = read_text(folder / "three/pareto.csv");
    CHECK(pareto == read_text(folder / "all/pareto.csv"));
    const std::vector<std::string> front = lines_of(pareto);
    const std::size_t members = front.size() - 1;
    REQUIRE(members > 3);

    // The ends, and between them the member farthest from both: latency by its logarithm, each divided by its range.
    std::vector<double> latency;
    std::vector<double> score;
    for (std::size_t row = 1; row <= members; ++row) {
        latency.push_back(std::log(std::stod(fields_of(front[row])[1])));
        score.push_back(std::stod(fields_of(front[row])[2]));
    }
    std::size_t farthest = 0;
    double most = 0;
    for (std::size_t i = 0; i < members; ++i) {
        const double along = (latency[i] - latency.front()) / (latency.back() - latency.front());
        const double up = (score[i] - score.front()) / (score.back() - score.front());
        const double distance = std::min(std::hypot(along, up), std::hypot(1 - along, 1 - up));
        farthest = distance > most ? i : farthest;
        most = std::max(most, distance);
    }
    const std::set<std::string> expected = {"01", row_number(farthest + 1), row_number(members)};
    CHECK(names_in(folder / "three/best") == expected);
    for (const std::string& name : expected) {
        for (const char* file : {"/network.yaml", "/model.py", "/genome.txt", "/secure_program.csv"}) {
            CHECK(read_text(folder / "three/best/" + name + file) == read_text(folder / "all/best/" + name + file));
        }
        CHECK(fields_of(front[std::stoul(name)]).back() + '\n' ==
              read_text(folder / "three/best/" + name + "/genome.txt"));
    }
    CHECK(lines_of(outcome.output).size() == 2 + 3);  // header, baseline, members
    CHECK(contains(outcome.errors, "best/ and the table hold 3 of the " + std::to_string(members) + " on the front"));

    // On two threads the same; the JSON form says where each member is, or that it is nowhere.
    const json result = json::parse(bounded("threads", {"--threads", "2", "--json"}).output);
    CHECK(names_in(folder / "threads/best") == expected);
    REQUIRE(result.at("front").size() == members);
    for (std::size_t i = 0; i < members; ++i) {
        const bool is_there = expected.contains(row_number(i + 1));
        CHECK(result["front"][i].at("best") == (is_there ? json("best/" + row_number(i + 1)) : json(nullptr)));
    }

    // It is no part of what the run is: a complete one gets more, fewer or none of them afterwards.
    REQUIRE(resume(folder / "three", {"--plugin", probe_library, "--best", "1000"}).exit_code == 0);
    CHECK(names_in(folder / "three/best") == names_in(folder / "all/best"));
    REQUIRE(resume(folder / "three", {"--plugin", probe_library, "--best", "0"}).exit_code == 0);
    CHECK(names_in(folder / "three/best").empty());
    CHECK(read_text(folder / "three/pareto.csv") == pareto);
}

TEST_CASE("a default run directory is named after configuration and seed") {
    const TemporaryFolder folder;
    const std::vector<std::string> arguments = {tiny_run, "--plugin", probe_library, "--evaluations", "20", "--json"};
    for (int i = 0; i < 2; ++i) {
        REQUIRE(nas_run(arguments, {}, folder.path()).exit_code == 0);
    }
    CHECK(std::filesystem::exists(folder / "runs/tiny_run-7/pareto.csv"));
    CHECK(std::filesystem::exists(folder / "runs/tiny_run-7-2/pareto.csv"));
}

#ifdef SOTTO_WITH_ONNX
TEST_CASE("the front is written as ONNX and nothing else differs") {
    const TemporaryFolder folder;
    REQUIRE(run_tiny(folder / "plain").exit_code == 0);
    REQUIRE(run_tiny(folder / "onnx", {"--onnx"}).exit_code == 0);
    CHECK(read_text(folder / "plain/pareto.csv") == read_text(folder / "onnx/pareto.csv"));
    CHECK_FALSE(std::filesystem::exists(folder / "plain/best/01/network.onnx"));
    const auto hash_of = [](const sotto::arch::Network& network) {
        return sotto::arch::to_text(sotto::arch::canonical_hash(network));
    };
    std::size_t members = 0;
    for (const auto& member : std::filesystem::directory_iterator(folder / "onnx/best")) {
        const std::string path = member.path().string();
        CHECK(hash_of(sotto::onnx::read_network_file(path + "/network.onnx")) ==
              hash_of(sotto::arch::read_network_file(path + "/network.yaml")));
        ++members;
    }
    CHECK(members > 1);
    // A run that is complete gets them afterwards.
    REQUIRE(resume(folder / "plain", {"--plugin", probe_library, "--onnx"}).exit_code == 0);
    CHECK(read_text(folder / "plain/best/01/network.onnx") == read_text(folder / "onnx/best/01/network.onnx"));
}
#endif
