// SPDX-License-Identifier: Apache-2.0
#include "search/space/genome_of_network.hpp"

#include <cmath>
#include <cstdint>
#include <set>
#include <string>
#include <utility>

#include "engine/arch/canonical_hash.hpp"
#include "engine/arch/network_yaml.hpp"
#include "search/space/network_likeness.hpp"
#include "tests/search/space/decoded.hpp"
#include "tests/support/catch.hpp"

namespace sotto::search {
namespace {

const std::string configs = SOTTO_SOURCE_DIRECTORY "/configs/";

// `from` in the text replaced, in its first place.
arch::Network with_text(const arch::Network& network, const std::string& from, const std::string& to) {
    std::string text = arch::to_yaml(network);
    REQUIRE(text.find(from) != std::string::npos);
    text.replace(text.find(from), from.size(), to);
    return arch::parse_network(text, "changed.yaml");
}

// How many of so many random members a genome is found for.
std::uint32_t count_found(const std::string& path, std::uint32_t members) {
    const Space space = Space::load_file(configs + path);
    std::uint32_t found = 0;
    for (std::uint32_t i = 0; i < members; ++i) {
        random::Stream stream(77, 0, i, random::Purpose::test);
        const arch::Network wanted = decoded(space, space.sample(stream));
        const GenomeOfNetwork search = find_genome(space, wanted);
        CHECK_FALSE(search.tried_all);
        if (search.genome) {
            CHECK(arch::canonical_hash(decoded(space, *search.genome)) == arch::canonical_hash(wanted));
            CHECK(space.normalized(*search.genome) == *search.genome);
            ++found;
        }
    }
    return found;
}

TEST_CASE("a genome is found for random members of the spaces that ship") {
    CHECK(count_found("fashion_small_space.yaml", 10) == 10);
    CHECK(count_found("squeezenet_space.yaml", 5) == 5);
    CHECK(count_found("nasbench201_space.yaml", 10) == 10);
    CHECK(count_found("mobile_space.yaml", 3) == 3);
    CHECK(count_found("resnet_space.yaml", 3) == 3);
    CHECK(count_found("densenet_space.yaml", 2) == 2);
}

TEST_CASE("a genome is found for random members of the examples") {
    for (const std::string name :
         {"choices", "constraints", "dense", "fire", "mobile", "optional", "repeats", "residual", "skips", "ties"}) {
        INFO(name);
        CHECK(count_found("examples/" + name + ".yaml", 20) == 20);
    }
}

TEST_CASE("a genome is found for a network that was written and read and whose layers have other names") {
    const Space space = Space::load_file(configs + "squeezenet_space.yaml");
    random::Stream stream(5, 0, 0, random::Purpose::test);
    const arch::Network member = decoded(space, space.sample(stream));
    const arch::Network read = arch::parse_network(arch::to_yaml(member), "member.yaml");
    CHECK(find_genome(space, read).genome.has_value());

    std::string text = arch::to_yaml(member);
    for (std::size_t at = text.find("conv1"); at != std::string::npos; at = text.find("conv1", at + 1)) {
        text.replace(at, 4, "beginning");
    }
    const arch::Network renamed = arch::parse_network(text, "renamed.yaml");
    CHECK_FALSE(renamed == read);
    CHECK(find_genome(space, renamed).genome.has_value());
}

TEST_CASE("the published networks that are members have a genome") {
    for (const auto& [name, network] : {std::pair("resnet", "resnet50"), std::pair("densenet", "densenet121"),
                                        std::pair("squeezenet", "squeezenet")}) {
        INFO(name);
        const Space space = Space::load_file(configs + name + "_space.yaml");
        const arch::Network wanted = arch::read_network_file(configs + "networks/" + network + ".yaml");
        const GenomeOfNetwork search = find_genome(space, wanted);
        REQUIRE(search.genome.has_value());
        CHECK(arch::canonical_hash(decoded(space, *search.genome)) == arch::canonical_hash(wanted));
    }
}

TEST_CASE("equal networks get equal genomes") {
    const Space space = Space::load_file(configs + "fashion_small_space.yaml");
    random::Stream stream(77, 0, 3, random::Purpose::test);
    const arch::Network wanted = decoded(space, space.sample(stream));
    const GenomeOfNetwork first = find_genome(space, wanted);
    const GenomeOfNetwork second = find_genome(space, wanted);
    CHECK(first.genome == second.genome);
    CHECK(first.tried == second.tried);
}

TEST_CASE("that a network has no genome is certain where all were tried") {
    const Space space = Space::load_file(configs + "examples/constraints.yaml");
    const arch::Network member = decoded(space, space.baseline().value());
    // No width of the space.
    const arch::Network wanted = with_text(member, "channels: 16", "channels: 17");
    const GenomeOfNetwork search = find_genome(space, wanted);
    CHECK_FALSE(search.genome.has_value());
    CHECK(search.tried_all);
    // 4 * 4 widths, 1 to 5 strides of 2: of shipped_spaces_test's closed form those that requirements on choices keep.
    CHECK(search.tried >= 4 * 4 * (2 + 4 + 8 + 16 + 32) / 2);
    REQUIRE(search.nearest.has_value());
    decoded(space, *search.nearest);

    const GenomeOfNetwork hasty = find_genome(space, wanted, 1000);
    CHECK_FALSE(hasty.genome.has_value());
    CHECK_FALSE(hasty.tried_all);
}

TEST_CASE("that a network has no genome is not claimed of a space that is too large to try") {
    const Space space = Space::load_file(configs + "squeezenet_space.yaml");
    const arch::Network member = decoded(space, space.baseline().value());
    const std::uint64_t steps = 500'000;
    const GenomeOfNetwork search = find_genome(space, with_text(member, "channels: 48", "channels: 47"), steps);
    CHECK_FALSE(search.genome.has_value());
    CHECK_FALSE(search.tried_all);
    CHECK(search.tried > 1000);
    CHECK(search.tried <= steps / 20);
    CHECK(search.nearest.has_value());
}

TEST_CASE("every genome of a space is handed out once") {
    for (const std::string name : {"choices", "optional", "skips", "ties", "fire", "repeats"}) {
        INFO(name);
        const Space space = Space::load_file(configs + "examples/" + name + ".yaml");
        std::set<Genome> genomes;
        std::uint64_t count = 0;
        std::uint64_t not_normalized = 0;
        space.for_each_genome([&](const Genome& genome) {
            genomes.insert(genome);
            not_normalized += space.normalized(genome) == genome ? 0 : 1;
            ++count;
            return true;
        });
        CHECK(not_normalized == 0);
        CHECK(genomes.size() == count);
        // The sizes are checked against closed forms in shipped_spaces_test.
        CHECK(static_cast<double>(count) == Approx(std::pow(10.0, space.log10_size())));
    }
    const Space space = Space::load_file(configs + "examples/choices.yaml");
    int handed = 0;
    space.for_each_genome([&](const Genome& /*genome*/) { return ++handed < 3; });
    CHECK(handed == 3);
}

const std::string chain_text =
    "network: chain\ninput: {shape: [3, 8, 8]}\nlayers:\n"
    "  - {name: a, type: conv, channels: 4, kernel: 1}\n"
    "  - {name: b, type: relu}\n"
    "  - {name: c, type: conv, channels: 8, kernel: 1}\n";

TEST_CASE("a layer is there with all that it is computed from or by its attributes alone") {
    const arch::Network wanted = arch::parse_network(chain_text, "chain.yaml");
    NetworkComparison comparison(wanted);
    const auto likeness = [&](const std::string& from, const std::string& to) {
        return comparison.compare(with_text(wanted, from, to)).likeness;
    };
    const Likeness equal = comparison.compare(wanted).likeness;
    CHECK(equal.computed == 4);
    CHECK(equal.attributes == 4);
    CHECK(equal.beyond == 0);

    // The input and `a`; of the others, `c` has its attributes, and `b` is another activation where one is wanted.
    const Likeness other_activation = likeness("type: relu", "type: square");
    CHECK(other_activation.computed == 2);
    CHECK(other_activation.attributes == 3);
    CHECK(other_activation.beyond == -2);
    const Likeness other_kind = likeness("type: relu", "type: max_pool, kernel: 1, stride: 1");
    CHECK(other_kind.computed == 2);
    CHECK(other_activation.continued > other_kind.continued);

    const Likeness other_end = likeness("channels: 8", "channels: 9");
    CHECK(other_end.computed == 3);
    CHECK(other_end > other_activation);
    CHECK(equal > other_end);
}

TEST_CASE("two networks part at the first layer that is computed otherwise") {
    const arch::Network wanted = arch::parse_network(chain_text, "chain.yaml");
    const Difference kind = first_difference(wanted, with_text(wanted, "type: relu", "type: square"));
    CHECK(kind.wanted == arch::LayerIndex{2});
    CHECK(kind.other == arch::LayerIndex{2});

    const Difference shorter =
        first_difference(wanted, with_text(wanted, "  - {name: c, type: conv, channels: 8, kernel: 1}\n", ""));
    CHECK(shorter.wanted == arch::LayerIndex{3});
    CHECK_FALSE(shorter.other.has_value());

    const Difference none = first_difference(wanted, wanted);
    CHECK_FALSE(none.wanted.has_value());
    CHECK_FALSE(none.other.has_value());
}

}  // namespace
}  // namespace sotto::search
