// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <regex>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>
#include <ATen/ops/div.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/mul.h>
#include <nlohmann/json.hpp>

#include "engine/arch/counts.hpp"
#include "engine/arch/network_builder.hpp"
#include "engine/arch/network_yaml.hpp"
#include "engine/plugin/instance.hpp"
#include "engine/pytorch/write_network.hpp"
#include "engine/random/random.hpp"
#include "plugins/accuracy/differentiable_network.hpp"
#include "search/space/space.hpp"
#include "tests/engine/arch/random_graph.hpp"
#include "tests/support/catch.hpp"
#include "tests/tools/process.hpp"

using namespace sotto;
using arch::LayerIndex;
using arch::LayerKind;
using arch::Network;
using nlohmann::json;
using tests::Outcome;
using tests::TemporaryFolder;

namespace {

const std::string checker = SOTTO_SOURCE_DIRECTORY "/tests/engine/pytorch/check_networks.py";

// A Python that has torch; empty where there is none.
const std::string& python() {
    static const std::string found = [] {
        for (const char* candidate : {"python3", "/usr/bin/python3"}) {
            if (tests::run_program({"/usr/bin/env", candidate, "-c", "import torch"}).exit_code == 0) {
                return std::string(candidate);
            }
        }
        return std::string();
    }();
    return found;
}

Outcome run_checker(const std::string& argument) {
    return tests::run_program({"/usr/bin/env", python(), "-B", checker, argument});
}

// The same numbers as `fill` in check_networks.py.
void fill(at::Tensor& tensor, std::uint32_t number, double low, double high) {
    double* const values = tensor.data_ptr<double>();
    for (std::int64_t i = 0; i < tensor.numel(); ++i) {
        std::uint32_t bits = static_cast<std::uint32_t>(i) + number * 0x9e3779b9U;
        bits ^= bits >> 16U;
        bits *= 0x7feb352dU;
        bits ^= bits >> 15U;
        bits *= 0x046ca68bU;
        bits ^= bits >> 16U;
        values[i] = low + (high - low) * (static_cast<double>(bits) / 4294967296.0);
    }
}

void set_parameters(accuracy::DifferentiableNetwork& made, const Network& network) {
    std::uint32_t number = 1;
    for (LayerIndex index = 0; index < network.size(); ++index) {
        const arch::Layer& layer = network.layer(index);
        accuracy::LayerParameters& own = made.layers()[index];
        if (own.weight.defined()) {
            const double bound = std::sqrt(6.0 / static_cast<double>(own.weight[0].numel()));
            fill(own.weight, number++, -bound, bound);
            if (layer.bias) {
                own.bias = at::empty({layer.output.channels}, at::kDouble);
                fill(own.bias, number++, -0.1, 0.1);
            }
        } else if (layer.kind == LayerKind::batch_normalization) {
            fill(own.scale, number++, 0.5, 1.5);
            fill(own.shift, number++, -0.5, 0.5);
            fill(own.running_mean, number++, -0.5, 0.5);
            fill(own.running_variance, number++, 0.5, 1.5);
        }
    }
}

json shape_of(const arch::Shape& shape) {
    return {shape.channels, shape.height, shape.width};
}

// Networks, written to a folder, with what Sotto knows of them and what LibTorch computes for them.
class Cases {
  public:
    void add(const std::string& name, const Network& network) {
        const arch::Shape& input = network.layer(0).output;
        const bool is_small = input.elements() <= 4096;
        const std::int64_t batch = is_small ? 2 : 1;
        json kinds = json::array();  // of the layers that are submodules
        json shapes = json::array();
        bool has_square = false;
        for (LayerIndex index = 1; index < network.size(); ++index) {
            const arch::Layer& layer = network.layer(index);
            has_square = has_square || layer.activation == arch::Activation::square;
            if (layer.kind != LayerKind::add && layer.kind != LayerKind::concat) {
                kinds.push_back(arch::to_text(layer.kind));
                shapes.push_back(shape_of(layer.output));
            }
        }
        const arch::Shape& output = network.layer(network.output()).output;
        json scales = json::array();
        const std::vector<double> values = evaluate(network, batch, scales);
        const std::string file = "case" + std::to_string(cases_.size()) + ".py";
        tests::write_text(folder_ / file, pytorch::to_pytorch(network));
        cases_.push_back(
            {{"name", name},
             {"file", file},
             {"classes", has_square ? 2 : 1},
             {"input", shape_of(input)},
             {"output", output.height * output.width == 1 ? json::array({output.channels}) : shape_of(output)},
             {"parameters", arch::count(network).parameters},
             {"kinds", kinds},
             {"shapes", shapes},
             {"batch", batch},
             {"scales", scales},
             {"values", values},
             {"runs", is_small}});
    }

    void check() const {
        tests::write_text(folder_ / "cases.json", json(cases_).dump());
        const Outcome outcome = run_checker(folder_ / "cases.json");
        INFO(outcome.output << outcome.errors);
        CHECK(outcome.exit_code == 0);
        CHECK(outcome.output == std::to_string(cases_.size()) + " networks, 0 differences\n");
    }

