// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "engine/arch/network_yaml.hpp"
#include "engine/secure/lowering.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using namespace sotto::secure;

namespace {

SecureProgram program_of(const std::string& name) {
    const arch::Network network =
        arch::read_network_file(std::string(SOTTO_SOURCE_DIRECTORY) + "/configs/networks/" + name + ".yaml");
    SecureProgram program;
    Lowering lowering;
    REQUIRE_FALSE(lowering.lower(network, program).has_value());
    return program;
}

struct Total {
    int operations = 0;
    std::int64_t elements = 0;

    friend bool operator==(const Total&, const Total&) = default;
};

std::map<std::string, Total> totals_of(const SecureProgram& program) {
    std::map<std::string, Total> totals;
    for (const Operation& operation : program.operations) {
        std::string kind(to_text(operation.kind));
        if (operation.normalization != BatchNormalizationKind::none) {
            kind += ' ' + std::string(to_text(operation.normalization));
        }
        if (operation.truncates) {
            kind += " truncates";
        }
        Total& total = totals[kind];
        ++total.operations;
        total.elements += operation.elements;
    }
    return totals;
}

std::int64_t convolution_multiply_adds(const SecureProgram& program) {
    std::int64_t sum = 0;
    for (const Operation& operation : program.operations) {
        if (operation.kind == OperationKind::convolution) {
            sum += operation.elements * operation.window.kernel_height * operation.window.kernel_width *
                   operation.input.channels;
        }
    }
    return sum;
}

Operation convolution(arch::Shape input, arch::Shape output, arch::Window window) {
    Operation operation;
    operation.kind = OperationKind::convolution;
    operation.input = input;
    operation.output = output;
    operation.window = window;
    operation.elements = output.elements();
    return operation;
}

// Whether the operation has the kind, shapes, window and size of the expected one, whatever layer it comes from.
bool is_like(Operation operation, const Operation& expected) {
    operation.layer = expected.layer;
    return operation == expected;
}

std::string kinds_of(const SecureProgram& program, std::size_t begin, std::size_t end) {
    std::string kinds;
    for (std::size_t i = begin; i < end; ++i) {
        kinds += kinds.empty() ? "" : " ";
        kinds += to_text(program.operations.at(i).kind);
    }
    return kinds;
}

using Row = std::map<std::string, std::string>;

std::map<std::string, std::vector<Row>> read_table(std::istream& stream) {
    const auto fields_of = [](const std::string& line) {
        std::vector<std::string> fields(1);
        for (const char c : line) {
            if (c == ',') {
                fields.emplace_back();
            } else if (c != '\r') {
                fields.back() += c;
            }
        }
        return fields;
    };
    std::string line;
    std::getline(stream, line);
    const std::vector<std::string> header = fields_of(line);
    std::map<std::string, std::vector<Row>> rows;
    while (std::getline(stream, line)) {
        const std::vector<std::string> fields = fields_of(line);
        REQUIRE(fields.size() == header.size());
        Row row;
        for (std::size_t i = 0; i < header.size(); ++i) {
            row[header[i]] = fields[i];
        }
        rows[row["net"]].push_back(row);
    }
    return rows;
}

// The operation in the columns of nets_layers.csv.
Row row_of(const Operation& operation, const std::string& net, std::size_t position) {
    Row row;
    row["net"] = net;
    row["position"] = std::to_string(position);
    row["layer_type"] = to_text(operation.kind);
    row["numel"] = std::to_string(operation.elements);
    for (const char* empty : {"in_h", "in_w", "in_c", "out_h", "out_w", "out_c", "k_h", "k_w", "pad_top", "pad_bottom",
                              "pad_left", "pad_right", "stride_h", "stride_w"}) {
        row[empty] = "";
    }
    const auto put = [&row](const char* column, std::int32_t value) { row[column] = std::to_string(value); };
    switch (operation.kind) {
        case OperationKind::batch_normalization:
            row["layer_type"] = operation.normalization == BatchNormalizationKind::homomorphic ? "bn1" : "bn2";
            put("in_h", operation.input.height);
            put("in_w", operation.input.width);
            put("in_c", operation.input.channels);
            break;
        case OperationKind::fully_connected:
            put("in_c", operation.input.channels);
            put("out_c", operation.output.channels);
            break;
        case OperationKind::convolution:
        case OperationKind::max_pool:
        case OperationKind::average_pool:
            put("in_h", operation.input.height);
            put("in_w", operation.input.width);
            put("in_c", operation.input.channels);
            put("out_h", operation.output.height);
            put("out_w", operation.output.width);
            put("out_c", operation.output.channels);
            put("k_h", operation.window.kernel_height);
            put("k_w", operation.window.kernel_width);
            put("pad_top", operation.window.pad_top);
            put("pad_bottom", operation.window.pad_bottom);
            put("pad_left", operation.window.pad_left);
            put("pad_right", operation.window.pad_right);
            put("stride_h", operation.window.stride_height);
            put("stride_w", operation.window.stride_width);
            break;
        default:
            break;
    }
    return row;
}

}  // namespace

