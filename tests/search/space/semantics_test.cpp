// SPDX-License-Identifier: Apache-2.0
// What the language means, on spaces small enough to list or count by hand.
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "engine/arch/network.hpp"
#include "engine/input/yaml_document.hpp"
#include "search/space/space.hpp"
#include "tests/support/catch.hpp"

namespace sotto::search {
namespace {

Space load_text(const std::string& text) {
    return Space::load(input::parse_yaml(text, "space.yaml"));
}

random::Stream stream_of(std::uint32_t index) {
    return {5, 0, index, random::Purpose::test};
}

// `conv relu add`: the kinds of a network's layers after the input, or the reason for having none.
std::string kinds(const Space& space, const std::string& genome) {
    Space::Decoder decoder(space);
    Rejection rejection;
    const arch::Network* const network = decoder.decode(space.parse_genome(genome), rejection);
    if (network == nullptr) {
        return rejection.reason;
    }
    std::string text;
    for (arch::LayerIndex layer = 1; layer < network->size(); ++layer) {
        text += text.empty() ? "" : " ";
        text += arch::to_text(network->layer(layer).kind);
    }
    return text;
}

template <typename Call>
std::string message_of(Call call) {
    try {
        (void)call();
    } catch (const std::exception& error) {
        return error.what();
    }
    return "no exception";
}

std::string load_error(const std::string& text) {
    return message_of([&] { return load_text(text); });
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

// Every genome that the choices' alternatives allow, made normal, without repetition.
std::set<Genome> all_genomes(const Space& space) {
    std::set<Genome> genomes;
    Genome genome{std::vector<Gene>(space.gene_count(), Gene{0})};
    Space::Decoder decoder(space);
    Rejection rejection;
    for (;;) {
        if (decoder.decode(genome, rejection) != nullptr) {
            genomes.insert(space.normalized(genome));
        }
        std::size_t gene = 0;
        while (gene < genome.genes.size() &&
               static_cast<std::size_t>(++genome.genes[gene]) == space.choice(gene).alternatives.size()) {
            genome.genes[gene++] = 0;
        }
        if (gene == genome.genes.size()) {
            return genomes;
        }
    }
}

// Dependent choices, a filtered alternative, a repeat whose iterations hold a dependent choice, a tie, a value computed
// from choices that decides activity.
constexpr const char* entangled = R"yaml(
input: {shape: [2, 8, 8]}
choices:
  a: [1, 2, 3]
  b: {values: [1, 2, {value: 3, when: a > 1}], when: a != 3}
  depth: {from: 0, to: 2}
  twin: {same_as: a}
define:
  late: a + depth > 3
layers:
  - {type: conv, channels: a + twin, kernel: 1}
  - {type: conv, when: a != 3, channels: b, kernel: 1}
  - name: body
    repeat: depth
    choices:
      c: [1, 2]
      d: {values: [1, 2, 3], when: c == 2 and (index == 0 or a == 1)}
    layers:
      - {type: conv, channels: "c + if(active(d), d, 0)", kernel: 1}
  - name: tail
    when: late
    choices:
      e: [1, 2, 3, 4]
    layers:
      - {type: conv, channels: e, kernel: 1}
)yaml";

TEST_CASE("the size of an entangled space is what enumeration and counting by hand give") {
    const Space space = load_text(entangled);
    // Iteration 0 has 1 + 3 genomes; iteration 1 as many where a = 1, else 2. Tail: 4 where a + depth > 3.
    const int with_a1 = 2 * (1 + 4 + 4 * 4);      // b in {1, 2}; never late
    const int with_a2 = 3 * (1 + 4 + 4 * 2 * 4);  // late at depth 2
    const int with_a3 = 1 + 4 * 4 + 4 * 2 * 4;    // no b; late from depth 1
    CHECK(std::pow(10.0, space.log10_size()) == Approx(with_a1 + with_a2 + with_a3));
    CHECK(all_genomes(space).size() == static_cast<std::size_t>(with_a1 + with_a2 + with_a3));
}

TEST_CASE("sampling an entangled space reaches all of its genomes and no other") {
    const Space space = load_text(entangled);
    const std::set<Genome> expected = all_genomes(space);
    std::set<Genome> sampled;
    for (std::uint32_t i = 0; i < 20'000; ++i) {
        random::Stream stream = stream_of(i);
        sampled.insert(space.sample(stream));
    }
    CHECK(sampled == expected);
}

TEST_CASE("tied genes follow their leader") {
    const Space space = load_text(entangled);
    const Genome genome = space.parse_genome("a=3 depth=0");
    CHECK(space.to_text(genome) == "a=3 depth=0 twin=3");
    Genome torn = genome;
    for (std::size_t gene = 0; gene < space.gene_count(); ++gene) {
        if (space.choice(gene).name == "twin") {
            torn.genes[gene] = 0;
        }
    }
    REQUIRE(torn != genome);
    CHECK(space.normalized(torn) == genome);
    CHECK_THROWS_AS(space.parse_genome("a=3 depth=0 twin=1"), input::InputError);
}

TEST_CASE("a sample takes each alternative of an independent choice equally often") {
    const Space space = load_text(R"(
input: {shape: [1, 4, 4]}
choices: {width: [1, 2, 3, 4, 5]}
layers:
  - {type: conv, channels: width, kernel: 1}
)");
    std::array<int, 5> counts{};
    for (std::uint32_t i = 0; i < 10'000; ++i) {
        random::Stream stream = stream_of(i);
        ++counts[static_cast<std::size_t>(space.sample(stream).genes[0])];
    }
    for (const int count : counts) {
        CHECK(std::abs(count - 2000) < 200);  // five standard deviations
    }
}

TEST_CASE("mutation prefers neighbours of ordered choices and takes small steps of counts") {
    const Space space = load_text(R"(
input: {shape: [1, 4, 4]}
choices:
  width: {from: 1, to: 101}
  depth: {from: 1, to: 21}
layers:
  - {type: conv, channels: width, kernel: 1, repeat: depth}
baseline: {width: 51, depth: 11}
)");
    int changed_width = 0;
    int neighbours = 0;
    for (std::uint32_t i = 0; i < 10'000; ++i) {
        random::Stream stream = stream_of(i);
        const Genome mutant = space.mutate(*space.baseline(), stream);
        const int width_step = std::abs(mutant.genes[0] - 50);
        const int depth_step = std::abs(mutant.genes[1] - 10);
        CHECK(depth_step <= 2);
        changed_width += width_step > 0 ? 1 : 0;
        neighbours += width_step == 1 ? 1 : 0;
    }
    // Half of the moves, and 2 of the 100 others by chance.
    CHECK(static_cast<double>(neighbours) / changed_width == Approx(0.5 + 0.5 * 0.02).margin(0.03));
}

TEST_CASE("half of the crossovers take whole iterations from one parent") {
    const Space space = load_text(R"(
input: {shape: [1, 4, 4]}
choices: {spare: [1, 2]}
layers:
  - name: body
    repeat: 4
    choices: {a: [1, 2], b: [1, 2], c: [1, 2], d: [1, 2]}
    layers:
      - {type: conv, channels: a + b + c + d + spare, kernel: 1}
)");
    const Genome zeros{std::vector<Gene>(17, Gene{0})};
    const Genome ones{std::vector<Gene>(17, Gene{1})};
    int whole = 0;
    for (std::uint32_t i = 0; i < 4000; ++i) {
        random::Stream stream = stream_of(i);
        const Genome child = space.crossover(zeros, ones, stream);
        bool all_whole = true;
        for (std::size_t gene = 1; gene < 17; ++gene) {
            all_whole = all_whole && child.genes[gene] == child.genes[1 + (gene - 1) / 4 * 4];
        }
        whole += all_whole ? 1 : 0;
    }
    // Gene by gene, 16 genes would fall into whole groups once in 4,096 times.
    CHECK(whole / 4000.0 == Approx(0.5).margin(0.04));
}

TEST_CASE("a part that is left out passes on its input or stands for nothing") {
    const std::string head = R"(
input: {shape: [4, 8, 8]}
choices: {with_side: [true, false], with_main: [true, false]}
layers:
  - {name: start, type: conv, channels: 4, kernel: 1}
)";
    const Space pass = load_text(head + R"(
  - {name: main, type: relu, when: with_main}
  - {name: side, type: square, from: start, when: with_side}
  - {name: sum, type: add, from: [main, side]}
)");
    CHECK(kinds(pass, "with_side=true with_main=true") == "conv activation activation add");
    CHECK(kinds(pass, "with_side=false with_main=true") == "conv activation add");
    CHECK(kinds(pass, "with_side=false with_main=false") == "conv add");