    std::string operator/(const std::string& name) const { return folder_ / name; }

  private:
    // Weights and biases are divided so that each layer that has some gives numbers of mean square 1: squares behind
    // each other would soon overflow.
    static std::vector<double> evaluate(const Network& network, std::int64_t batch, json& scales) {
        plugin::CandidateView view;
        view.set(1, &network, nullptr);
        accuracy::NetworkOptions options;
        options.type = at::kDouble;
        accuracy::DifferentiableNetwork made(accuracy::Graph(*view.view().network), options);
        set_parameters(made, network);
        accuracy::ForwardOptions forward;
        forward.normalization = accuracy::Normalization::running_statistics;
        forward.observe = [&](std::size_t layer, at::Tensor output) {
            if (made.layers()[layer].weight.defined()) {
                const double scale = std::sqrt(at::mean(at::mul(output, output)).item<double>());
                REQUIRE(scale > 0);
                scales.push_back(scale);
                return at::div(output, scale);
            }
            return output;
        };
        const arch::Shape& shape = network.layer(0).output;
        at::Tensor images = at::empty({batch, shape.channels, shape.height, shape.width}, at::kDouble);
        fill(images, 0, -1, 1);
        const at::Tensor result = made.forward(images, forward).contiguous();
        return {result.data_ptr<double>(), result.data_ptr<double>() + result.numel()};
    }

    TemporaryFolder folder_;
    std::vector<json> cases_;
};

// Every kind of layer, vectors with and without height and width, every way to pad.
constexpr const char* everything = R"(
network: everything
input: {name: image, shape: [4, 9, 8]}
layers:
  - {name: conv, type: conv, channels: 6, kernel: [3, 2], stride: [2, 1], padding: [1, 0, 2, 1], groups: 2}
  - {name: norm, type: batch_norm}
  - {name: relu, type: relu}
  - {name: plain, type: conv, from: image, channels: 6, kernel: [3, 2], stride: [2, 1], padding: [1, 0, 2, 1], bias: false}
  - {name: square, type: square}
  - {name: sum, type: add, from: [relu, square, relu]}
  - {name: pair, type: add, from: [square, sum]}
  - {name: both, type: concat, from: [pair, sum, pair]}
  - {name: symmetric, type: conv, channels: 18, kernel: [3, 1], padding: [1, 1, 0, 0]}
  - {name: largest, type: max_pool, kernel: 3, stride: 2, padding: [1, 0, 0, 1]}
  - {name: mean, type: average_pool, kernel: [2, 3], stride: 1, padding: [0, 1, 1, 0]}
  - {name: around, type: pad, padding: [1, 2, 3, 4]}
  - {name: half, type: max_pool, kernel: 3, stride: 2, padding: same}
  - {name: wide, type: max_pool, kernel: 3, stride: 1, padding: 2}
  - {name: middle_mean, type: average_pool, kernel: 3, stride: 2, padding: 1}
  - {name: wide_mean, type: average_pool, kernel: 3, stride: 1, padding: 2}
  - {name: equal, type: pad, padding: 1}
  - {name: same, type: identity}
  - {name: top, type: global_max_pool}
  - {name: middle, type: global_average_pool, from: same}
  - {name: hidden, type: fully_connected, features: 18}
  - {name: hidden_norm, type: batch_norm}
  - {name: hidden_square, type: square}
  - {name: mixed, type: add, from: [top, hidden_square]}
  - {name: narrow, type: conv, from: hidden_square, channels: 18, kernel: 1}
  - {name: again, type: flatten}
  - {name: flat, type: flatten}
  - {name: joined, type: concat, from: [flat, mixed]}
  - {name: vectors, type: add, from: [again, hidden]}
  - {name: all, type: concat, from: [joined, vectors]}
  - {name: pooled, type: global_average_pool}
  - {name: classes, type: fully_connected, features: 3, bias: false}
)";

}  // namespace

TEST_CASE("A network with every kind of layer computes the same in PyTorch") {
    if (python().empty()) {
        SOTTO_SKIP("no Python that has torch");
    }
    Cases cases;
    cases.add("everything", arch::parse_network(everything, "everything.yaml"));
    cases.add("map", arch::parse_network(
                         "network: map\ninput: {shape: [2, 5, 4]}\nlayers:\n  - {name: a, type: relu}\n", "map.yaml"));
    arch::NetworkBuilder builder;
    builder.reset("nothing");
    cases.add("nothing", builder.finish(builder.add_input("input", {3, 1, 1})));
    // More terms than Python's compiler takes in one expression.
    builder.reset("long sum");
    const LayerIndex relu = builder.add_activation("relu", builder.add_input("in", {3, 2, 2}), arch::Activation::relu);
    cases.add("long sum", builder.finish(builder.add_add("sum", std::vector<LayerIndex>(5000, relu))));
    cases.check();
}

