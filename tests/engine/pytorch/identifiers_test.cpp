// SPDX-License-Identifier: Apache-2.0
#include "engine/pytorch/identifiers.hpp"

#include <vector>

#include "engine/arch/network_builder.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::pytorch;

namespace {

std::vector<std::string> attributes_of(const std::vector<std::string>& names) {
    arch::NetworkBuilder builder;
    builder.reset("net");
    arch::LayerIndex last = builder.add_input(names[0], {1, 1, 1});
    for (std::size_t i = 1; i < names.size(); ++i) {
        last = builder.add_activation(names[i], last, arch::Activation::relu);
    }
    UniqueIdentifiers given;
    return attribute_names(builder.finish(last), given);
}

}  // namespace

TEST_CASE("A name becomes letters and digits and underscores") {
    CHECK(to_identifier("conv1", "conv") == "conv1");
    CHECK(to_identifier("fire2/expand1x1", "conv") == "fire2_expand1x1");
    CHECK(to_identifier("fire[2]/expand/conv", "conv") == "fire_2_expand_conv");
    CHECK(to_identifier("a__b_", "conv") == "a__b_");
    CHECK(to_identifier("a _b", "conv") == "a_b");
    CHECK(to_identifier("a. -b!", "conv") == "a_b");
    CHECK(to_identifier("/start", "conv") == "start");
    CHECK(to_identifier("\xe3\x82\xb9 2", "conv") == "conv_2");
    CHECK(to_identifier("\xe3\x82\xb9", "conv") == "conv");
    CHECK(to_identifier("\"\"\"\nimport os", "conv") == "import_os");
    CHECK(to_identifier("x=1;y", "conv") == "x_1_y");
}

TEST_CASE("An identifier begins with a letter") {
    CHECK(to_identifier("1x1", "conv") == "conv_1x1");
    CHECK(to_identifier("_hidden", "relu") == "relu_hidden");
    CHECK(to_identifier("__class__", "relu") == "relu__class__");
    CHECK(to_identifier("_", "relu") == "relu");
    CHECK(to_identifier("", "relu") == "relu");
}

TEST_CASE("A long name is cut") {
    CHECK(to_identifier(std::string(4096, 'a'), "conv") == std::string(maximum_identifier_length, 'a'));
}

TEST_CASE("Words of Python and attributes of modules get an underscore") {
    for (const std::string word : {"class", "lambda", "None", "train", "eval", "forward", "type", "half", "float", "to",
                                   "training", "state_dict", "compile", "zero_grad", "add_module", "T_destination"}) {
        CHECK(attribute_identifier(word) == word + '_');
    }
    for (const std::string word : {"conv", "sum", "self", "torch", "Train", "match", "weight", "bias"}) {
        CHECK(attribute_identifier(word) == word);
    }
    for (const std::string word : {"class", "None", "sum", "input", "max", "abs", "zip", "self", "torch", "x"}) {
        CHECK(variable_identifier(word) == word + '_');
    }
    for (const std::string word : {"train", "forward", "relu", "state_dict", "nn"}) {
        CHECK(variable_identifier(word) == word);
    }
}

TEST_CASE("Names that would be the same are numbered and one that was right is kept") {
    CHECK(attributes_of({"in", "a/b", "a.b", "a_b", "a_b_2", "a b"}) ==
          std::vector<std::string>{"in_", "a_b_3", "a_b_4", "a_b", "a_b_2", "a_b_5"});
    CHECK(attributes_of({"image", "train", "train_", "train/"}) ==
          std::vector<std::string>{"image", "train__2", "train_", "train__3"});
    CHECK(attributes_of({"input", "?", "!", "2"}) ==
          std::vector<std::string>{"input", "activation", "activation_2", "activation_2_2"});
    const std::string half(40, 'a');
    CHECK(attributes_of({"input", half + half + '1', half + half + '2'}) ==
          std::vector<std::string>{"input", std::string(56, 'a'), std::string(56, 'a') + "_2"});
}