    const Space nothing = load_text(head + R"(
  - {name: main, type: relu, when: with_main, otherwise: nothing}
  - {name: after, type: max_pool, kernel: 3, stride: 1, padding: 1}
  - {name: side, type: square, from: start, when: with_side, otherwise: nothing}
  - {name: sum, type: add, from: [after, side]}
)");
    CHECK(kinds(nothing, "with_side=true with_main=true") == "conv activation max_pool activation add");
    CHECK(kinds(nothing, "with_side=false with_main=true") == "conv activation max_pool");
    CHECK(kinds(nothing, "with_side=true with_main=false") == "conv activation");
    CHECK(kinds(nothing, "with_side=false with_main=false") == "nothing leads to the output");
}

TEST_CASE("layers that no longer lead to the output are taken out") {
    const Space space = load_text(R"(
input: {shape: [4, 8, 8]}
choices: {join: [true, false]}
layers:
  - {name: start, type: conv, channels: 4, kernel: 1}
  - {name: far, type: relu}
  - {name: farther, type: max_pool, kernel: 2, stride: 1}
  - name: edge
    select: join
    cases:
      true: [{type: pad, padding: [0, 1, 0, 1]}]
      false: nothing
  - {name: near, type: square, from: start}
  - {name: sum, type: add, from: [edge, near]}
)");
    CHECK(kinds(space, "join=true") == "conv activation max_pool pad activation add");
    CHECK(kinds(space, "join=false") == "conv activation");
}

TEST_CASE("a repeat beyond at_most refuses the candidate") {
    const Space space = load_text(R"(
input: {shape: [1, 4, 4]}
choices: {depth: {from: 1, to: 10}}
layers:
  - {name: body, type: relu, repeat: depth * depth, at_most: 9}
)");
    CHECK(kinds(space, "depth=3") ==
          "activation activation activation activation activation activation activation activation activation");
    CHECK(contains(message_of([&] { return space.parse_genome("depth=4"); }), "iterations of 'body' from 0 to 9"));
}

TEST_CASE("pick is the value whose number it is told and works out no other") {
    const Space space = load_text(R"yaml(
input: {shape: [1, 4, 4]}
choices:
  which: {from: 0, to: 2}
  a: [1, 2]
layers:
  - {type: conv, channels: "pick(which, 10 * a, 30 / which, channels(input) + 30 / (which - 1))", kernel: 1}
)yaml");
    Space::Decoder decoder(space);
    Rejection rejection;
    const auto channels = [&](const std::string& genome) {
        const arch::Network* const network = decoder.decode(space.parse_genome(genome), rejection);
        return network == nullptr ? rejection.reason : std::to_string(network->layer(1).output.channels);
    };
    CHECK(channels("which=0 a=1") == "10");
    CHECK(channels("which=0 a=2") == "20");
    CHECK(channels("which=1 a=1") == "30");  // the others would divide by zero
    CHECK(channels("which=2 a=2") == "31");
}

TEST_CASE("picks within picks and picks of words and flags are those of a table") {
    const Space space = load_text(R"yaml(
input: {shape: [1, 4, 4]}
choices:
  row: [0, 1, 2]
  column: {values: [0, 1], ordered: false}
layers:
  - {type: conv, channels: "100 + pick(row, pick(column, 1, 2), 3, pick(1 - column, 4, 5)) * pick(column, 1, 10)", kernel: 1}
  - {type: "${pick(row, 'relu', pick(column, 'square', 'relu'), 'square')}"}
  - {type: conv, channels: 1, kernel: 1, when: "pick(row, true, column == 1, false)"}
)yaml");
    Space::Decoder decoder(space);
    Rejection rejection;
    constexpr int values[3][2] = {{1, 2}, {3, 3}, {5, 4}};
    for (int row = 0; row < 3; ++row) {
        for (int column = 0; column < 2; ++column) {
            const std::string genome = "row=" + std::to_string(row) + " column=" + std::to_string(column);
            INFO(genome);
            const arch::Network* const network = decoder.decode(space.parse_genome(genome), rejection);
            REQUIRE(network != nullptr);
            CHECK(network->layer(1).output.channels == 100 + values[row][column] * (column == 0 ? 1 : 10));
            const bool is_relu = row == 0 || (row == 1 && column == 1);
            CHECK(network->layer(2).activation == (is_relu ? arch::Activation::relu : arch::Activation::square));
            CHECK((network->size() == 4) == (row == 0 || (row == 1 && column == 1)));
        }
    }
}

TEST_CASE("a repeat whose count is picked has as many genes as the largest count that can be") {
    const Space space = load_text(R"yaml(
input: {shape: [1, 4, 4]}
choices:
  which: {from: 1, to: 3}
layers:
  - name: body
    repeat: "pick(which, 2000, 1, 4, 2)"
    choices:
      width: [1, 2, 3]
    layers:
      - {type: conv, channels: width, kernel: 1}
)yaml");
    CHECK(space.gene_count() == 1 + 4);
    CHECK(std::pow(10.0, space.log10_size()) == Approx(3 + 3 * 3 * 3 * 3 + 3 * 3));
    CHECK(all_genomes(space).size() == 3 + 81 + 9);
    CHECK(kinds(space, "which=2 body[0].width=1 body[1].width=1 body[2].width=2 body[3].width=3") ==
          "conv conv conv conv");
}

TEST_CASE("a space that cannot vary says why") {
    const Space space = load_text(R"(
input: {shape: [1, 4, 4]}
choices: {width: [1, 2]}
layers:
  - {type: conv, channels: width, kernel: 1}
require:
  - that: width < 2
    because: wide is dear
)");
    random::Stream stream = stream_of(0);
    const Genome only = space.sample(stream);
    CHECK_THROWS_AS(space.mutate(only, stream), NoValidGenome);
    const std::string message = message_of([&] { return space.mutate(only, stream); });
    CHECK(contains(message, "requirement 'width < 2' does not hold (2 and 2)"));
    CHECK(contains(message, "wide is dear"));
    CHECK(contains(message, "200"));
    CHECK(space.crossover(only, only, stream) == only);
}

TEST_CASE("an impossible template is answered at the layer that is impossible") {
    const std::string answer = load_error(R"(input: {shape: [1, 8, 8]}
choices: {kernel: [9, 11]}
layers:
  - {name: first, type: relu}
  - {name: second, type: max_pool, kernel: kernel, stride: 2}
)");
    CHECK(answer.find("space.yaml:5:") == 0);
    CHECK(contains(answer, "layer 'second'"));
    CHECK(contains(answer, "larger than the padded input 8x8"));
}

TEST_CASE("what would grow without bound is refused") {
    std::string blocks = "blocks:\n";
    for (int level = 0; level < 6; ++level) {
        blocks += "  b" + std::to_string(level) + ":\n    layers:\n      - {" +
                  (level == 0 ? std::string("type: relu") : "block: b" + std::to_string(level - 1)) +
                  ", repeat: 100}\n";
    }
    const std::string answer = load_error("input: {shape: [1, 4, 4]}\n" + blocks + "layers:\n  - {block: b5}\n");
    CHECK(contains(answer, "too large once its repeats are unrolled"));
}

TEST_CASE("definitions that double each other stay small") {
    std::string define = "define:\n  d0: width\n";
    for (int i = 1; i < 40; ++i) {
        const std::string before = "d" + std::to_string(i - 1);
        define.append("  d").append(std::to_string(i)).append(": \"max(").append(before);
        define.append(", ").append(before).append(")\"\n");
    }
    const Space space = load_text("input: {shape: [1, 4, 4]}\nchoices: {width: [1, 2]}\n" + define +
                                  "layers:\n  - {type: conv, channels: d39, kernel: 1}\n");
    CHECK(kinds(space, "width=2") == "conv");
}

TEST_CASE("the space may stand in a file of its own") {
    const std::filesystem::path directory =
        std::filesystem::path(SOTTO_BINARY_DIRECTORY) / "space_in_a_file_of_its_own";
    std::filesystem::create_directories(directory / "spaces");
    std::ofstream(directory / "run.yaml") << "format: 1\nspace: spaces/small.yaml\nsearch: {seed: 1}\n";
    std::ofstream(directory / "spaces/small.yaml")
        << "space:\n  name: small\n  input: {shape: [1, 4, 4]}\n  layers:\n    - {type: relu}\n";
    CHECK(Space::load_file((directory / "run.yaml").string()).name() == "small");
    std::ofstream(directory / "lost.yaml") << "space: spaces/none.yaml\n";
    CHECK_THROWS_AS(Space::load_file((directory / "lost.yaml").string()), input::InputError);
    std::filesystem::remove_all(directory);
}

TEST_CASE("a genome's text is read strictly") {
    const Space space = load_text(entangled);
    CHECK(contains(message_of([&] { return space.parse_genome("a=1 b=1 depht=0"); }), "did you mean 'depth'?"));
    CHECK(contains(message_of([&] { return space.parse_genome("a=1 b=1 depth=7"); }), "'0', '1' or '2'"));
    CHECK(contains(message_of([&] { return space.parse_genome("a=1 depth=0"); }), "a value for 'b'"));
    CHECK(contains(message_of([&] { return space.parse_genome("a=3 b=1 depth=0"); }), "not active"));
    CHECK(contains(message_of([&] { return space.parse_genome("a=1 b=3 depth=0"); }), "choice 'b' cannot be 3 here"));
    CHECK(contains(message_of([&] { return space.parse_genome("a=1 a=2 depth=0"); }), "two values"));
    CHECK(contains(message_of([&] { return space.parse_genome("a"); }), "'choice=value'"));
}

}  // namespace
}  // namespace sotto::search
