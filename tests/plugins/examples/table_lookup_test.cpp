// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sotto/plugin.hpp"

#include "engine/arch/canonical_hash.hpp"
#include "engine/arch/network_yaml.hpp"
#include "engine/plugin/instance.hpp"
#include "engine/plugin/registry.hpp"
#include "plugins/examples/table_lookup/network_key.hpp"
#include "plugins/examples/table_lookup/table.hpp"
#include "search/space/space.hpp"
#include "tests/support/catch.hpp"
#include "tests/tools/process.hpp"

namespace sotto {
namespace {

using table_lookup::key_text;
using table_lookup::Table;

std::string key_of(const arch::Network& network) {
    plugin::CandidateView view;
    view.set(0, &network, nullptr);
    return key_text(table_lookup::network_key(*view.view().network));
}

arch::Network network_of(const std::string& layers) {
    return arch::parse_network("network: n\ninput: {shape: [3, 8, 8]}\nlayers:\n" + layers, "n.yaml");
}

const std::string small = R"(
  - {name: a, type: conv, channels: 4, kernel: 3, padding: 1}
  - {name: b, type: relu}
  - {name: c, type: add, from: [a, b]}
)";

TEST_CASE("a key is what its definition gives when written in another language") {
    CHECK(key_of(network_of(small)) == "f0cbe4fff73f4e84");
}

TEST_CASE("a key does not depend on names and order") {
    const std::string branches = R"(
  - {name: a, type: conv, channels: 4, kernel: 3, padding: 1}
  - {name: b, type: conv, from: input, channels: 4, kernel: 1}
  - {name: c, type: relu, from: a}
  - {name: d, type: add, from: [c, b]}
)";
    const std::string reordered = R"(
  - {name: x, type: conv, channels: 4, kernel: 1}
  - {name: y, type: conv, from: input, channels: 4, kernel: 3, padding: 1}
  - {name: z, type: relu, from: y}
  - {name: w, type: add, from: [x, z]}
)";
    CHECK(key_of(network_of(branches)) == key_of(network_of(reordered)));
}

TEST_CASE("a key tells every difference that training would see") {
    const std::array<std::string, 10> others{
        "  - {name: a, type: conv, channels: 5, kernel: 3, padding: 1}\n  - {name: b, type: relu}\n"
        "  - {name: c, type: add, from: [a, b]}\n",
        "  - {name: a, type: conv, channels: 4, kernel: 1}\n  - {name: b, type: relu}\n"
        "  - {name: c, type: add, from: [a, b]}\n",
        "  - {name: a, type: conv, channels: 4, kernel: 3, padding: 1, bias: false}\n  - {name: b, type: relu}\n"
        "  - {name: c, type: add, from: [a, b]}\n",
        "  - {name: a, type: conv, channels: 4, kernel: 3, padding: 1}\n  - {name: b, type: square}\n"
        "  - {name: c, type: add, from: [a, b]}\n",
        "  - {name: a, type: conv, channels: 4, kernel: 3, padding: 1}\n  - {name: b, type: relu}\n"
        "  - {name: c, type: add, from: [b, b]}\n",
        // One ReLU that is read twice, and two.
        "  - {name: a, type: conv, channels: 4, kernel: 3, padding: 1}\n  - {name: b, type: relu}\n"
        "  - {name: b2, type: relu, from: a}\n  - {name: c, type: add, from: [b, b2]}\n",
        "  - {name: a, type: conv, channels: 4, kernel: 3, padding: 1}\n  - {name: b, type: relu}\n"
        "  - {name: c, type: concat, from: [a, b]}\n",
        // The operands of a concat have an order.
        "  - {name: a, type: conv, channels: 4, kernel: 3, padding: 1}\n  - {name: b, type: relu}\n"
        "  - {name: c, type: concat, from: [b, a]}\n",
        "  - {name: a, type: conv, channels: 4, kernel: 3, padding: 1}\n  - {name: b, type: max_pool, kernel: 3, "
        "stride: 1, padding: 1}\n  - {name: c, type: add, from: [a, b]}\n",
        "  - {name: a, type: conv, channels: 4, kernel: 3, padding: 1}\n  - {name: b, type: average_pool, kernel: 3, "
        "stride: 1, padding: 1}\n  - {name: c, type: add, from: [a, b]}\n"};
    std::set<std::string> keys{key_of(network_of(small))};
    for (const std::string& other : others) {
        keys.insert(key_of(network_of(other)));
    }
    CHECK(keys.size() == others.size() + 1);
}

TEST_CASE("keys tell the networks of NAS-Bench-201 apart as canonical hashes do") {
    const search::Space space = search::Space::load_file(SOTTO_SOURCE_DIRECTORY "/configs/nasbench201_space.yaml");
    search::Space::Decoder decoder(space);
    search::Rejection rejection;
    std::map<std::string, std::string> hash_of_key;
    std::set<std::string> hashes;
    std::size_t differing = 0;
    search::Genome genome;
    for (int number = 0; number < 15'625; ++number) {
        genome.genes.clear();
        for (int rest = number; genome.genes.size() < space.gene_count(); rest /= 5) {
            genome.genes.push_back(static_cast<search::Gene>(rest % 5));
        }
        if (const arch::Network* const network = decoder.decode(genome, rejection)) {
            const std::string hash = arch::to_text(arch::canonical_hash(*network));
            hashes.insert(hash);
            differing += hash_of_key.emplace(key_of(*network), hash).first->second == hash ? 0 : 1;
        }
    }
    CHECK(differing == 0);
    CHECK(hash_of_key.size() == hashes.size());
}

