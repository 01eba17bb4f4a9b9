// SPDX-License-Identifier: Apache-2.0
#include "engine/arch/network_yaml.hpp"

#include <array>
#include <fstream>
#include <string>
#include <vector>

#include "engine/arch/canonical_hash.hpp"
#include "engine/arch/network_builder.hpp"
#include "engine/input/input_error.hpp"
#include "tests/engine/arch/random_graph.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::arch;

namespace {

std::string error_of(const std::string& text) {
    try {
        parse_network(text, "net.yaml");
    } catch (const input::InputError& error) {
        CHECK(error.parts().location.file == "net.yaml");
        CHECK((error.parts().location.line > 0 || text.empty()));
        return error.what();
    }
    return "no error";
}

// The layers of a wrong network, from line 4 on.
std::string error_of_layers(const std::vector<std::string>& lines) {
    std::string text = "network: wrong\ninput: {shape: [4, 8, 8]}\nlayers:\n";
    for (const std::string& line : lines) {
        text += "  - {" + line + "}\n";
    }
    return error_of(text);
}

}  // namespace

TEST_CASE("A network is read with every kind of layer and every default") {
    const Network network = parse_network(R"(
network: everything
input: {name: image, shape: [4, 8, 10]}
layers:
  - {name: conv, type: conv, channels: 6, kernel: [3, 5], stride: 2, padding: same, groups: 2, bias: false}
  - {name: plain, type: conv, from: image, channels: 6, kernel: 2, stride: 2, padding: valid}
  - {name: sum, type: add, from: [conv, plain, conv]}
  - {name: norm, type: batch_norm, form: homomorphic, foldable: false}
  - {name: usual, type: batch_norm}
  - {name: relu, type: relu}
  - {name: square, type: square, from: norm}
  - {name: same, type: identity}
  - {name: both, type: concat, from: [same, relu]}
  - {name: largest, type: max_pool, kernel: 3, stride: 1, padding: 1}
  - {name: mean, type: average_pool, kernel: 2, stride: [1, 2], padding: [0, 1, 1, 0]}
  - {name: padded, type: pad, padding: [1, 2, 3, 4]}
  - {name: flat, type: flatten}
  - {name: dense, type: fully_connected, features: 12, bias: false}
  - {name: top, type: global_max_pool}
  - {name: middle, type: global_average_pool}
)",
                                          "net.yaml");
    NetworkBuilder b;
    b.reset("everything");
    const LayerIndex image = b.add_input("image", {4, 8, 10});
    // SAME at 8x10 with kernel 3x5 and stride 2: one row at the bottom, one column left and two right.
    const LayerIndex conv = b.add_convolution("conv", image, 6, {3, 5, 2, 2, 0, 1, 1, 2}, 2, false);
    const LayerIndex plain = b.add_convolution("plain", image, 6, {2, 2, 2, 2, 0, 0, 0, 0});
    const LayerIndex sum = b.add_add("sum", std::array{conv, plain, conv});
    const LayerIndex norm = b.add_batch_normalization("norm", sum, BatchNormalizationForm::homomorphic, false);
    const LayerIndex usual = b.add_batch_normalization("usual", norm);
    const LayerIndex relu = b.add_activation("relu", usual, Activation::relu);
    const LayerIndex square = b.add_activation("square", norm, Activation::square);
    const LayerIndex same = b.add_activation("same", square, Activation::identity);
    const LayerIndex both = b.add_concat("both", std::array{same, relu});
    const LayerIndex largest = b.add_pool("largest", both, LayerKind::max_pool, {3, 3, 1, 1, 1, 1, 1, 1});
    const LayerIndex mean = b.add_pool("mean", largest, LayerKind::average_pool, {2, 2, 1, 2, 0, 1, 1, 0});
    const LayerIndex padded = b.add_pad("padded", mean, {1, 1, 1, 1, 1, 2, 3, 4});
    const LayerIndex flat = b.add_flatten("flat", padded);
    const LayerIndex dense = b.add_fully_connected("dense", flat, 12, false);
    const LayerIndex top = b.add_global_pool("top", dense, LayerKind::global_max_pool);
    const LayerIndex middle = b.add_global_pool("middle", top, LayerKind::global_average_pool);
    CHECK(network == b.finish(middle));
    CHECK(parse_network(to_yaml(network), "again") == network);
}