TEST_CASE("Lowering gives every operation of the published measurements, in order, with every parameter") {
    std::ifstream stream(std::string(SOTTO_SOURCE_DIRECTORY) + "/../shared/data/snni_public/sequences/nets_layers.csv");
    if (!stream) {
        SOTTO_SKIP("the published sequences are not beside the source tree");
    }
    const std::map<std::string, std::vector<Row>> published = read_table(stream);
    struct Case {
        const char* net;
        const char* file;
        std::size_t operations;
    };
    for (const Case& reference : {Case{"sqnet", "squeezenet", 56}, Case{"resnet50", "resnet50", 141},
                                  Case{"densenet121", "densenet121", 372}}) {
        const std::vector<Row>& rows = published.at(reference.net);
        REQUIRE(rows.size() == reference.operations);
        const SecureProgram program = program_of(reference.file);
        CHECK(program.operations.size() == rows.size());
        for (std::size_t i = 0; i < std::min(rows.size(), program.operations.size()); ++i) {
            INFO(reference.net << " position " << i);
            REQUIRE(row_of(program.operations[i], reference.net, i) == rows[i]);
        }
    }
}

// The figures of the next three test cases were counted in, or read off, the published sequences (Zhang and Mann,
// "Predicting the execution time of secure neural network inference", 2024). In all three networks every ReLU reads a
// product, so that every one truncates.

TEST_CASE("SqueezeNet has the published operations") {
    const SecureProgram program = program_of("squeezenet");
    CHECK(totals_of(program) == std::map<std::string, Total>{{"avgpool", {1, 1000}},
                                                             {"conv", {26, 2649992}},
                                                             {"maxpool", {3, 337280}},
                                                             {"relu truncates", {26, 2033480}}});
    CHECK(convolution_multiply_adds(program) == 352540352);
    REQUIRE(program.operations.size() == 56);
    // Pooled before it is activated.
    CHECK(is_like(program.operations[0], convolution({3, 227, 227}, {64, 113, 113}, {3, 3, 2, 2, 0, 0, 0, 0})));
    CHECK(kinds_of(program, 0, 4) == "conv maxpool relu conv");
    // A fire module: squeeze, expand 1x1, expand 3x3, and a pool after the concat stays where it is.
    CHECK(kinds_of(program, 9, 16) == "conv relu conv relu conv relu maxpool");
    CHECK(is_like(program.operations[51], convolution({64, 13, 13}, {256, 13, 13}, {3, 3, 1, 1, 1, 1, 1, 1})));
    CHECK(program.operations[55].window == arch::Window{13, 13, 1, 1, 0, 0, 0, 0});
}