TEST_CASE("the plug-in gives the number of the table and names the key of a network that is not in it") {
    const tests::TemporaryFolder folder;
    const arch::Network network = network_of(small);
    const arch::Network other = network_of("  - {name: a, type: conv, channels: 4, kernel: 3}\n");
    const std::string file = folder / "table.csv";
    tests::write_text(file, "accuracy,network,second\n93.25," + key_of(network) + ",-1e-3\n");

    plugin::Registry registry{{}};
    registry.load_library(SOTTO_TABLE_LOOKUP_LIBRARY);
    plugin::CandidateView view;
    const std::array<const plugin::CandidateView*, 1> candidate{&view};
    std::array<plugin::Score, 1> score;
    const auto evaluate = [&](const arch::Network& what, const std::map<std::string, std::string>& arguments) {
        const auto instance = registry.create(plugin::Kind::accuracy_proxy, "table-lookup", arguments);
        view.set(1, &what, nullptr);
        instance->evaluate(candidate, score);
    };
    evaluate(network, {{"file", file}});
    REQUIRE(score[0].status == plugin::Score::Status::ok);
    CHECK(score[0].metrics == std::vector<double>{93.25});
    evaluate(network, {{"file", file}, {"column", "second"}});
    REQUIRE(score[0].status == plugin::Score::Status::ok);
    CHECK(score[0].metrics == std::vector<double>{-1e-3});
    evaluate(other, {{"file", file}});
    CHECK(score[0].status == plugin::Score::Status::unsupported);
    CHECK(score[0].reason.find(key_of(other)) != std::string::npos);
    CHECK(score[0].reason.find(file) != std::string::npos);
    CHECK_THROWS_WITH(evaluate(network, {{"file", folder / "absent.csv"}}),
                      matchers::contains_text("absent.csv: cannot be opened"));
    CHECK_THROWS_WITH(evaluate(network, {{"file", folder.path().string()}}), matchers::contains_text("cannot be read"));
}

TEST_CASE("a table is read with any order of columns and either end of line") {
    const Table table = Table::parse("a,network,b\r\n1,00000000000000ff,2.5\r\n3,fedcba9876543210,4e1", "t.csv", "b");
    CHECK(table.size() == 2);
    CHECK(table.find(0xff) == 2.5);
    CHECK(table.find(0xfedcba9876543210) == 40);
    CHECK(!table.find(1));
}

TEST_CASE("a wrong table is answered with its line and what was expected") {
    const std::string key = "00000000000000ff";
    const std::vector<std::pair<std::string, std::string>> wrong{
        {"", "t.csv:1: found an empty file"},
        {"network,accuracy\n", "t.csv:1: found no line behind the names of columns"},
        {"key,accuracy\n", "t.csv:1: found the columns 'key', 'accuracy', expected one named 'network'"},
        {"network,score\n", "t.csv:1: found the columns 'network', 'score', expected one named 'accuracy'"},
        {"network,accuracy,network\n", "t.csv:1: found two columns named 'network'"},
        {"network,accuracy\n" + key + "\n", "t.csv:2: found 1 fields, expected 2"},
        {"network,accuracy\n" + key + ",1,2\n", "t.csv:2: found 3 fields, expected 2"},
        {"network,accuracy\n" + key + ",1\n\n", "t.csv:3: found 1 fields, expected 2"},
        {"network,accuracy\nff,1\n", "t.csv:2: found network 'ff', expected sixteen lower-case hexadecimal digits"},
        {"network,accuracy\n00000000000000FF,1\n", "t.csv:2: found network '00000000000000FF'"},
        {"network,accuracy\n00000000000000fg,1\n", "t.csv:2: found network '00000000000000fg'"},
        {"network,accuracy\n" + key + "0,1\n", "t.csv:2: found network '" + key + "0'"},
        {"network,accuracy\n" + key + ",\n", "t.csv:2: found '', expected a finite number"},
        {"network,accuracy\n" + key + ",nan\n", "t.csv:2: found 'nan', expected a finite number"},
        {"network,accuracy\n" + key + ",inf\n", "t.csv:2: found 'inf', expected a finite number"},
        {"network,accuracy\n" + key + ",1 \n", "t.csv:2: found '1 ', expected a finite number"},
        {"network,accuracy\n" + key + ",1e999\n", "t.csv:2: found '1e999', expected a finite number"},
        {"network,accuracy\n" + key + ",\"1\"\n", "t.csv:2: found a quote"},
        {"network,accuracy\n" + key + ",1\n" + key + ",1\n", "t.csv:3: found network '" + key + "' again"},
    };
    for (const auto& [text, answer] : wrong) {
        INFO(text);
        CHECK_THROWS_WITH(Table::parse(text, "t.csv", "accuracy"), matchers::contains_text(answer));
    }
    CHECK_THROWS_WITH(Table::parse("network\n" + key + "\n", "t.csv", "network"),
                      matchers::contains_text("expected one with numbers"));
}

}  // namespace
}  // namespace sotto
