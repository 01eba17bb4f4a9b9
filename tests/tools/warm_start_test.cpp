// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <sstream>

#include "engine/run/store.hpp"
#include "tests/support/catch.hpp"
#include "tests/tools/nas_run.hpp"

using namespace sotto::tests;

namespace {

const std::string first_genome = "stem=8 depth=1 nonlinearity=relu body[0].width=8 body[0].kernel=1";
const std::string second_genome =
    "stem=24 depth=2 nonlinearity=square body[0].width=16 body[0].kernel=3 body[1].width=32 body[1].kernel=1";

// The tiny run that begins with these.
std::string run_from(const TemporaryFolder& folder, const std::string& items) {
    std::string text = read_text(tiny_run);
    text.insert(text.find("  seed: 7\n"), "  initial:\n" + items);
    write_text(folder / "run.yaml", text);
    return folder / "run.yaml";
}

Outcome start(const std::string& config, const std::string& directory) {
    return nas_run({config, "--plugin", probe_library, "--out", directory});
}

// The genomes with which a run began.
std::vector<std::string> beginning_of(const std::string& directory, const std::string& source) {
    const auto store = sotto::run::Store::open(directory + "/run.db", sotto::run::Store::Access::read_only);
    std::vector<std::string> genomes;
    for (const auto& candidate : store.candidates()) {
        if (candidate.source == source) {
            genomes.push_back(candidate.genome);
        }
    }
    return genomes;
}

std::vector<std::string> front_of(const std::string& directory) {
    std::vector<std::string> genomes;
    std::istringstream lines(read_text(directory + "/pareto.csv"));
    std::string line;
    for (std::getline(lines, line); std::getline(lines, line);) {
        genomes.push_back(line.substr(line.rfind(',') + 1));
    }
    return genomes;
}

std::string refusal(const TemporaryFolder& folder, const std::string& item) {
    const Outcome outcome = start(run_from(folder, "    - " + item + "\n"), folder / "refused");
    CHECK(outcome.exit_code == 2);
    CHECK_FALSE(std::filesystem::exists(folder / "refused"));
    return outcome.errors;
}

}  // namespace

TEST_CASE("a run begins with the genomes of a list, after the baseline") {
    const TemporaryFolder folder;
    write_text(folder / "genomes.txt", "# two networks\n" + first_genome + "\n\n  " + second_genome + "\n");
    const std::string config = run_from(folder, "    - genomes.txt\n    - {genome: \"" + first_genome + "\"}\n");
    const Outcome outcome = start(config, folder / "run");
    CAPTURE(outcome.errors);
    REQUIRE(outcome.exit_code == 0);
    CHECK(beginning_of(folder / "run", "baseline").size() == 1);
    CHECK(beginning_of(folder / "run", "initial") == std::vector<std::string>{first_genome, second_genome});

    // The run directory needs the list no more.
    std::filesystem::remove(folder / "genomes.txt");
    REQUIRE(nas_run({folder / "run" + "/config.yaml", "--out", folder / "again"}).exit_code == 0);
    CHECK(read_text(folder / "again" + "/pareto.csv") == read_text(folder / "run" + "/pareto.csv"));
    CHECK(resume(folder / "run", {"--evaluations", "130"}).exit_code == 0);
}

