// SPDX-License-Identifier: Apache-2.0
#include "engine/pytorch/write_network.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "engine/arch/canonical_hash.hpp"
#include "engine/arch/network_builder.hpp"
#include "engine/arch/network_yaml.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using arch::Network;
using matchers::contains_text;
using pytorch::to_pytorch;

namespace {

Network network_of(const std::string& shape, const std::string& layers) {
    return arch::parse_network("network: net\ninput: {name: image, shape: [" + shape + "]}\nlayers:\n" + layers,
                               "net.yaml");
}

// The statements of a function of Network.
std::vector<std::string> statements_of(const Network& network, const std::string& function) {
    const std::string text = to_pytorch(network);
    std::vector<std::string> lines;
    bool is_inside = false;
    for (std::size_t at = text.find("class Network"); at < text.size();) {
        const std::size_t end = text.find('\n', at);
        const std::string line = text.substr(at, end - at);
        at = end + 1;
        if (line.rfind("        ", 0) == 0) {
            if (is_inside && line.find("super()") == std::string::npos) {
                lines.push_back(line.substr(8));
            }
        } else if (!line.empty()) {
            is_inside = line == "    def " + function;
        }
    }
    return lines;
}

std::vector<std::string> modules_of(const Network& network) {
    return statements_of(network, "__init__(self):");
}

std::vector<std::string> forward_of(const Network& network) {
    return statements_of(network, "forward(self, x):");
}

using Lines = std::vector<std::string>;

}  // namespace