TEST_CASE("Writing and reading gives the same network: the reference networks and random graphs") {
    for (const char* name : {"squeezenet", "resnet50", "densenet121", "resnet18"}) {
        const std::string path = std::string(SOTTO_SOURCE_DIRECTORY) + "/configs/networks/" + name + ".yaml";
        const Network network = read_network_file(path);
        CHECK(network.name() == name);
        const std::string text = to_yaml(network);
        const Network again = parse_network(text, "again");
        CHECK(again == network);
        CHECK(to_yaml(again) == text);
        CHECK(canonical_hash(again) == canonical_hash(network));
    }
    for (std::uint32_t seed = 0; seed < 200; ++seed) {
        random::Stream stream(11, 0, seed, random::Purpose::test);
        const Network network = test::build(test::random_graph(stream, 2 + stream.below(40)));
        REQUIRE(parse_network(to_yaml(network), "again") == network);
    }
}

TEST_CASE("Names that YAML would take for something else come back") {
    const std::vector<std::string> names = {
        "null",       "true", "No",     "1",   "-",   "- x",   "a: b",   "a #b",
        "\"quoted\"", "'",    "\\back", "[a]", "{a}", "tab\t", "line\n", "\xc3\xa9t\xc3\xa9",
        " ",          "~",    "&a",     "*a",  "!t",  "%x",    "a,b",    "\x01\x7f"};
    NetworkBuilder builder;
    builder.reset("name: of #the network");
    LayerIndex last = builder.add_input("?", {1, 2, 2});
    std::vector<LayerIndex> all;
    for (const std::string& name : names) {
        all.push_back(builder.add_activation(name, 0, Activation::relu));
    }
    last = builder.add_concat("end", all);
    const Network network = builder.finish(last);
    CHECK(parse_network(to_yaml(network), "again") == network);
}

TEST_CASE("A network of the input alone is read and written") {
    const Network network = parse_network("network: empty\ninput: {shape: [1, 2, 3]}\n", "net.yaml");
    CHECK(network.size() == 1);
    CHECK(network.layer(0).output == Shape{1, 2, 3});
    CHECK(parse_network(to_yaml(network), "again") == network);
}

