// SPDX-License-Identifier: Apache-2.0
// Properties that hold for every space that ships: configs/*_space.yaml and all of configs/examples.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "engine/arch/counts.hpp"
#include "engine/arch/network_yaml.hpp"
#include "search/space/space.hpp"
#include "tests/support/catch.hpp"

namespace sotto::search {
namespace {

const std::string configs = SOTTO_SOURCE_DIRECTORY "/configs/";

std::vector<std::string> shipped_spaces() {
    std::vector<std::string> paths;
    for (const auto& entry : std::filesystem::directory_iterator(configs)) {
        if (entry.path().extension() == ".yaml") {
            paths.push_back(entry.path().string());
        }
    }
    for (const auto& entry : std::filesystem::directory_iterator(configs + "examples")) {
        paths.push_back(entry.path().string());
    }
    std::sort(paths.begin(), paths.end());
    return paths;
}

random::Stream stream_of(std::uint32_t index) {
    return {11, 0, index, random::Purpose::test};
}

// The genes that a genome's text names, in order.
std::map<std::string, std::string> active_choices(const Space& space, const Genome& genome) {
    std::map<std::string, std::string> choices;
    const std::string text = space.to_text(genome);
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find(' ', at), text.size());
        const std::size_t equals = text.find('=', at);
        choices[text.substr(at, equals - at)] = text.substr(equals + 1, end - equals - 1);
        at = end + 1;
    }
    return choices;
}

constexpr std::uint32_t draws = 2000;

TEST_CASE("samples, mutants and children of every shipped space decode to valid networks and keep their text") {
    for (const std::string& path : shipped_spaces()) {
        INFO(path);
        const Space space = Space::load_file(path);
        REQUIRE(space.baseline().has_value());
        Space::Decoder decoder(space);
        Rejection rejection;
        std::uint32_t invalid = 0;
        std::uint32_t changed_by_text = 0;
        std::uint32_t unchanged_mutants = 0;
        std::uint32_t not_normalized = 0;
        Genome first = *space.baseline();
        Genome second = *space.baseline();
        for (std::uint32_t i = 0; i < draws; ++i) {
            random::Stream stream = stream_of(i);
            const Genome sample = space.sample(stream);
            const Genome mutant = space.mutate(first, stream);
            const Genome child = space.crossover(first, second, stream);
            unchanged_mutants += active_choices(space, mutant) == active_choices(space, first) ? 1 : 0;
            for (const Genome& genome : {sample, mutant, child}) {
                const arch::Network* const network = decoder.decode(genome, rejection);
                // Reading some back shows that the network's YAML form holds them too.
                const bool valid = network != nullptr && (i % 50 != 0 || arch::parse_network(arch::to_yaml(*network),
                                                                                             "again.yaml") == *network);
                invalid += valid ? 0 : 1;
                changed_by_text += space.parse_genome(space.to_text(genome)) == genome ? 0 : 1;
                not_normalized += space.normalized(genome) == genome ? 0 : 1;
            }
            second = i % 3 == 0 ? sample : child;
            first = mutant;
        }
        CHECK(invalid == 0);
        CHECK(changed_by_text == 0);
        CHECK(unchanged_mutants == 0);
        CHECK(not_normalized == 0);
    }
}

TEST_CASE("equal streams give equal genomes, on one thread and on four") {
    for (const std::string& path : shipped_spaces()) {
        INFO(path);
        const Space space = Space::load_file(path);
        const auto draw = [&](std::vector<Genome>& genomes, std::uint32_t begin, std::uint32_t step) {
            for (std::uint32_t i = begin; i < genomes.size(); i += step) {
                random::Stream stream = stream_of(i);
                const Genome sample = space.sample(stream);
                genomes[i] = space.crossover(space.mutate(*space.baseline(), stream), sample, stream);
            }
        };
        std::vector<Genome> alone(100);
        draw(alone, 0, 1);
        std::vector<Genome> together(100);
        std::vector<std::thread> threads;
        for (std::uint32_t thread = 0; thread < 4; ++thread) {
            threads.emplace_back(draw, std::ref(together), thread, 4);
        }
        for (std::thread& thread : threads) {
            thread.join();
        }
        CHECK(alone == together);
    }
}

TEST_CASE("mutation reaches every active choice of a baseline") {
    for (const std::string& path : shipped_spaces()) {
        const Space space = Space::load_file(path);
        const auto before = active_choices(space, *space.baseline());
        std::set<std::string> untouched;
        for (std::size_t gene = 0; gene < space.gene_count(); ++gene) {
            if (before.count(std::string(space.choice(gene).name)) > 0) {
                untouched.insert(std::string(space.choice(gene).name));
            }
        }
        for (std::uint32_t i = 0; i < 4000; ++i) {
            random::Stream stream = stream_of(i);
            for (const auto& [name, value] : active_choices(space, space.mutate(*space.baseline(), stream))) {
                const auto kept = before.find(name);
                if (kept != before.end() && kept->second != value) {
                    untouched.erase(name);
                }
            }
        }
        INFO(path << ": " << (untouched.empty() ? "" : *untouched.begin()));
        CHECK(untouched.empty());
    }
}

