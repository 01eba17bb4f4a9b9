// SPDX-License-Identifier: Apache-2.0
// A small space with known members: what decoding, text, size and variation make of it.
#include "search/space/space.hpp"

#include <cmath>
#include <set>
#include <string>

#include "engine/arch/canonical_hash.hpp"
#include "engine/arch/network_builder.hpp"
#include "engine/input/yaml_document.hpp"
#include "tests/support/catch.hpp"

namespace sotto::search {
namespace {

Space load_text(const std::string& text) {
    return Space::load(input::parse_yaml(text, "space.yaml"));
}

random::Stream stream_of(std::uint32_t index) {
    return {7, 0, index, random::Purpose::test};
}

constexpr const char* tiny = R"(
name: tiny
input: {shape: [3, 8, 8]}
choices:
  width: [4, 6]
  twice: [true, false]
  activation: {values: [relu, square], when: twice}
layers:
  - {name: first, type: conv, channels: width, kernel: 3, padding: same}
  - name: second
    when: twice
    layers:
      - {type: "${activation}"}
      - {name: conv, type: conv, channels: 2 * width, kernel: 1, bias: false}
)";

TEST_CASE("a tiny space has exactly the members that its choices list") {
    const Space space = load_text(tiny);
    REQUIRE(space.gene_count() == 3);
    CHECK(space.log10_size() == Approx(std::log10(6.0)));  // 2 widths x (not twice + 2 activations)
    std::set<std::string> texts;
    for (std::uint32_t i = 0; i < 200; ++i) {
        random::Stream stream = stream_of(i);
        texts.insert(space.to_text(space.sample(stream)));
    }
    CHECK(texts == std::set<std::string>{"width=4 twice=true activation=relu", "width=4 twice=true activation=square",
                                         "width=4 twice=false", "width=6 twice=true activation=relu",
                                         "width=6 twice=true activation=square", "width=6 twice=false"});
}

TEST_CASE("a decoded network is the one that its choices describe") {
    const Space space = load_text(tiny);
    Space::Decoder decoder(space);
    Rejection rejection;
    const arch::Network* const network =
        decoder.decode(space.parse_genome("width=6 twice=true activation=square"), rejection);
    REQUIRE(network != nullptr);

    arch::NetworkBuilder builder;
    builder.reset("other");
    const arch::LayerIndex input = builder.add_input("in", {3, 8, 8});
    arch::Window window;
    window.kernel_height = window.kernel_width = 3;
    window.pad_top = window.pad_bottom = window.pad_left = window.pad_right = 1;
    const arch::LayerIndex first = builder.add_convolution("a", input, 6, window, 1, true);
    const arch::LayerIndex square = builder.add_activation("b", first, arch::Activation::square);
    const arch::LayerIndex last = builder.add_convolution("c", square, 12, arch::Window{}, 1, false);
    CHECK(arch::canonical_hash(*network) == arch::canonical_hash(builder.finish(last)));
    CHECK(network->layer_name(3) == "second/conv");
}

TEST_CASE("a genome of another length or with a gene out of range is refused") {
    const Space space = load_text(tiny);
    Space::Decoder decoder(space);
    Rejection rejection;
    CHECK_THROWS_AS(decoder.decode(Genome{{0, 0}}, rejection), std::invalid_argument);
    CHECK_THROWS_AS(decoder.decode(Genome{{0, 0, 2}}, rejection), std::invalid_argument);
    CHECK_THROWS_AS(decoder.decode(Genome{{-1, 0, 0}}, rejection), std::invalid_argument);
}

TEST_CASE("normalizing clears the genes of choices that are not active") {
    const Space space = load_text(tiny);
    CHECK(space.normalized(Genome{{1, 1, 1}}) == Genome{{1, 1, 0}});
    CHECK(space.normalized(Genome{{1, 0, 1}}) == Genome{{1, 0, 1}});
}

}  // namespace
}  // namespace sotto::search