TEST_CASE("A wrong network file is answered with place, found, expected and nearest name") {
    CHECK(error_of("") == "net.yaml: a network has the wrong type: found nothing, expected a mapping");
    CHECK(error_of("network: [").rfind("net.yaml:1:1: not valid YAML: ", 0) == 0);
    CHECK(error_of("netwrok: x\ninput: {shape: [1, 2, 3]}\n") ==
          "net.yaml:1:1: unknown key of a network: found 'netwrok', expected 'network', 'input' or 'layers'; did you "
          "mean 'network'?");
    CHECK(error_of("network: x\n") == "net.yaml:1:1: a network lacks a key: expected 'input'");
    CHECK(error_of("network: x\ninput: {shape: [1, 2]}\n") ==
          "net.yaml:2:16: shape of the input has the wrong length: found a list of 2, expected [channels, height, "
          "width]");
    CHECK(error_of("network: x\ninput: {shape: [0, 2, 2]}\n") ==
          "net.yaml:2:17: channels of the input is out of range: found '0', expected a whole number from 1 to 1048576");
    CHECK(error_of("network: x\ninput: {size: [1, 2, 2]}\n") ==
          "net.yaml:2:9: unknown key of input: found 'size', expected 'name' or 'shape'");
    CHECK(error_of("network: x\ninput: {shape: [1, 2, 2]}\nlayers: relu\n") ==
          "net.yaml:3:9: layers has the wrong type: found 'relu', expected a list");
    CHECK(error_of_layers({"name: a"}) == "net.yaml:4:5: layer 'a' lacks a key: expected 'type'");
    CHECK(error_of_layers({"type: relu"}) == "net.yaml:4:5: a layer lacks a key: expected 'name'");
    CHECK(error_of_layers({"name: a, type: rleu"}).find("unknown type of layer 'a': found 'rleu', expected 'conv', ") !=
          std::string::npos);
    CHECK(error_of_layers({"name: a, type: rleu"}).find("; did you mean 'relu'?") != std::string::npos);
    CHECK(error_of_layers({"name: a, type: conv, channels: 4, kernal: 3"}).find("did you mean 'kernel'?") !=
          std::string::npos);
    CHECK(error_of_layers({"name: a, type: relu, kernel: 3"}) ==
          "net.yaml:4:27: unknown key of relu 'a': found 'kernel', expected 'name', 'type' or 'from'");
    CHECK(error_of_layers({"name: a, type: conv, channels: 4"}) ==
          "net.yaml:4:5: conv 'a' lacks a key: expected 'kernel'");
    CHECK(error_of_layers({"name: a, type: conv, channels: four, kernel: 1"}) ==
          "net.yaml:4:37: channels of conv 'a' has the wrong type: found 'four', expected a whole number from 1 to "
          "1048576");
    CHECK(error_of_layers({"name: a, type: conv, channels: 4, kernel: [1, 2, 3]"}) ==
          "net.yaml:4:48: kernel of conv 'a' has the wrong length: found a list of 3, expected a whole number or "
          "[height, width]");
    CHECK(error_of_layers({"name: a, type: conv, channels: 4, kernel: 0"}) ==
          "net.yaml:4:48: kernel of conv 'a' is out of range: found '0', expected a whole number from 1 to 65536");
    CHECK(error_of_layers({"name: a, type: conv, channels: 4, kernel: 1, padding: smae"}) ==
          "net.yaml:4:60: unknown padding of conv 'a': found 'smae', expected 'valid', 'same', a whole number or "
          "[top, bottom, left, right]; did you mean 'same'?");
    CHECK(error_of_layers({"name: a, type: conv, channels: 4, kernel: 1, padding: -1"}) ==
          "net.yaml:4:60: padding of conv 'a' is out of range: found '-1', expected a whole number from 0 to 65536");
    CHECK(
        error_of_layers({"name: a, type: pad, padding: same"}) ==
        "net.yaml:4:35: padding of pad 'a' has the wrong type: found 'same', expected a whole number from 0 to 65536");
    CHECK(error_of_layers({"name: a, type: max_pool, kernel: 2"}) ==
          "net.yaml:4:5: max_pool 'a' lacks a key: expected 'stride'");
    CHECK(error_of_layers({"name: a, type: conv, channels: 4, kernel: 1, bias: maybe"}) ==
          "net.yaml:4:57: bias of conv 'a' has the wrong type: found 'maybe', expected true or false");
    CHECK(error_of_layers({"name: a, type: batch_norm, form: elementwize"}) ==
          "net.yaml:4:39: unknown form of batch_norm 'a': found 'elementwize', expected 'automatic', 'homomorphic' or "
          "'elementwise'; did you mean 'elementwise'?");
    CHECK(error_of_layers({"name: a, type: add"}) == "net.yaml:4:5: add 'a' lacks a key: expected 'from'");
    CHECK(error_of_layers({"name: a, type: add, from: input"}) ==
          "net.yaml:4:32: from of add 'a' has the wrong type: found 'input', expected a list");
}

