// SPDX-License-Identifier: Apache-2.0
#include "engine/secure/secure_program.hpp"

#include <cassert>

#include "engine/input/csv.hpp"

namespace sotto::secure {
namespace {

void put(std::string& text, std::int64_t value) {
    text += ',';
    text += std::to_string(value);
}

void put_empty(std::string& text, std::size_t columns) {
    text.append(columns, ',');
}

void put_shape(std::string& text, const arch::Shape& shape) {
    put(text, shape.height);
    put(text, shape.width);
    put(text, shape.channels);
}

void put_vector(std::string& text, const arch::Shape& shape) {
    put_empty(text, 2);
    put(text, shape.channels);
}

void put_window(std::string& text, const arch::Window& window) {
    for (const std::int32_t value :
         {window.kernel_height, window.kernel_width, window.stride_height, window.stride_width, window.pad_top,
          window.pad_bottom, window.pad_left, window.pad_right}) {
        put(text, value);
    }
}

}  // namespace

std::string_view to_text(OperationKind kind) {
    switch (kind) {
        case OperationKind::convolution:
            return "conv";
        case OperationKind::relu:
            return "relu";
        case OperationKind::max_pool:
            return "maxpool";
        case OperationKind::average_pool:
            return "avgpool";
        case OperationKind::batch_normalization:
            return "bn";
        case OperationKind::truncation:
            return "trunc";
        case OperationKind::fully_connected:
            return "fc";
        case OperationKind::multiply:
            return "mul";
        case OperationKind::argmax:
            return "argmax";
    }
    assert(false && "unknown operation kind");
    return {};
}

std::string_view to_text(BatchNormalizationKind kind) {
    switch (kind) {
        case BatchNormalizationKind::none:
            return "";
        case BatchNormalizationKind::homomorphic:
            return "homomorphic";
        case BatchNormalizationKind::elementwise:
            return "elementwise";
    }
    assert(false && "unknown kind of batch normalisation");
    return {};
}

std::string to_csv(const SecureProgram& program, std::string_view network_name) {
    std::string text =
        "network,run,position,op,in_h,in_w,in_c,out_h,out_w,out_c,k_h,k_w,stride_h,stride_w,pad_top,pad_bottom,"
        "pad_left,pad_right,numel,truncates,bn_kind\n";
    const std::string network = input::csv_field(network_name) + ",1";
    for (std::size_t position = 0; position < program.operations.size(); ++position) {
        const Operation& operation = program.operations[position];
        text += network;
        put(text, static_cast<std::int64_t>(position));
        text += ',';
        text += to_text(operation.kind);
        switch (operation.kind) {
            case OperationKind::convolution:
            case OperationKind::max_pool:
            case OperationKind::average_pool:
                put_shape(text, operation.input);
                put_shape(text, operation.output);
                put_window(text, operation.window);
                break;
            case OperationKind::batch_normalization:
            case OperationKind::multiply:
                put_shape(text, operation.input);
                put_shape(text, operation.output);
                put_empty(text, 8);
                break;
            case OperationKind::fully_connected:
            case OperationKind::argmax:
                put_vector(text, operation.input);
                put_vector(text, operation.output);
                put_empty(text, 8);
                break;
            case OperationKind::relu:
            case OperationKind::truncation:
                put_empty(text, 14);
                break;
        }
        put(text, operation.elements);
        text += ',';
        if (operation.kind == OperationKind::relu) {
            text += operation.truncates ? '1' : '0';
        }
        text += ',';
        text += to_text(operation.normalization);
        text += '\n';
    }
    return text;
}

}  // namespace sotto::secure
