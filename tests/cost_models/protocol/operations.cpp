// SPDX-License-Identifier: Apache-2.0
#include "tests/cost_models/protocol/operations.hpp"

namespace sotto::protocol::test {
namespace {

sotto_operation operation_of(int kind, sotto_shape input, sotto_shape output) {
    sotto_operation operation{};
    operation.struct_size = sizeof operation;
    operation.kind = kind;
    operation.input = input;
    operation.output = output;
    operation.elements = std::int64_t{output.channels} * output.height * output.width;
    return operation;
}

sotto_operation flat(int kind, std::int64_t elements) {
    sotto_operation operation{};
    operation.struct_size = sizeof operation;
    operation.kind = kind;
    operation.elements = elements;
    return operation;
}

sotto_operation pool(int kind, sotto_shape input, int window) {
    sotto_operation operation =
        operation_of(kind, input, {input.channels, input.height / window, input.width / window});
    operation.window = {window, window, window, window, 0, 0, 0, 0};
    return operation;
}

}  // namespace

sotto_operation convolution(sotto_shape input, int filters, int kernel, int stride, int pad) {
    const auto extent = [&](int size) { return (size + 2 * pad - kernel) / stride + 1; };
    sotto_operation operation =
        operation_of(SOTTO_OPERATION_CONVOLUTION, input, {filters, extent(input.height), extent(input.width)});
    operation.window = {kernel, kernel, stride, stride, pad, pad, pad, pad};
    return operation;
}

sotto_operation relu(std::int64_t elements, bool truncates) {
    sotto_operation operation = flat(SOTTO_OPERATION_RELU, elements);
    operation.truncates = truncates ? 1 : 0;
    return operation;
}

sotto_operation truncation(std::int64_t elements) {
    return flat(SOTTO_OPERATION_TRUNCATION, elements);
}

sotto_operation max_pool(sotto_shape input, int window) {
    return pool(SOTTO_OPERATION_MAX_POOL, input, window);
}

sotto_operation average_pool(sotto_shape input, int window) {
    return pool(SOTTO_OPERATION_AVERAGE_POOL, input, window);
}

sotto_operation normalization(sotto_shape shape, int kind) {
    sotto_operation operation = operation_of(SOTTO_OPERATION_BATCH_NORMALIZATION, shape, shape);
    operation.normalization = kind;
    return operation;
}

sotto_operation fully_connected(int inputs, int outputs) {
    return operation_of(SOTTO_OPERATION_FULLY_CONNECTED, {inputs, 1, 1}, {outputs, 1, 1});
}

std::vector<sotto_operation> small_network() {
    return {convolution({3, 56, 56}, 16, 3, 1, 1),
            relu(16 * 56 * 56, true),
            convolution({16, 56, 56}, 32, 1, 1, 0),
            normalization({32, 56, 56}, SOTTO_NORMALIZATION_HOMOMORPHIC),
            relu(32 * 56 * 56, true),
            max_pool({32, 56, 56}, 2),
            convolution({32, 28, 28}, 64, 3, 1, 1),
            truncation(64 * 28 * 28),
            relu(64 * 28 * 28, false),
            convolution({64, 28, 28}, 64, 5, 2, 2),
            relu(64 * 14 * 14, true),
            relu(64 * 14 * 14, false),
            average_pool({64, 14, 14}, 2),
            convolution({64, 7, 7}, 128, 3, 1, 1),
            relu(128 * 49, true),
            average_pool({128, 7, 7}, 7),
            fully_connected(128, 1000),
            truncation(1000)};
}

}  // namespace sotto::protocol::test
