// SPDX-License-Identifier: Apache-2.0
// Files that PyTorch wrote, and files in the form that tf2onnx writes (make_models.py), against the same networks in
// YAML.
#include "engine/onnx/read_network.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "engine/arch/canonical_hash.hpp"
#include "engine/arch/network_yaml.hpp"
#include "engine/input/input_error.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using arch::Network;

namespace {

std::string model_path(const std::string& name) {
    return SOTTO_SOURCE_DIRECTORY "/tests/engine/onnx/models/" + name + ".onnx";
}

std::string read_text(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    REQUIRE(stream);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
    for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
        text.replace(at, what.size(), by);
    }
    return text;
}

// In full in the message where it differs.
void check_equal(const Network& read, const Network& expected) {
    INFO("read from ONNX:\n" << arch::to_yaml(read) << "\nexpected:\n" << arch::to_yaml(expected));
    CHECK(read.size() == expected.size());
    CHECK(arch::to_text(arch::canonical_hash(read)) == arch::to_text(arch::canonical_hash(expected)));
}

// `layers` are those of the YAML form.
std::vector<std::string> check_model(const std::string& name, const std::string& input_shape,
                                     const std::vector<std::string>& layers) {
    std::string text = "network: expected\ninput: {name: image, shape: " + input_shape + "}\nlayers:\n";
    for (const std::string& layer : layers) {
        text += "  - {" + layer + "}\n";
    }
    INFO("model " << name);
    std::vector<std::string> notes;
    check_equal(onnx::read_network_file(model_path(name), &notes), arch::parse_network(text, "expected.yaml"));
    return notes;
}

std::string reference_network(const std::string& name) {
    return read_text(SOTTO_SOURCE_DIRECTORY "/configs/networks/" + name + ".yaml");
}

// ONNX has no word for how a normalisation is executed.
std::string without_execution(const std::string& text) {
    return replaced(replaced(text, ", form: elementwise", ""), ", foldable: false", "");
}

// What most of the small models begin with: in PyTorch, evaluation folds the batch normalisation into the convolution.
const std::vector<std::string> stem{"name: c, type: conv, channels: 4, kernel: 3, padding: 1", "name: r, type: relu",
                                    "name: p, type: max_pool, kernel: 3, stride: 2, padding: [0, 1, 0, 1]"};

std::vector<std::string> after_stem(const std::vector<std::string>& more) {
    std::vector<std::string> layers = stem;
    layers.insert(layers.end(), more.begin(), more.end());
    return layers;
}

}  // namespace

TEST_CASE("SqueezeNet as PyTorch exports it is the network that was measured") {
    check_equal(onnx::read_network_file(model_path("squeezenet")),
                arch::parse_network(reference_network("squeezenet"), "squeezenet.yaml"));
}

TEST_CASE("ResNet-18 as PyTorch exports it with a symbolic batch is the reference network") {
    const Network network = onnx::read_network_file(model_path("resnet18"));
    check_equal(network, arch::parse_network(reference_network("resnet18"), "resnet18.yaml"));
    CHECK(network.name() == "resnet18");
}

TEST_CASE("Pre-activation ResNet-50 as PyTorch exports it is the network that was measured") {
    const std::string text = without_execution(reference_network("resnet50"));
    check_equal(onnx::read_network_file(model_path("resnet50")), arch::parse_network(text, "resnet50.yaml"));
}

TEST_CASE("DenseNet-121 with SAME paddings is the network that was measured") {
    const std::string text = without_execution(reference_network("densenet121"));
    check_equal(onnx::read_network_file(model_path("densenet121")), arch::parse_network(text, "densenet121.yaml"));
}

TEST_CASE("A dense block joins what PyTorch joins and a list of one is no layer") {
    check_model("dense_block", "[4, 8, 8]",
                {"name: n1, type: batch_norm", "name: r1, type: relu",
                 "name: c1, type: conv, channels: 8, kernel: 1, bias: false", "name: n2, type: batch_norm",
                 "name: r2, type: relu", "name: c2, type: conv, channels: 2, kernel: 3, padding: 1, bias: false",
                 "name: j1, type: concat, from: [image, c2]", "name: n3, type: batch_norm", "name: r3, type: relu",
                 "name: c3, type: conv, channels: 8, kernel: 1, bias: false", "name: n4, type: batch_norm",
                 "name: r4, type: relu", "name: c4, type: conv, channels: 2, kernel: 3, padding: 1, bias: false",
                 "name: j2, type: concat, from: [image, c2, c4]", "name: n5, type: batch_norm", "name: r5, type: relu",
                 "name: c5, type: conv, channels: 4, kernel: 1, bias: false",
                 "name: a, type: average_pool, kernel: 2, stride: 2"});
}

TEST_CASE("A padding is read from attributes and from what the exporter computes in the graph") {
    const auto layers = [](const std::string& pool_padding) {
        return std::vector<std::string>{
            "name: z, type: pad, padding: [0, 3, 1, 2]", "name: c, type: conv, channels: 4, kernel: 3, padding: 1",
            "name: r, type: relu", "name: p, type: max_pool, kernel: 3, stride: 2, padding: " + pool_padding,
            "name: g, type: global_average_pool"};
    };
    // Of 11 rows no window is cut off, and ceil_mode adds nothing. Up to operator set 9 PyTorch writes padding for it.
    check_model("pad_16", "[3, 8, 8]", layers("0"));
    check_model("pad_9", "[3, 8, 8]", layers("[0, 1, 0, 1]"));
}