TEST_CASE("Pools with any padding compute the same in PyTorch") {
    if (python().empty()) {
        SOTTO_SKIP("no Python that has torch");
    }
    random::Stream stream(5, 0, 0, random::Purpose::test);
    const auto draw = [&](std::int32_t least, std::int32_t most) {
        return least + static_cast<std::int32_t>(stream.below(static_cast<std::uint64_t>(most - least) + 1));
    };
    Cases cases;
    for (int trial = 0; trial < 150; ++trial) {
        arch::NetworkBuilder builder;
        builder.reset("pool");
        const LayerIndex input = builder.add_input("input", {2, draw(5, 12), draw(5, 12)});
        const LayerKind kind = trial % 3 == 0 ? LayerKind::average_pool : LayerKind::max_pool;
        arch::Window window{draw(1, 5), draw(1, 5), draw(1, 4), draw(1, 4), 0, 0, 0, 0};
        window.pad_top = draw(0, window.kernel_height - 1);
        window.pad_bottom = draw(0, window.kernel_height - 1);
        window.pad_left = draw(0, window.kernel_width - 1);
        window.pad_right = draw(0, window.kernel_width - 1);
        cases.add("pool " + std::to_string(trial), builder.finish(builder.add_pool("pool", input, kind, window)));
    }
    cases.check();
}

TEST_CASE("Random graphs compute the same in PyTorch") {
    if (python().empty()) {
        SOTTO_SKIP("no Python that has torch");
    }
    random::Stream stream(8, 0, 0, random::Purpose::test);
    Cases cases;
    for (int trial = 0; trial < 100; ++trial) {
        const Network network = test::build(test::random_graph(stream, 2 + stream.below(30)));
        // All called `v` within their blocks: their variables want one name.
        const std::string text = std::regex_replace(arch::to_yaml(network), std::regex("layer([0-9]+)"), "block/$1/v");
        cases.add("graph " + std::to_string(trial), arch::parse_network(text, "graph.yaml"));
    }
    cases.check();
}

TEST_CASE("The reference networks compute the same in PyTorch") {
    if (python().empty()) {
        SOTTO_SKIP("no Python that has torch");
    }
    Cases cases;
    for (const std::string name : {"squeezenet", "resnet18", "resnet50", "densenet121"}) {
        cases.add(name, arch::read_network_file(SOTTO_SOURCE_DIRECTORY "/configs/networks/" + name + ".yaml"));
    }
    cases.check();
}

TEST_CASE("Members of every space that ships compute the same in PyTorch") {
    if (python().empty()) {
        SOTTO_SKIP("no Python that has torch");
    }
    Cases cases;
    for (const std::string name : {"squeezenet", "resnet", "densenet", "mobile", "nasbench201", "fashion_small"}) {
        const search::Space space = search::Space::load_file(SOTTO_SOURCE_DIRECTORY "/configs/" + name + "_space.yaml");
        search::Space::Decoder decoder(space);
        random::Stream stream(21, 0, 0, random::Purpose::test);
        for (int trial = 0; trial < 3; ++trial) {
            const search::Genome genome = space.sample(stream);
            search::Rejection rejection;
            const Network* network = decoder.decode(genome, rejection);
            REQUIRE(network != nullptr);
            cases.add(name + ": " + space.to_text(genome), *network);
        }
    }
    cases.check();
}

TEST_CASE("Layers may have the names of Python and PyTorch and those that try to get out of the text") {
    if (python().empty()) {
        SOTTO_SKIP("no Python that has torch");
    }
    const Outcome outcome = run_checker("--names");
    REQUIRE(outcome.exit_code == 0);
    std::vector<std::string> names = json::parse(outcome.output);
    REQUIRE(names.size() > 200);
    for (const char* name : {"\"\"\"\nraise SystemExit\n\"\"\"",
                             "a = 1; raise SystemExit",
                             "\n",
                             "'",
                             "\\",
                             "#",
                             "a\tb",
                             "\xff\xfe",
                             "\xe3\x82\xb9",
                             "a_b",
                             "a b",
                             "a-b",
                             "a_b_2",
                             "0",
                             "_",

                             "\\\"\"\"",
                             "Network",
                             "Square",
                             "INPUT_SHAPE",
                             "{x}",
                             "relu()",
                             "input_",
                             "conv_pad",
                             "conv"}) {
        names.emplace_back(name);
    }
    arch::NetworkBuilder builder;
    builder.reset("\"\"\"\nraise SystemExit  # \\\"\"\" \xff \xe3\x82\xb9\\");
    // Every value is read again at the end: each needs a variable. The pads need submodules with names of their own.
    const LayerIndex input = builder.add_input("input to it", {2, 3, 3});
    std::vector<LayerIndex> all;
    for (const std::string& name : names) {
        const arch::Window window = name == "conv" ? arch::Window{2, 2, 1, 1, 1, 0, 0, 1} : arch::Window{};
        all.push_back(builder.add_convolution(name, all.empty() ? input : all.back(), 2, window));
    }
    Cases cases;
    cases.add("names", builder.finish(builder.add_concat("every one", all)));
    cases.check();
}
