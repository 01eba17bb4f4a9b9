// SPDX-License-Identifier: Apache-2.0
// The smallest steps from a genome, compared with what the text of the genomes says.
#include <map>
#include <optional>
#include <set>
#include <string>

#include "engine/input/yaml_document.hpp"
#include "search/space/space.hpp"
#include "tests/support/catch.hpp"

namespace sotto::search {
namespace {

constexpr const char* towers = R"(
name: towers
input: {shape: [3, 16, 16]}
choices:
  depth: {from: 1, to: 4}
  wide: [true, false]
define:
  last_width: if(wide, 16, 8)
layers:
  - name: body
    repeat: depth
    choices:
      width: [4, 8, 16]
      pooled: [false, true]
      pool: {values: [max_pool, average_pool], when: pooled}
    layers:
      - {name: conv, type: conv, channels: width, kernel: 1}
      - {name: pool, type: "${pool}", kernel: 2, stride: 2, when: pooled}
  - {name: last, type: conv, channels: last_width, kernel: 1}
require:
  - body[0].width < 16
)";

Space load_towers() {
    return Space::load(input::parse_yaml(towers, "space.yaml"));
}

std::string changed(const Space& space, const std::string& parent, const Change& change) {
    random::Stream stream(1, 0, 0, random::Purpose::test);
    const std::optional<Genome> child = space.apply(space.parse_genome(parent), change, stream);
    return child ? space.to_text(*child) : "no genome";
}

std::set<std::string> children_of(const Space& space, const std::string& parent, Change::Kind kind) {
    std::set<std::string> children;
    for (const Change& change : space.changes(space.parse_genome(parent))) {
        if (change.kind == kind) {
            children.insert(changed(space, parent, change));
        }
    }
    return children;
}

constexpr const char* two =
    "depth=2 wide=true body[0].width=4 body[0].pooled=false body[1].width=16 body[1].pooled=true body[1].pool=max_pool";

TEST_CASE("an iteration that is taken out leaves the choices of the others as they were") {
    const Space space = load_towers();
    CHECK(children_of(space, two, Change::Kind::remove_iteration) ==
          std::set<std::string>{"depth=1 wide=true body[0].width=4 body[0].pooled=false",
                                "no genome"});  // the wide one may not be the first
}

TEST_CASE("an iteration that is doubled stands twice and those behind it move on") {
    const Space space = load_towers();
    CHECK(children_of(space, two, Change::Kind::double_iteration) ==
          std::set<std::string>{
              "depth=3 wide=true body[0].width=4 body[0].pooled=false body[1].width=4 body[1].pooled=false "
              "body[2].width=16 body[2].pooled=true body[2].pool=max_pool",
              "depth=3 wide=true body[0].width=4 body[0].pooled=false body[1].width=16 body[1].pooled=true "
              "body[1].pool=max_pool body[2].width=16 body[2].pooled=true body[2].pool=max_pool"});
}

TEST_CASE("a part with its most iterations is not doubled and one with its least not shortened") {
    const Space space = load_towers();
    const std::string least = "depth=1 wide=true body[0].width=4 body[0].pooled=false";
    CHECK(children_of(space, least, Change::Kind::remove_iteration).empty());
    std::string most = "depth=4 wide=true";
    for (int i = 0; i < 4; ++i) {
        const std::string name = " body[" + std::to_string(i) + "].";
        most += name + "width=4" + name + "pooled=false";
    }
    CHECK(children_of(space, most, Change::Kind::double_iteration).empty());
    CHECK(children_of(space, most, Change::Kind::remove_iteration).size() == 1);  // four equal ones
}

TEST_CASE("every other alternative of every active choice is one change") {
    const Space space = load_towers();
    std::map<std::string, int> seen;
    for (const Change& change : space.changes(space.parse_genome(two))) {
        if (change.kind == Change::Kind::set_gene) {
            const ChoiceView choice = space.choice(change.where);
            ++seen[std::string(choice.name) + '=' + choice.alternatives[static_cast<std::size_t>(change.value)]];
        }
    }
    CHECK(seen == std::map<std::string, int>{{"depth=1", 1},
                                             {"depth=3", 1},
                                             {"depth=4", 1},
                                             {"wide=false", 1},
                                             {"body[0].width=8", 1},
                                             {"body[0].width=16", 1},
                                             {"body[0].pooled=true", 1},
                                             {"body[1].width=4", 1},
                                             {"body[1].width=8", 1},
                                             {"body[1].pooled=false", 1},
                                             {"body[1].pool=average_pool", 1}});
}

TEST_CASE("a change sets its gene and keeps the others, and one that gives no network gives nothing") {
    const Space space = load_towers();
    const std::set<std::string> children = children_of(space, two, Change::Kind::set_gene);
    CHECK(
        children.contains("depth=2 wide=false body[0].width=4 body[0].pooled=false body[1].width=16 "
                          "body[1].pooled=true body[1].pool=max_pool"));
    CHECK(children.contains("depth=1 wide=true body[0].width=4 body[0].pooled=false"));
    CHECK(children.contains("no genome"));  // body[0].width=16
    CHECK(children.contains(
        "depth=2 wide=true body[0].width=4 body[0].pooled=false body[1].width=16 body[1].pooled=false"));
}

TEST_CASE("changes of the SqueezeNet space are valid members that differ from their parent") {
    const Space space = Space::load_file(SOTTO_SOURCE_DIRECTORY "/configs/squeezenet_space.yaml");
    Space::Decoder decoder(space);
    std::size_t valid = 0;
    std::size_t shifts = 0;
    for (std::uint32_t i = 0; i < 20; ++i) {
        random::Stream stream(2, 0, i, random::Purpose::test);
        const Genome parent = space.sample(stream);
        for (const Change& change : space.changes(parent)) {
            const std::optional<Genome> child = space.apply(parent, change, stream);
            if (!child) {
                continue;
            }
            Rejection rejection;
            REQUIRE(*child != parent);
            REQUIRE(decoder.decode(*child, rejection) != nullptr);
            ++valid;
            shifts += change.kind == Change::Kind::set_gene ? 0U : 1U;
        }
    }
    CHECK(valid > 20 * 20);
    CHECK(shifts > 20);
}

}  // namespace
}  // namespace sotto::search
