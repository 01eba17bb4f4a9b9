// SPDX-License-Identifier: Apache-2.0
#include "cost_models/training/operation_columns.hpp"

#include <algorithm>
#include <cassert>

namespace sotto::training {
namespace {

constexpr std::array<std::string_view, 9> names = {"conv",  "relu", "maxpool", "avgpool", "bn",
                                                   "trunc", "fc",   "mul",     "argmax"};
static_assert(SOTTO_OPERATION_CONVOLUTION == 1 && SOTTO_OPERATION_ARGMAX == names.size());

// The output's extent, 0 where the window does not fit.
std::int64_t output_extent(std::int64_t input, std::int64_t pads, std::int64_t kernel, std::int64_t stride) {
    const std::int64_t room = input + pads - kernel;
    return room < 0 ? 0 : room / stride + 1;
}

}  // namespace

std::span<const std::string_view> operation_names() {
    return names;
}

std::optional<std::int32_t> operation_kind(std::string_view name) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) {
        return std::nullopt;
    }
    return static_cast<std::int32_t>(found - names.begin()) + 1;
}

std::string_view operation_name(std::int32_t kind) {
    assert(kind >= 1 && static_cast<std::size_t>(kind) <= names.size());
    return names[static_cast<std::size_t>(kind) - 1];
}

std::optional<std::int32_t> priced_as(std::int32_t kind) noexcept {
    if (kind == SOTTO_OPERATION_MULTIPLY) {
        return SOTTO_OPERATION_BATCH_NORMALIZATION;
    }
    const bool is_measured = kind >= SOTTO_OPERATION_CONVOLUTION && kind < SOTTO_OPERATION_MULTIPLY;
    return is_measured ? std::optional(kind) : std::nullopt;
}

std::int32_t& size_of(sotto_operation& operation, std::size_t index) {
    sotto_window& window = operation.window;
    const std::array<std::int32_t*, size_columns.size()> members = {
        &operation.input.height, &operation.input.width,     &operation.input.channels, &operation.output.height,
        &operation.output.width, &operation.output.channels, &window.kernel_height,     &window.kernel_width,
        &window.stride_height,   &window.stride_width,       &window.pad_top,           &window.pad_bottom,
        &window.pad_left,        &window.pad_right};
    return *members[index];
}

std::int32_t size_of(const sotto_operation& operation, std::size_t index) {
    sotto_operation copy = operation;
    return size_of(copy, index);
}

bool has_size(std::int32_t kind, SizeColumn::Part part) {
    switch (kind) {
        case SOTTO_OPERATION_CONVOLUTION:
        case SOTTO_OPERATION_MAX_POOL:
        case SOTTO_OPERATION_AVERAGE_POOL:
            return true;
        case SOTTO_OPERATION_BATCH_NORMALIZATION:
        case SOTTO_OPERATION_MULTIPLY:
            return part != SizeColumn::Part::window;
        case SOTTO_OPERATION_FULLY_CONNECTED:
        case SOTTO_OPERATION_ARGMAX:
            return part == SizeColumn::Part::channels;
        default:
            return false;
    }
}

bool has_size(const sotto_operation& operation, SizeColumn::Part part) {
    return has_size(operation.kind, part) &&
           (operation.kind != SOTTO_OPERATION_MULTIPLY || operation.input.channels > 0);
}

void complete_vector(sotto_operation& operation) {
    if (has_size(operation.kind, SizeColumn::Part::channels) && !has_size(operation.kind, SizeColumn::Part::image)) {
        operation.input.height = operation.input.width = 1;
        operation.output.height = operation.output.width = 1;
    }
}

std::optional<WrongSize> wrong_size(const sotto_operation& operation) {
    const sotto_shape& input = operation.input;
    const sotto_shape& output = operation.output;
    const auto differs = [](std::string_view column, std::int64_t found,
                            std::int64_t expected) -> std::optional<WrongSize> {
        if (found == expected) {
            return std::nullopt;
        }
        return WrongSize{column,
                         expected > 0 ? '\'' + std::to_string(expected) + '\'' : "a window that fits its input"};
    };
    std::optional<WrongSize> wrong;
    if (has_size(operation, SizeColumn::Part::window)) {
        const sotto_window& window = operation.window;
        wrong = differs("out_h", output.height,
                        output_extent(input.height, std::int64_t{window.pad_top} + window.pad_bottom,
                                      window.kernel_height, window.stride_height));
        if (!wrong) {
            wrong = differs("out_w", output.width,
                            output_extent(input.width, std::int64_t{window.pad_left} + window.pad_right,
                                          window.kernel_width, window.stride_width));
        }
    } else if (has_size(operation, SizeColumn::Part::image)) {
        wrong = differs("out_h", output.height, input.height);
        if (!wrong) {
            wrong = differs("out_w", output.width, input.width);
        }
    }
    const bool keeps_channels =
        operation.kind == SOTTO_OPERATION_MAX_POOL || operation.kind == SOTTO_OPERATION_AVERAGE_POOL ||
        operation.kind == SOTTO_OPERATION_BATCH_NORMALIZATION || operation.kind == SOTTO_OPERATION_MULTIPLY;
    if (!wrong && keeps_channels) {
        wrong = differs("out_c", output.channels, input.channels);
    }
    if (!wrong && has_size(operation, SizeColumn::Part::channels)) {
        wrong = differs("numel", operation.elements, std::int64_t{output.channels} * output.height * output.width);
    }
    return wrong;
}

bool is_same(const sotto_operation& first, const sotto_operation& second) {
    for (std::size_t i = 0; i < size_columns.size(); ++i) {
        if (size_of(first, i) != size_of(second, i)) {
            return false;
        }
    }
    return first.kind == second.kind && first.normalization == second.normalization &&
           first.truncates == second.truncates && first.elements == second.elements;
}

}  // namespace sotto::training
