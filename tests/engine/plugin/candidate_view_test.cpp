// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <cstdint>

#include "engine/arch/network_builder.hpp"
#include "engine/plugin/instance.hpp"
#include "tests/support/catch.hpp"

using namespace sotto;
using plugin::CandidateView;

TEST_CASE("a network crosses the border as flat arrays") {
    arch::NetworkBuilder builder;
    builder.reset("two paths");
    const auto input = builder.add_input("input", {8, 10, 12});
    const arch::Window window{3, 5, 1, 1, 1, 1, 2, 2};
    const auto left = builder.add_convolution("left", input, 8, window, 4, false);
    const auto right = builder.add_activation("right", input, arch::Activation::square);
    const std::array<arch::LayerIndex, 2> operands = {right, left};
    const auto sum = builder.add_add("sum", operands);
    const arch::Network network = builder.finish(sum);

    CandidateView view;
    view.set(77, &network, nullptr);
    const sotto_candidate& candidate = view.view();
    CHECK(candidate.struct_size == sizeof(sotto_candidate));
    CHECK(candidate.seed == 77);
    CHECK(candidate.program == nullptr);
    REQUIRE(candidate.network != nullptr);
    const sotto_network& flat = *candidate.network;
    CHECK(flat.layer_stride == sizeof(sotto_layer));
    REQUIRE(flat.layer_count == 4);
    CHECK(flat.output_layer == sum);
    REQUIRE(flat.operand_count == 4);

    const sotto_layer& convolution = flat.layers[left];
    CHECK(convolution.kind == SOTTO_LAYER_CONVOLUTION);
    CHECK(convolution.groups == 4);
    CHECK(convolution.bias == 0);
    CHECK(convolution.window.kernel_width == 5);
    CHECK(convolution.window.pad_left == 2);
    CHECK(convolution.output.channels == 8);
    CHECK(convolution.output.height == 10);
    CHECK(convolution.output.width == 12);

    const sotto_layer& square = flat.layers[right];
    CHECK(square.kind == SOTTO_LAYER_ACTIVATION);
    CHECK(square.activation == SOTTO_ACTIVATION_SQUARE);
    CHECK(square.groups == 0);
    CHECK(square.window.kernel_height == 0);

    const sotto_layer& add = flat.layers[sum];
    REQUIRE(add.operand_count == 2);
    CHECK(flat.operand_layers[add.first_operand] == right);
    CHECK(flat.operand_layers[add.first_operand + 1] == left);
    CHECK(flat.layers[input].operand_count == 0);
}

TEST_CASE("a program crosses the border as a flat array and replaces the one before") {
    secure::SecureProgram program;
    secure::Operation operation;
    operation.kind = secure::OperationKind::convolution;
    operation.input = {3, 20, 30};
    operation.output = {16, 9, 14};
    operation.window = {3, 3, 2, 2, 0, 1, 0, 1};
    operation.elements = 16 * 9 * 14;
    operation.layer = 5;
    program.operations.push_back(operation);
    operation.kind = secure::OperationKind::batch_normalization;
    operation.normalization = secure::BatchNormalizationKind::elementwise;
    program.operations.push_back(operation);
    operation.kind = secure::OperationKind::relu;
    operation.normalization = secure::BatchNormalizationKind::none;
    operation.truncates = true;
    program.operations.push_back(operation);

    CandidateView view;
    view.set(1, nullptr, &program);
    REQUIRE(view.view().program != nullptr);
    const sotto_program& flat = *view.view().program;
    CHECK(view.view().network == nullptr);
    REQUIRE(flat.operation_count == 3);
    CHECK(flat.operation_stride == sizeof(sotto_operation));
    CHECK(flat.operations[0].kind == SOTTO_OPERATION_CONVOLUTION);
    CHECK(flat.operations[0].input.width == 30);
    CHECK(flat.operations[0].output.height == 9);
    CHECK(flat.operations[0].window.stride_height == 2);
    CHECK(flat.operations[0].window.pad_right == 1);
    CHECK(flat.operations[0].elements == 2016);
    CHECK(flat.operations[0].layer == 5);
    CHECK(flat.operations[1].normalization == SOTTO_NORMALIZATION_ELEMENTWISE);
    CHECK(flat.operations[1].window.kernel_height == 0);
    CHECK(flat.operations[2].truncates == 1);

    program.operations.resize(1);
    const sotto_operation* storage = flat.operations;
    view.set(2, nullptr, &program);
    CHECK(view.view().program->operation_count == 1);
    CHECK(view.view().program->operations == storage);
    view.set(3, nullptr, nullptr);
    CHECK(view.view().program == nullptr);
}