TEST_CASE("Each way to a vector is read") {
    const std::string classes = "name: f, type: fully_connected, features: 5";
    const std::string mean = "name: g, type: global_average_pool";
    const std::string maximum = "name: g, type: global_max_pool";
    const std::string flat = "name: v, type: flatten";
    // Up to operator set 9 PyTorch writes the ceiling of a pool as padding, one element more than is read.
    check_model(
        "view_9", "[3, 8, 8]",
        {stem[0], stem[1], "name: p, type: max_pool, kernel: 3, stride: 2, padding: [0, 2, 0, 2]", flat, classes});
    check_model("view_13", "[3, 8, 8]", after_stem({flat, classes}));
    check_model("mean_12", "[3, 8, 8]", after_stem({mean, classes}));
    check_model("maximum_13", "[3, 8, 8]", after_stem({maximum, classes}));
    check_model("no_batch_15", "[3, 8, 8]", after_stem({mean, classes}));
    check_model("flat_pool_16", "[3, 8, 8]", after_stem({mean, flat, classes}));
}

TEST_CASE("A softmax and a dropout are left out and said") {
    const std::vector<std::string> end{"name: v, type: flatten", "name: f, type: fully_connected, features: 5"};
    const std::vector<std::string> notes = check_model("flatten_10", "[3, 8, 8]", after_stem(end));
    REQUIRE(notes.size() == 1);
    CHECK_THAT(notes[0], matchers::contains_text("(LogSoftmax) has no secure form and is left out"));

    const std::vector<std::string> training = check_model(
        "training_14", "[3, 8, 8]", {stem[0], "name: n, type: batch_norm", stem[1], stem[2], end[0], end[1]});
    REQUIRE(training.size() == 3);
    CHECK_THAT(training[0], matchers::contains_text("(BatchNormalization) is in training mode"));
    CHECK_THAT(training[1], matchers::contains_text("(Dropout) does nothing at inference and is left out"));
    CHECK_THAT(training[2], matchers::contains_text("(Softmax) has no secure form and is left out"));
}

TEST_CASE("Groups and strides and activations are read") {
    const auto convolution = [](const std::string& name, const std::string& more) {
        return "name: " + name + ", type: conv, channels: 4, kernel: [1, 3], stride: [2, 1], padding: [0, 0, 1, 1], " +
               more;
    };
    check_model(
        "activations_16", "[4, 8, 8]",
        {convolution("c1", "bias: false"), "name: s1, type: square", convolution("c2", "groups: 2, bias: false"),
         "name: s2, type: square", convolution("c4", "groups: 4"), "name: r, type: relu",
         "name: z, type: pad, padding: 1", "name: a, type: average_pool, kernel: 3, stride: 1",
         // PyTorch writes an adaptive maximum as a window over the whole image.
         "name: m, type: max_pool, kernel: [1, 8], stride: [1, 8]", "name: v, type: flatten",
         "name: f, type: fully_connected, features: 3, bias: false"});
}

TEST_CASE("TensorFlow's form is read in each operator set") {
    for (const std::string name : {"tensorflow_9", "tensorflow_13", "tensorflow_18"}) {
        // One row and one column of padding: SAME_LOWER has them at the top and left, SAME_UPPER at the bottom and
        // right.
        const std::vector<std::string> notes = check_model(
            name, "[3, 10, 8]",
            {"name: c, type: conv, channels: 4, kernel: 3, stride: 2, padding: [1, 0, 1, 0]", "name: r, type: relu",
             "name: z, type: pad, padding: [1, 0, 0, 2]",
             "name: p, type: max_pool, kernel: 3, stride: 2, padding: [0, 1, 0, 1]", "name: n, type: batch_norm",
             "name: l, type: conv, channels: 4, kernel: 1, bias: false", "name: g, type: global_average_pool",
             "name: v, type: flatten, from: l", "name: f, type: fully_connected, features: 4",
             "name: s, type: add, from: [g, f]", "name: o, type: fully_connected, features: 6, bias: false"});
        REQUIRE(notes.size() == 1);
        CHECK_THAT(notes[0], matchers::contains_text("(Softmax)"));
    }
}

TEST_CASE("Layers have the names of their nodes") {
    const Network network = onnx::read_network_file(model_path("flatten_10"));
    std::vector<std::string> names;
    for (arch::LayerIndex index = 0; index < network.size(); ++index) {
        names.emplace_back(network.layer_name(index));
    }
    CHECK(names == std::vector<std::string>{"image", "/conv/Conv", "/Relu", "/pool/MaxPool", "/Flatten", "/fc/Gemm"});
    CHECK(network.name() == "flatten_10");
}

TEST_CASE("The bytes of a file and the file are the same network") {
    const std::string path = model_path("dense_block");
    CHECK(onnx::parse_network(read_text(path), path) == onnx::read_network_file(path));
}

TEST_CASE("A file that is no ONNX model is answered") {
    const auto error_of_file = [](const std::string& path) {
        try {
            onnx::read_network_file(path);
        } catch (const input::InputError& error) {
            CHECK(error.parts().location.file == path);
            return std::string(error.what());
        }
        return std::string("no error");
    };
    CHECK_THAT(error_of_file("missing.onnx"), matchers::contains_text("cannot be read: No such file"));
    CHECK_THAT(error_of_file(SOTTO_SOURCE_DIRECTORY), matchers::contains_text("cannot be read: Is a directory"));
    CHECK_THAT(error_of_file(SOTTO_SOURCE_DIRECTORY "/configs/networks/resnet18.yaml"),
               matchers::contains_text("is not an ONNX model, or is damaged"));
}

TEST_CASE("Every file cut short is answered") {
    const std::string bytes = read_text(model_path("tensorflow_13"));
    std::size_t answered = 0;
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        try {
            onnx::parse_network(bytes.substr(0, size), "cut.onnx");
        } catch (const input::InputError&) {
            ++answered;
        }
    }
    // The last field of the file is the version of the operator set: without it there is no complete model.
    CHECK(answered == bytes.size());
}