TEST_CASE("a run begins with the front of another or one of its networks") {
    const TemporaryFolder folder;
    REQUIRE(run_tiny(folder / "first", {"--evaluations", "60"}).exit_code == 0);
    const std::vector<std::string> front = front_of(folder / "first");
    REQUIRE(front.size() > 5);
    const Outcome outcome = start(run_from(folder, "    - first\n"), folder / "second");
    CAPTURE(outcome.errors);
    REQUIRE(outcome.exit_code == 0);
    std::vector<std::string> begun = beginning_of(folder / "second", "initial");
    // The baseline is on the front of `first` and comes first anyway.
    const std::vector<std::string> baseline = beginning_of(folder / "second", "baseline");
    begun.insert(begun.end(), baseline.begin(), baseline.end());
    CHECK(std::is_permutation(begun.begin(), begun.end(), front.begin(), front.end()));

    // The same, cut out of its table by hand.
    const std::vector<std::string> rows = lines_of(read_text(folder / "first" + "/pareto.csv"));
    write_text(folder / "some.csv", rows[0] + '\n' + rows[3] + '\n' + rows[2] + '\n');
    REQUIRE(start(run_from(folder, "    - some.csv\n"), folder / "fourth").exit_code == 0);
    CHECK(beginning_of(folder / "fourth", "initial") == std::vector<std::string>{front[2], front[1]});

    REQUIRE(start(run_from(folder, "    - first/best/02/network.yaml\n"), folder / "third").exit_code == 0);
    CHECK(beginning_of(folder / "third", "initial") == std::vector<std::string>{front[1]});
}

TEST_CASE("a run begins with a network of which nothing but its file is there") {
    const TemporaryFolder folder;
    REQUIRE(run_tiny(folder / "first", {"--evaluations", "60"}).exit_code == 0);
    const std::vector<std::string> front = front_of(folder / "first");
    REQUIRE(front.size() > 2);
    // Not the baseline, which is begun with anyway.
    std::filesystem::copy_file(folder / "first" + "/best/02/network.yaml", folder / "mine.yaml");
    const Outcome outcome = start(run_from(folder, "    - mine.yaml\n"), folder / "run");
    CAPTURE(outcome.errors);
    REQUIRE(outcome.exit_code == 0);
    // In this space different genomes make different networks.
    CHECK(beginning_of(folder / "run", "initial") == std::vector<std::string>{front[1]});
}

TEST_CASE("an initial candidate that cannot be had is told with its place") {
    const TemporaryFolder folder;
    REQUIRE(run_tiny(folder / "first", {"--evaluations", "40"}).exit_code == 0);

    write_text(folder / "list.txt", first_genome + "\nstem=8 depht=1\n");
    const std::string unknown = refusal(folder, "list.txt");
    CHECK(contains(unknown, folder / "list.txt:2:8: "));
    CHECK(contains(unknown, "did you mean 'depth'?"));
    write_text(folder / "table.csv", "id,network\n1,second\n");
    CHECK(contains(refusal(folder, "table.csv"),
                   folder / "table.csv:1: a table without genomes: found no column 'genome'"));
    write_text(folder / "list.txt", "# nothing\n");
    CHECK(contains(refusal(folder, "list.txt"), folder / "list.txt: a list of genomes: found no genome"));

    std::filesystem::copy_file(folder / "first" + "/best/01/network.yaml", folder / "alone.yaml");
    std::string changed = read_text(folder / "alone.yaml");
    const std::size_t stem = changed.find("channels: ");
    changed.replace(stem, changed.find(',', stem) - stem, "channels: 9");
    write_text(folder / "changed.yaml", changed);
    const std::string alone = refusal(folder, "changed.yaml");
    CAPTURE(alone);
    CHECK(contains(alone, folder / "changed.yaml: no genome of this space makes this network (all "));
    CHECK(contains(alone,
                   "found '{name: stem, type: conv, channels: 9, kernel: 3, stride: 2, padding: same}' of 9x16x16"));
    CHECK(contains(alone, "where the nearest network of the space has '{name: stem, type: conv, channels: "));
    CHECK(contains(alone, "'genome.txt'"));

    std::filesystem::copy_file(folder / "first" + "/best/02/genome.txt", folder / "genome.txt");
    CHECK(contains(refusal(folder, "alone.yaml"), "the genome beside a network makes another network"));

    std::string front = read_text(folder / "first" + "/pareto.csv");
    front.replace(front.find("stem="), 5, "stam=");
    write_text(folder / "first" + "/pareto.csv", front);
    CHECK(contains(refusal(folder, "first"), folder / "first/pareto.csv:2:"));
}