TEST_CASE("A sequential network reads as one that a person wrote") {
    const Network network = network_of("1, 28, 28", R"(
  - {name: conv1, type: conv, channels: 6, kernel: 5, padding: 2}
  - {name: norm1, type: batch_norm}
  - {name: relu1, type: relu}
  - {name: pool1, type: max_pool, kernel: 2, stride: 2}
  - {name: flatten, type: flatten}
  - {name: hidden, type: fully_connected, features: 84, bias: false}
  - {name: square, type: square}
  - {name: classes, type: fully_connected, features: 10}
)");
    CHECK(to_pytorch(network) == R"("""Network 'net', written by Sotto.

hash        )" + arch::to_text(arch::canonical_hash(network)) +
                                     R"(
input       1 x 28 x 28 (channels, height, width)
output      10 classes
layers      8 without the input
parameters  99802
"""

import torch
from torch import nn

INPUT_SHAPE = (1, 28, 28)  # channels, height, width


class Square(nn.Module):
    def forward(self, x):
        return x * x


class Network(nn.Module):
    """[batch, 1, 28, 28] -> [batch, 10]"""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, kernel_size=5, padding=2)
        self.norm1 = nn.BatchNorm2d(6)
        self.relu1 = nn.ReLU()
        self.pool1 = nn.MaxPool2d(kernel_size=2, stride=2)
        self.flatten = nn.Flatten()
        self.hidden = nn.Linear(1176, 84, bias=False)
        self.square = Square()
        self.classes = nn.Linear(84, 10)

    def forward(self, x):
        x = self.conv1(x)
        x = self.norm1(x)
        x = self.relu1(x)
        x = self.pool1(x)
        x = self.flatten(x)
        x = self.hidden(x)
        x = self.square(x)
        x = self.classes(x)

        return x


if __name__ == "__main__":
    network = Network().eval()
    with torch.no_grad():
        output = network(torch.zeros(1, *INPUT_SHAPE))
    parameters = sum(parameter.numel() for parameter in network.parameters())
    print(f"output {tuple(output.shape)}, {parameters} parameters")
)");
}

TEST_CASE("Convolutions have their window and groups and bias") {
    CHECK(modules_of(network_of("4, 9, 8", R"(
  - {name: a, type: conv, channels: 6, kernel: [3, 2], stride: [2, 1], padding: [1, 1, 0, 0], groups: 2}
  - {name: b, type: conv, channels: 6, kernel: 1, stride: 2, bias: false}
  - {name: c, type: conv, channels: 2, kernel: 3, padding: [2, 2, 3, 3]}
)")) == Lines{"self.a = nn.Conv2d(4, 6, kernel_size=(3, 2), stride=(2, 1), padding=(1, 0), groups=2)",
              "self.b = nn.Conv2d(6, 6, kernel_size=1, stride=2, bias=False)",
              "self.c = nn.Conv2d(6, 2, kernel_size=3, padding=(2, 3))"});
}

TEST_CASE("A convolution that is not padded evenly has a layer of its own before it") {
    const Network network =
        network_of("3, 8, 8", "  - {name: a, type: conv, channels: 2, kernel: 3, padding: [1, 2, 3, 4]}\n");
    CHECK(modules_of(network) ==
          Lines{"self.a_pad = nn.ZeroPad2d((3, 4, 1, 2))", "self.a = nn.Conv2d(3, 2, kernel_size=3)"});
    CHECK(forward_of(network) == Lines{"x = self.a(self.a_pad(x))", "return x"});
}

TEST_CASE("Max pools are padded by what is never the largest") {
    const auto pool = [](const std::string& shape, const std::string& window) {
        return modules_of(network_of("2, " + shape, "  - {name: p, type: max_pool, " + window + "}\n"));
    };
    CHECK(pool("8, 8", "kernel: [2, 3], stride: [1, 2]") ==
          Lines{"self.p = nn.MaxPool2d(kernel_size=(2, 3), stride=(1, 2))"});
    CHECK(pool("8, 8", "kernel: 3, stride: 2, padding: 1") ==
          Lines{"self.p = nn.MaxPool2d(kernel_size=3, stride=2, padding=1)"});
    // One more at the bottom and right is what rounding up adds.
    CHECK(pool("112, 112", "kernel: 3, stride: 2, padding: same") ==
          Lines{"self.p = nn.MaxPool2d(kernel_size=3, stride=2, ceil_mode=True)"});
    CHECK(pool("9, 9", "kernel: 4, stride: 2, padding: [1, 2, 1, 2]") ==
          Lines{"self.p = nn.MaxPool2d(kernel_size=4, stride=2, padding=1, ceil_mode=True)"});
    // Rounding up adds to both directions.
    CHECK(pool("112, 113", "kernel: 3, stride: 2, padding: [0, 1, 0, 0]") ==
          Lines{"self.p = nn.MaxPool2d(kernel_size=3, stride=2, ceil_mode=True)"});
    CHECK(pool("112, 112", "kernel: 3, stride: 2, padding: [0, 1, 0, 0]") ==
          Lines{"self.p_pad = nn.ConstantPad2d((0, 0, 0, 1), float(\"-inf\"))",
                "self.p = nn.MaxPool2d(kernel_size=3, stride=2)"});
    CHECK(pool("112, 112", "kernel: 3, stride: 2, padding: [1, 0, 1, 0]") ==
          Lines{"self.p_pad = nn.ConstantPad2d((1, 0, 1, 0), float(\"-inf\"))",
                "self.p = nn.MaxPool2d(kernel_size=3, stride=2)"});
    // PyTorch pads by half the kernel at most.
    CHECK(pool("8, 8", "kernel: 3, stride: 1, padding: 2") ==
          Lines{"self.p_pad = nn.ConstantPad2d(2, float(\"-inf\"))", "self.p = nn.MaxPool2d(kernel_size=3, stride=1)"});
}

TEST_CASE("Average pools divide by the whole window") {
    const auto pool = [](const std::string& window) {
        return modules_of(network_of("2, 8, 8", "  - {name: p, type: average_pool, " + window + "}\n"));
    };
    CHECK(pool("kernel: 2, stride: 2") == Lines{"self.p = nn.AvgPool2d(kernel_size=2, stride=2)"});
    CHECK(pool("kernel: 3, stride: 1, padding: 1") ==
          Lines{"self.p = nn.AvgPool2d(kernel_size=3, stride=1, padding=1)"});
    CHECK(pool("kernel: 3, stride: 2, padding: same") ==
          Lines{"self.p_pad = nn.ZeroPad2d((0, 1, 0, 1))", "self.p = nn.AvgPool2d(kernel_size=3, stride=2)"});
    CHECK(pool("kernel: 3, stride: 1, padding: 2") ==
          Lines{"self.p_pad = nn.ZeroPad2d(2)", "self.p = nn.AvgPool2d(kernel_size=3, stride=1)"});
}

TEST_CASE("The other layers are written") {
    CHECK(modules_of(network_of("2, 8, 8", R"(
  - {name: a, type: batch_norm, form: elementwise, foldable: false}
  - {name: b, type: relu}
  - {name: c, type: identity}
  - {name: d, type: square}
  - {name: e, type: pad, padding: [1, 2, 3, 4]}
  - {name: f, type: pad, padding: 1}
  - {name: g, type: global_max_pool}
  - {name: h, type: global_average_pool}
  - {name: i, type: flatten}
  - {name: j, type: batch_norm}
)")) == Lines{"self.a = nn.BatchNorm2d(2)", "self.b = nn.ReLU()", "self.c = nn.Identity()", "self.d = Square()",
              "self.e = nn.ZeroPad2d((3, 4, 1, 2))", "self.f = nn.ZeroPad2d(1)", "self.g = nn.AdaptiveMaxPool2d(1)",
              "self.h = nn.AdaptiveAvgPool2d(1)", "self.i = nn.Flatten()", "self.j = nn.BatchNorm1d(2)"});
}

TEST_CASE("What later lines read has a variable for as long as they do") {
    CHECK(forward_of(network_of("2, 8, 8", R"(
  - {name: left/relu, type: relu}
  - {name: left/norm, type: batch_norm}
  - {name: right/relu, type: relu, from: image}
  - {name: right/sum, type: add, from: [right/relu, left/norm, right/relu]}
  - {name: right/norm, type: batch_norm}
  - {name: right/both, type: concat, from: [right/norm, right/sum]}
  - {name: last/norm, type: batch_norm}
  - {name: last/relu, type: relu}
  - {name: last/all, type: concat, from: [right/both, last/norm, last/relu, left/norm]}
)")) == Lines{"image = x", "x = self.left_relu(image)", "norm = self.left_norm(x)", "x = self.right_relu(image)",
              "sum_ = x + norm + x", "x = self.right_norm(sum_)", "both = torch.cat([x, sum_], dim=1)",
              "last_norm = self.last_norm(both)", "x = self.last_relu(last_norm)",
              "x = torch.cat([both, last_norm, x, norm], dim=1)", "return x"});
    // A variable that was read for the last time is free.
    CHECK(forward_of(network_of("2, 8, 8", R"(
  - {name: a/sum, type: add, from: [image, image]}
  - {name: a/relu, type: relu}
  - {name: b/sum, type: add, from: [a/sum, a/relu]}
  - {name: b/relu, type: relu}
  - {name: c/sum, type: add, from: [b/sum, b/relu]}
)")) == Lines{"sum_ = x + x", "x = self.a_relu(sum_)", "sum_ = sum_ + x", "x = self.b_relu(sum_)", "x = sum_ + x",
              "return x"});
}

TEST_CASE("Vectors and images of one element are made each other where layers need them") {
    CHECK(forward_of(network_of("2, 8, 8", R"(
  - {name: pool, type: global_average_pool}
  - {name: hidden, type: fully_connected, features: 2}
  - {name: sum, type: add, from: [pool, hidden]}
  - {name: pair, type: concat, from: [hidden, hidden]}
  - {name: conv, type: conv, channels: 2, kernel: 1}
  - {name: out, type: add, from: [conv, sum]}
)")) == Lines{"pool = self.pool(x)", "hidden = self.hidden(pool.flatten(1))", "sum_ = pool + hidden[:, :, None, None]",
              "x = torch.cat([hidden, hidden], dim=1)", "x = self.conv(x[:, :, None, None])", "x = x + sum_",
              "return x.flatten(1)"});
}

TEST_CASE("A network that ends in maps gives maps and one that ends in a pool gives vectors") {
    const Network maps = network_of("2, 8, 6", "  - {name: a, type: relu}\n");
    CHECK(forward_of(maps) == Lines{"x = self.a(x)", "return x"});
    CHECK_THAT(to_pytorch(maps), contains_text("output      2 x 8 x 6 (channels, height, width)\n"));
    CHECK_THAT(to_pytorch(maps), contains_text("\"\"\"[batch, 2, 8, 6] -> [batch, 2, 8, 6]\"\"\"\n"));
    const Network pooled = network_of("2, 8, 6", "  - {name: a, type: global_average_pool}\n");
    CHECK(forward_of(pooled) == Lines{"x = self.a(x)", "return x.flatten(1)"});
    CHECK_THAT(to_pytorch(pooled), contains_text("output      2 classes\n"));
    CHECK_THAT(to_pytorch(pooled), contains_text("\"\"\"[batch, 2, 8, 6] -> [batch, 2]\"\"\"\n"));
}

TEST_CASE("Names cannot leave their place in the text") {
    arch::NetworkBuilder builder;
    builder.reset("\"\"\"\nimport os\n\xff\\");
    arch::LayerIndex last = builder.add_input("image", {1, 2, 2});
    for (const char* name : {"a\nimport os", "b = 1", "train", "1st", "\"", "a import os"}) {
        last = builder.add_activation(name, last, arch::Activation::relu);
    }
    const std::string text = to_pytorch(builder.finish(last));
    CHECK(text.rfind("\"\"\"Network '\\\"\\\"\\\"\\x0aimport os\\x0a\\ufffd\\\\', written by Sotto.\n", 0) == 0);
    CHECK(modules_of(builder.finish(last)) == Lines{"self.a_import_os = nn.ReLU()", "self.b_1 = nn.ReLU()",
                                                    "self.train_ = nn.ReLU()", "self.activation_1st = nn.ReLU()",
                                                    "self.activation = nn.ReLU()", "self.a_import_os_2 = nn.ReLU()"});
    CHECK(std::all_of(text.begin(), text.end(), [](char c) { return c == '\n' || (c >= ' ' && c <= '~'); }));
}

TEST_CASE("A submodule that pads has a name that no layer has") {
    CHECK(modules_of(network_of("1, 4, 4", R"(
  - {name: a_pad, type: relu}
  - {name: a, type: conv, channels: 1, kernel: 2, padding: [0, 1, 0, 1]}
)")) == Lines{"self.a_pad = nn.ReLU()", "self.a_pad_2 = nn.ZeroPad2d((0, 1, 0, 1))",
              "self.a = nn.Conv2d(1, 1, kernel_size=2)"});
}

TEST_CASE("Blocks of layers stand apart") {
    const std::string text = to_pytorch(network_of("1, 4, 4", R"(
  - {name: stem, type: relu}
  - {name: one/a, type: relu}
  - {name: one/b, type: square}
  - {name: two/sum, type: add, from: [one/a, one/b]}
)"));
    CHECK_THAT(text, contains_text("        self.stem = nn.ReLU()\n\n        self.one_a = nn.ReLU()\n"
                                   "        self.one_b = Square()\n\n    def forward"));
    CHECK_THAT(text, contains_text("        x = self.stem(x)\n\n        a = self.one_a(x)\n"
                                   "        x = self.one_b(a)\n\n        x = a + x\n\n        return x\n\n\nif"));
}

TEST_CASE("The same network gives the same bytes") {
    const Network network = arch::read_network_file(SOTTO_SOURCE_DIRECTORY "/configs/networks/densenet121.yaml");
    const std::string text = to_pytorch(network);
    CHECK(text == to_pytorch(arch::parse_network(arch::to_yaml(network), "again.yaml")));
    std::size_t widest = 0;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        widest = std::max(widest, end - at);
        at = end + 1;
    }
    CHECK(widest <= 100);
}
