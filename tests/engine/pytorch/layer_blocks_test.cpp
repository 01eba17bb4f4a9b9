// SPDX-License-Identifier: Apache-2.0
#include "engine/pytorch/layer_blocks.hpp"

#include <string>
#include <vector>

#include "engine/arch/network_builder.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;

namespace {

// `path: names without it`, a line for each block.
std::string blocks_of(const std::vector<std::string>& names, std::size_t largest) {
    arch::NetworkBuilder builder;
    builder.reset("net");
    arch::LayerIndex last = builder.add_input("input", {1, 1, 1});
    for (const std::string& name : names) {
        last = builder.add_activation(name, last, arch::Activation::relu);
    }
    const arch::Network network = builder.finish(last);
    std::string text;
    for (const pytorch::LayerBlock& block : pytorch::layer_blocks(network, largest)) {
        text += std::string(block.path) + ':';
        for (arch::LayerIndex index = block.begin; index < block.end; ++index) {
            REQUIRE(network.layer_name(index).substr(0, block.path.size()) == block.path);
            text += ' ' + std::string(network.layer_name(index).substr(block.path.size()));
        }
        text += '\n';
    }
    return text;
}

}  // namespace

TEST_CASE("Layers are cut into blocks where the first part of their names changes") {
    CHECK(blocks_of({"conv", "relu", "fire1/a", "fire1/b/c", "fire2/a", "pool", "fire2/d"}, 12) ==
          ": conv relu\nfire1/: a b/c\nfire2/: a\n: pool\nfire2/: d\n");
    CHECK(blocks_of({"a", "b", "c"}, 2) == ": a b c\n");
    CHECK(blocks_of({}, 2).empty());
}

TEST_CASE("A block that is too large is cut at the next part") {
    CHECK(blocks_of({"s1/b1/x", "s1/b1/y", "s1/b2/x", "s1/sum", "s2/b1/x", "s2/b1/y"}, 3) ==
          "s1/b1/: x y\ns1/b2/: x\ns1/: sum\ns2/: b1/x b1/y\n");
    CHECK(blocks_of({"s/a/b/1", "s/a/b/2", "s/a/c/1"}, 2) == "s/a/b/: 1 2\ns/a/c/: 1\n");
    CHECK(blocks_of({"//", "//a", "/"}, 1) == "//:  a\n/: \n");
}