TEST_CASE("ResNet-50 has the published operations") {
    const SecureProgram program = program_of("resnet50");
    CHECK(totals_of(program) == std::map<std::string, Total>{{"avgpool", {1, 2048}},
                                                             {"bn elementwise", {14, 3211264}},
                                                             {"bn homomorphic", {4, 2609152}},
                                                             {"conv", {53, 11113984}},
                                                             {"fc", {1, 1001}},
                                                             {"maxpool", {1, 200704}},
                                                             {"relu truncates", {49, 9006592}},
                                                             {"trunc", {18, 5820416}}});
    CHECK(convolution_multiply_adds(program) == 4087136256);
    REQUIRE(program.operations.size() == 141);
    // Symmetric padding of strided convolutions is done beforehand; the shortcut comes before the longer branch.
    CHECK(is_like(program.operations[0], convolution({3, 230, 230}, {64, 112, 112}, {7, 7, 2, 2, 0, 0, 0, 0})));
    CHECK(is_like(program.operations[30], convolution({256, 56, 56}, {512, 28, 28}, {1, 1, 2, 2, 0, 0, 0, 0})));
    CHECK(is_like(program.operations[33], convolution({128, 58, 58}, {128, 28, 28}, {3, 3, 2, 2, 0, 0, 0, 0})));
    // A sum is truncated once, then normalised; one normalisation was not folded.
    CHECK(kinds_of(program, 10, 15) == "conv trunc bn relu conv");
    CHECK(kinds_of(program, 41, 45) == "conv trunc bn relu");
    CHECK(program.operations[43].output == arch::Shape{128, 28, 28});
    CHECK(kinds_of(program, 135, 141) == "conv trunc bn relu avgpool fc");
}

TEST_CASE("DenseNet-121 has the published operations") {
    const SecureProgram program = program_of("densenet121");
    CHECK(totals_of(program) == std::map<std::string, Total>{{"avgpool", {4, 176640}},
                                                             {"bn elementwise", {63, 10649856}},
                                                             {"conv", {121, 6900200}},
                                                             {"maxpool", {1, 200704}},
                                                             {"relu truncates", {121, 15065344}},
                                                             {"trunc", {62, 1354752}}});
    CHECK(convolution_multiply_adds(program) == 2834161664);
    REQUIRE(program.operations.size() == 372);
    // SAME has its odd element at the top and left of a convolution, at the bottom and right of a pool.
    CHECK(is_like(program.operations[0], convolution({3, 224, 224}, {64, 112, 112}, {7, 7, 2, 2, 3, 2, 3, 2})));
    CHECK(program.operations[1].window == arch::Window{3, 3, 2, 2, 0, 1, 0, 1});
    CHECK(kinds_of(program, 0, 10) == "conv maxpool relu bn relu conv relu conv trunc bn");
    // Only the 32 new channels are truncated before a concat; a transition is truncated after its pool.
    CHECK(program.operations[8].output == arch::Shape{32, 56, 56});
    CHECK(program.operations[9].output == arch::Shape{96, 56, 56});
    CHECK(kinds_of(program, 39, 46) == "bn relu conv avgpool trunc bn relu");
    CHECK(program.operations[43].output == arch::Shape{128, 28, 28});
    // One normalisation after a convolution was not folded.
    CHECK(kinds_of(program, 64, 69) == "conv trunc bn relu conv");
    CHECK(program.operations[66].output == arch::Shape{128, 28, 28});
    CHECK(is_like(program.operations[371], convolution({1024, 1, 1}, {1000, 1, 1}, {1, 1, 1, 1, 0, 0, 0, 0})));
}

TEST_CASE("ResNet-18 can be lowered: one operation per layer that is neither folded nor free") {
    // 20 convolutions, 17 ReLUs, 2 pools and the classifier; the 20 normalisations are folded, the 8 sums are read by
    // a ReLU each, which truncates them.
    const SecureProgram program = program_of("resnet18");
    std::map<std::string, int> operations;
    for (const auto& [kind, total] : totals_of(program)) {
        operations[kind] = total.operations;
    }
    CHECK(operations ==
          std::map<std::string, int>{{"avgpool", 1}, {"conv", 20}, {"fc", 1}, {"maxpool", 1}, {"relu truncates", 17}});
    CHECK(kinds_of(program, 0, 3) == "conv maxpool relu");
}