TEST_CASE("Wrong references between layers are answered") {
    CHECK(error_of_layers({"name: squeeze, type: relu", "name: b, type: relu, from: sqeeze"}) ==
          "net.yaml:5:33: layer 'b' reads an unknown layer: found 'sqeeze', expected the name of a layer above; did "
          "you mean 'squeeze'?");
    CHECK(error_of_layers({"name: a, type: relu, from: b", "name: b, type: relu, from: a"}) ==
          "net.yaml:4:33: layer 'a' reads a layer that stands below it, at line 5: found 'b', expected the name of a "
          "layer above");
    CHECK(error_of_layers({"name: a, type: relu, from: a"}) ==
          "net.yaml:4:33: layer 'a' reads itself: found 'a', expected the name of a layer above");
    CHECK(error_of_layers({"name: a, type: relu", "name: a, type: relu"}) ==
          "net.yaml:5:5: two layers have one name: found 'a', expected another name than that of line 4");
    CHECK(error_of_layers({"name: input, type: relu"}) ==
          "net.yaml:4:5: two layers have one name: found 'input', expected another name than that of line 2");
    CHECK(error_of_layers({"name: a, type: relu", "name: lost, type: square", "name: c, type: relu, from: a"}) ==
          "net.yaml:5:5: layer 'lost' (activation): does not lead to the output 'c'");
    CHECK(error_of_layers({"name: a, type: relu", "name: b, type: relu, from: [a]"}) ==
          "net.yaml:5:33: operand of layer 'b' has the wrong type: found a list of 1, expected text");
}

TEST_CASE("Impossible shapes are answered at the line of their layer") {
    CHECK(error_of_layers(
              {"name: half, type: max_pool, kernel: 2, stride: 2", "name: c, type: concat, from: [input, half]"}) ==
          "net.yaml:5:5: layer 'c' (concat): operands 4x8x8 and 4x4x4 differ in height and width");
    CHECK(error_of_layers({"name: big, type: conv, channels: 1, kernel: 9"}) ==
          "net.yaml:4:5: layer 'big' (conv): window 9x9 is larger than the padded input 8x8 (input 4x8x8)");
    CHECK(error_of_layers(
              {"name: wide, type: conv, channels: 8, kernel: 1", "name: s, type: add, from: [wide, input]"}) ==
          "net.yaml:5:5: layer 's' (add): operands 8x8x8 and 4x8x8 differ");
    CHECK(error_of_layers({"name: g, type: conv, channels: 6, kernel: 1, groups: 4"}) ==
          "net.yaml:4:5: layer 'g' (conv): 4 groups do not divide 4 input and 6 output channels");
    CHECK(error_of_layers({"name: f, type: fully_connected, features: 3"}) ==
          "net.yaml:4:5: layer 'f' (fully_connected): input 4x8x8 is not a vector; a flatten or global pool layer "
          "makes one");
}

TEST_CASE("A layer alone is written as it stands in the network") {
    const std::string layer = "{name: wide, type: conv, from: input, channels: 6, kernel: 3, padding: 1, bias: false}";
    const Network network =
        parse_network("network: n\ninput: {shape: [2, 8, 8]}\nlayers:\n  - {name: narrow, type: relu}\n  - " + layer +
                          "\n  - {name: sum, type: concat, from: [narrow, wide]}\n",
                      "net.yaml");
    CHECK(layer_to_yaml(network, 0) == "{name: input, shape: [2, 8, 8]}");
    CHECK(layer_to_yaml(network, 2) == layer);
    CHECK(layer_to_yaml(network, 3) == "{name: sum, type: concat, from: [narrow, wide]}");
}

TEST_CASE("A file that is not there is answered") {
    CHECK_THROWS_AS(read_network_file("/no/such/network.yaml"), input::InputError);
}

TEST_CASE("The example of docs/networks.md is a network") {
    std::ifstream stream(std::string(SOTTO_SOURCE_DIRECTORY) + "/docs/networks.md");
    REQUIRE(stream.good());
    std::string example;
    bool is_inside = false;
    for (std::string line; std::getline(stream, line);) {
        if (line.rfind("```", 0) == 0) {
            if (is_inside) {
                break;
            }
            is_inside = line == "```yaml";
        } else if (is_inside) {
            example += line + '\n';
        }
    }
    const Network network = parse_network(example, "docs/networks.md");
    CHECK(network.size() > 10);
    CHECK(network.layer(network.output()).output == Shape{10, 1, 1});
}
