// SPDX-License-Identifier: Apache-2.0
// A proxy that is fitted to a random sample of the run's space, by the tests' own proxy.
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "engine/run/store.hpp"
#include "tests/support/catch.hpp"
#include "tests/tools/nas_run.hpp"
#include "tests/tools/stored_run.hpp"

using namespace sotto::tests;

namespace {

// Four members, whose scores are ln(1 + 3 stem) + 0.5.
std::string four_members(const TemporaryFolder& folder, const std::string& sample, const std::string& seed = "7") {
    std::string path = folder / ("four-" + sample + "-" + seed + ".yaml");
    std::ofstream(path) << "format: 1\n"
                           "search: {strategy: random, population: 4, evaluations: 4, seed: "
                        << seed
                        << "}\n"
                           "cost_model: {id: analytical, setting: lan}\n"
                           "accuracy:\n"
                           "  - {id: probe, fit_sample: "
                        << sample
                        << "}\n"
                           "objectives:\n"
                           "  - {metric: latency.total_ms, goal: minimize}\n"
                           "  - {metric: accuracy.probe, goal: maximize}\n"
                           "space:\n"
                           "  name: four\n"
                           "  input: {shape: [3, 16, 16]}\n"
                           "  choices: {stem: [8, 16, 24, 32]}\n"
                           "  layers:\n"
                           "    - {name: stem, type: conv, channels: stem, kernel: 3, padding: same}\n"
                           "    - {type: relu}\n"
                           "    - {type: global_average_pool}\n"
                           "    - {type: flatten}\n"
                           "    - {type: fully_connected, features: 10}\n"
                           "  baseline: {stem: 32}\n";
    return path;
}

Outcome run(const std::string& config, const std::string& directory, std::vector<std::string> more = {}) {
    more.insert(more.begin(), {config, "--plugin", probe_library, "--out", directory});
    return nas_run(std::move(more));
}

std::string fitted_line(const std::string& directory) {
    std::ifstream file(directory + "/config.yaml");
    for (std::string line; std::getline(file, line);) {
        if (contains(line, "fitted:")) {
            return line;
        }
    }
    return {};
}

}  // namespace

TEST_CASE("a proxy is fitted to the mean and deviation over the space") {
    const TemporaryFolder folder;
    const Outcome outcome = run(four_members(folder, "50"), folder / "run");
    INFO(outcome.errors);
    REQUIRE(outcome.exit_code == 0);
    double mean = 0;
    double squares = 0;
    for (const double stem : std::array{8.0, 16.0, 24.0, 32.0}) {
        const double score = std::log(1 + 3 * stem) + 0.5;
        mean += score / 4;
        squares += score * score / 4;
    }
    const std::string line = fitted_line(folder / "run");
    INFO(line);
    double found_mean = 0;
    double found_deviation = 0;
    const std::size_t at = line.find("accuracy.probe ");
    REQUIRE(at != std::string::npos);
    REQUIRE(std::sscanf(line.c_str() + at, "accuracy.probe %lf %lf", &found_mean, &found_deviation) == 2);
    CHECK(found_mean == Approx(mean).epsilon(1e-12));
    CHECK(found_deviation == Approx(std::sqrt(squares - mean * mean)).epsilon(1e-9));
}

TEST_CASE("members without a score are told of or end the run as on_error says") {
    const TemporaryFolder folder;
    bool was_met = false;
    // Which of the four the fault hits depends on the seed; where it hits the baseline, the run ends.
    for (int seed = 1; seed <= 40 && !was_met; ++seed) {
        const std::string config = four_members(folder, "4, fault: throw, every: 3", std::to_string(seed));
        const std::string lenient = folder / ("skip-" + std::to_string(seed) + ".yaml");
        write_text(lenient, read_text(config) + "on_error: skip\n");
        const std::string directory = folder / std::to_string(seed);
        const Outcome skipped = run(lenient, directory);
        CAPTURE(seed, skipped.errors);
        if (skipped.exit_code != 0) {
            continue;
        }
        const auto store = sotto::run::Store::open(directory + "/run.db", sotto::run::Store::Access::read_only);
        std::vector<double> scores;
        for (const sotto::run::StoredCandidate& candidate : store.candidates()) {
            sotto::evaluate::Evaluation evaluation;
            REQUIRE(store.find(candidate.hash.value(), evaluation));
            if (evaluation.status == sotto::evaluate::Evaluation::Status::complete) {
                scores.push_back(std::log(1 + 3 * std::stod(candidate.genome.substr(candidate.genome.find('=') + 1))) +
                                 0.5);
            }
        }
        REQUIRE(store.candidate_count() == 4);
        if (scores.size() == 4) {
            CHECK_FALSE(contains(skipped.errors, "is fitted to"));
            continue;
        }
        was_met = true;
        double mean = 0;
        for (const double score : scores) {
            mean += score / static_cast<double>(scores.size());
        }
        CHECK(contains(skipped.errors, "'probe' is fitted to " + std::to_string(scores.size()) +
                                           " of 4 random members of the space; the others have no score, the first "
                                           "because of: "));
        CHECK(contains(skipped.errors, "the probe threw as asked"));
        const std::string line = fitted_line(directory);
        const std::size_t at = line.find("accuracy.probe ");
        REQUIRE(at != std::string::npos);
        CHECK(std::stod(line.substr(at + 15)) == Approx(mean).epsilon(1e-12));

        const Outcome stopped = run(config, folder / "stopped");
        CAPTURE(stopped.errors);
        CHECK(stopped.exit_code == 1);
        CHECK(contains(stopped.errors, "fitting to the space, random member "));
        CHECK(contains(stopped.errors, "the probe threw as asked"));
        CHECK(contains(stopped.errors, "its genome: stem="));
        CHECK_FALSE(contains(stopped.errors, "--resume"));
        CHECK_FALSE(std::filesystem::exists(folder / "stopped"));
    }
    CHECK(was_met);
}

TEST_CASE("nothing is fitted unless the configuration asks for it") {
    const TemporaryFolder folder;
    REQUIRE(run(four_members(folder, "0"), folder / "run").exit_code == 0);
    CHECK_FALSE(contains(fitted_line(folder / "run"), "accuracy.probe"));
}

TEST_CASE("what is fitted does not depend on threads and stays when a run is resumed") {
    const TemporaryFolder folder;
    const std::string config = four_members(folder, "3");
    REQUIRE(run(config, folder / "one", {"--threads", "1"}).exit_code == 0);
    REQUIRE(run(config, folder / "two", {"--threads", "2"}).exit_code == 0);
    const std::string line = fitted_line(folder / "one");
    CHECK(contains(line, "accuracy.probe"));
    CHECK(fitted_line(folder / "two") == line);
    const std::string before = files_of(folder / "one");
    const Outcome resumed = resume(folder / "one", {config});
    INFO(resumed.errors);
    CHECK(resumed.exit_code == 0);
    CHECK(fitted_line(folder / "one") == line);
    CHECK((files_of(folder / "one") == before));
}
