// SPDX-License-Identifier: Apache-2.0
#include "engine/onnx/write_network.hpp"

#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>
#include <string>
#include <vector>

#include "engine/arch/canonical_hash.hpp"
#include "engine/arch/network_builder.hpp"
#include "engine/arch/network_yaml.hpp"
#include "engine/onnx/read_network.hpp"
#include "engine/random/random.hpp"
#include "tests/engine/arch/random_graph.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using arch::Network;

namespace {

// Every kind of layer, vectors in both forms, and names that the weights' names meet.
constexpr const char* everything = R"(
network: everything
input: {name: image, shape: [4, 9, 8]}
layers:
  - {name: conv, type: conv, channels: 6, kernel: [3, 2], stride: [2, 1], padding: [1, 0, 2, 1], groups: 2}
  - {name: conv.weight, type: batch_norm}
  - {name: conv.bias, type: relu}
  - {name: plain, type: conv, from: image, channels: 6, kernel: [3, 2], stride: [2, 1], padding: [1, 0, 2, 1], bias: false}
  - {name: square, type: square}
  - {name: sum, type: add, from: [conv.bias, square, conv.bias]}
  - {name: pair, type: add, from: [square, sum]}
  - {name: both, type: concat, from: [pair, sum, pair]}
  - {name: largest, type: max_pool, kernel: 3, stride: 2, padding: [1, 0, 0, 1]}
  - {name: mean, type: average_pool, kernel: [2, 3], stride: 1, padding: [0, 1, 1, 0]}
  - {name: around, type: pad, padding: [1, 2, 3, 4]}
  - {name: same, type: identity}
  - {name: top, type: global_max_pool}
  - {name: middle, type: global_average_pool, from: same}
  - {name: hidden, type: fully_connected, features: 18}
  - {name: norm, type: batch_norm}
  - {name: hidden_square, type: square}
  - {name: mixed, type: add, from: [top, hidden_square]}
  - {name: narrow, type: conv, from: hidden_square, channels: 18, kernel: 1}
  - {name: again, type: flatten}
  - {name: flat, type: flatten}
  - {name: flat.vector, type: concat, from: [flat, mixed]}
  - {name: classes, type: fully_connected, features: 3, bias: false}
)";

void check_round_trip(const Network& network) {
    const Network again = sotto::onnx::parse_network(sotto::onnx::to_onnx(network), network.name() + ".onnx");
    INFO(arch::to_yaml(again));
    CHECK(arch::to_text(arch::canonical_hash(again)) == arch::to_text(arch::canonical_hash(network)));
    // The names of all layers come back too.
    std::set<std::string_view> names;
    for (arch::LayerIndex index = 0; index < network.size(); ++index) {
        names.insert(network.layer_name(index));
    }
    for (arch::LayerIndex index = 0; index < again.size(); ++index) {
        CHECK(names.contains(again.layer_name(index)));
    }
}

::onnx::ModelProto model_of(const Network& network) {
    ::onnx::ModelProto model;
    REQUIRE(model.ParseFromString(sotto::onnx::to_onnx(network)));
    return model;
}

std::vector<float> values_of(const ::onnx::TensorProto& tensor) {
    std::vector<float> values(tensor.raw_data().size() / sizeof(float));
    std::memcpy(values.data(), tensor.raw_data().data(), tensor.raw_data().size());
    return values;
}

}  // namespace

TEST_CASE("A network with every kind of layer comes back from ONNX") {
    check_round_trip(arch::parse_network(everything, "everything.yaml"));
}

TEST_CASE("Networks that were measured come back from ONNX") {
    for (const std::string name : {"squeezenet", "resnet18"}) {
        check_round_trip(arch::read_network_file(SOTTO_SOURCE_DIRECTORY "/configs/networks/" + name + ".yaml"));
    }
}

TEST_CASE("Random graphs come back from ONNX") {
    random::Stream stream(7, 0, 0, random::Purpose::test);
    for (int trial = 0; trial < 200; ++trial) {
        check_round_trip(test::build(test::random_graph(stream, 2 + stream.below(30))));
    }
}

TEST_CASE("A network without a name is written") {
    arch::NetworkBuilder builder;
    const arch::LayerIndex input = builder.add_input("image", {3, 4, 4});
    const arch::LayerIndex relu = builder.add_activation("relu", input, arch::Activation::relu);
    check_round_trip(builder.finish(relu));
    CHECK(model_of(builder.finish(relu)).graph().name() == "network");
}

TEST_CASE("Weights are uniform with a variance of two over the inputs of a neuron") {
    const Network network = arch::parse_network(R"(
network: wide
input: {shape: [8, 6, 6]}
layers:
  - {name: a, type: conv, channels: 512, kernel: [3, 2], groups: 2}
  - {name: b, type: conv, channels: 64, kernel: 1, bias: false}
  - {name: c, type: flatten}
  - {name: d, type: fully_connected, features: 16}
)",
                                                "wide.yaml");
    const ::onnx::ModelProto model = model_of(network);
    const auto check = [&](const std::string& name, const std::vector<std::int64_t>& dimensions, double fan_in) {
        for (const ::onnx::TensorProto& tensor : model.graph().initializer()) {
            if (tensor.name() != name) {
                continue;
            }
            CHECK(std::vector<std::int64_t>(tensor.dims().begin(), tensor.dims().end()) == dimensions);
            const std::vector<float> values = values_of(tensor);
            double sum = 0;
            double squares = 0;
            double largest = 0;
            for (const double value : values) {
                sum += value;
                squares += value * value;
                largest = std::max(largest, std::abs(value));
            }
            const auto count = static_cast<double>(values.size());
            const double variance = 2 / fan_in;
            INFO(name << ": " << count << " weights");
            // Five standard errors of each moment (those of the square are 4/5 variance^2 / count); the seed is fixed.
            CHECK(std::abs(sum / count) < 5 * std::sqrt(variance / count));
            CHECK(squares / count == Approx(variance).epsilon(5 * std::sqrt(0.8 / count)));
            CHECK(largest <= std::sqrt(6 / fan_in));
            CHECK(largest > 0.99 * std::sqrt(6 / fan_in));
            return;
        }
        FAIL("no initializer " << name);
    };
    check("a.weight", {512, 4, 3, 2}, 4 * 3 * 2);
    check("b.weight", {64, 512, 1, 1}, 512);
    check("d.weight", {16, 1280}, 1280);
}

TEST_CASE("Weights differ between layers and are the same in every writing") {
    const Network network = arch::parse_network(everything, "everything.yaml");
    CHECK(sotto::onnx::to_onnx(network) == sotto::onnx::to_onnx(network));
    std::set<std::string> weights;
    std::size_t layers = 0;
    const ::onnx::ModelProto model = model_of(network);
    for (const ::onnx::NodeProto& node : model.graph().node()) {
        if (node.op_type() != "Conv" && node.op_type() != "Gemm") {
            continue;
        }
        ++layers;
        for (const ::onnx::TensorProto& tensor : model.graph().initializer()) {
            if (tensor.name() == node.input(1)) {
                weights.insert(tensor.raw_data().substr(0, 64));
            }
        }
    }
    CHECK(layers == 5);
    CHECK(weights.size() == layers);
}