TEST_CASE("a child takes every choice that a parent has from one of its parents") {
    const Space space = Space::load_file(configs + "squeezenet_space.yaml");
    std::uint32_t strange = 0;
    std::uint32_t mixed = 0;
    for (std::uint32_t i = 0; i < 500; ++i) {
        random::Stream stream = stream_of(i);
        const Genome first = space.sample(stream);
        const Genome second = space.sample(stream);
        const Genome child = space.crossover(first, second, stream);
        const auto one = active_choices(space, first);
        const auto other = active_choices(space, second);
        mixed += child != first && child != second ? 1 : 0;
        for (const auto& [name, value] : active_choices(space, child)) {
            const auto in_one = one.find(name);
            const auto in_other = other.find(name);
            const bool inherited = (in_one != one.end() && in_one->second == value) ||
                                   (in_other != other.end() && in_other->second == value);
            const bool is_new = in_one == one.end() && in_other == other.end();
            // An alternative that neither parent's other choices would have allowed is drawn anew.
            strange += inherited || is_new || name == "stem_pool" ? 0 : 1;
        }
    }
    CHECK(strange == 0);
    CHECK(mixed > 450);
}

TEST_CASE("the baselines of the examples have the sizes of the published networks they follow") {
    const auto parameters = [](const std::string& name) {
        const Space space = Space::load_file(configs + "examples/" + name);
        Space::Decoder decoder(space);
        Rejection rejection;
        const arch::Network* const network = decoder.decode(space.baseline().value(), rejection);
        REQUIRE(network != nullptr);
        return arch::count(*network).parameters;
    };
    // ResNet-18 (torchvision: 11,689,512 parameters) with a classifier for 10 classes instead of 1,000.
    CHECK(parameters("residual.yaml") == 11'689'512 - 513 * 1000 + 513 * 10);
}

TEST_CASE("the sizes of the examples are those of their closed forms") {
    const auto size = [](const std::string& name) {
        return std::pow(10.0, Space::load_file(configs + "examples/" + name).log10_size());
    };
    CHECK(size("choices.yaml") == Approx(4 * 7 * 2 * 3 * 2 * 2));                 // independent choices
    CHECK(size("repeats.yaml") == Approx(2 * (36 + 216 + 1296 + 7776 + 46656)));  // 6 per iteration, 2 to 6 of them
    CHECK(size("fire.yaml") == Approx(2 * 3 * (9 + 81 + 729 + 6561)));
    CHECK(size("optional.yaml") == Approx((3 + 1) * (3 + 2 * 2) * (1 + 1 + 2)));
    CHECK(size("ties.yaml") == Approx(2 * ((3 + 3 + 3) + (3 + 9 + 27)) * 3));
    CHECK(size("constraints.yaml") == Approx(4 * 4 * (2 + 4 + 8 + 16 + 32)));
    CHECK(size("skips.yaml") == Approx(2 * 2 * (2 + 4 + 8 + 16)));
    // A stage of b blocks: 6^b; three bases, two orders, two to four stages.
    const double stage = 6 + 36 + 216;
    CHECK(size("residual.yaml") == Approx(3 * 2 * (std::pow(stage, 2) + std::pow(stage, 3) + std::pow(stage, 4))));
    // A dense block has 5 lengths, and 2 pools where it is not the last.
    CHECK(size("dense.yaml") == Approx(3 * 2 * 4 * (5 + 10 * 5 + 10 * 10 * 5)));
    // A stage of b blocks: 6^b.
    CHECK(size("mobile.yaml") == Approx(5 * 2 * std::pow(stage, 3)));
}

TEST_CASE("requirements hold for every sample") {
    const Space space = Space::load_file(configs + "examples/constraints.yaml");
    Space::Decoder decoder(space);
    Rejection rejection;
    for (std::uint32_t i = 0; i < 500; ++i) {
        random::Stream stream = stream_of(i);
        const arch::Network* const network = decoder.decode(space.sample(stream), rejection);
        REQUIRE(network != nullptr);
        const arch::Counts counts = arch::count(*network);
        CHECK(counts.parameters >= 500);
        CHECK(counts.parameters <= 60'000);
        CHECK(counts.multiply_adds <= 40'000'000);
        CHECK(counts.relu_elements <= 100'000);
        CHECK(network->size() - 1 <= 11);
    }
    const Genome wrong = space.normalized(Genome{{0, 3, 0, 1, 0, 0, 0, 0}});
    CHECK(decoder.decode(wrong, rejection) == nullptr);
    CHECK(rejection.reason == "requirement 'early_width <= late_width' does not hold (64 and 8)");
}

}  // namespace
}  // namespace sotto::search
