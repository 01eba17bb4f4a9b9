// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "sotto/plugin.h"

namespace sotto::analytical {

/// The layer types that were measured, each with features and coefficients of its own.
enum class LayerType : std::uint8_t { conv, relu, maxpool, avgpool, bn, fc, trunc };
inline constexpr std::size_t layer_type_count = 7;
inline constexpr std::size_t most_features = 4;

/// Values of a layer type's features for one operation; those it does not have are 0.
using FeatureValues = std::array<double, most_features>;

struct LayerTypeInfo {
    std::string_view name;  ///< as in the measurement tables: `conv`, `relu`, ...
    std::span<const std::string_view> features;
    bool has_intercept = false;
};

const LayerTypeInfo& info(LayerType type);

/// Names of all layer types, in the order of LayerType.
std::span<const std::string_view> layer_type_names();

/// The layer type whose coefficients price an operation of this kind (SOTTO_OPERATION_), nothing for a kind that was
/// not measured: training::priced_as.
std::optional<LayerType> priced_as(std::int32_t operation_kind);

/// The published features (Zhang & Mann, "Predicting the execution time of secure neural network inference", SEC 2024).
/// h, w, ci: the input before padding; kh, kw: the kernel; co: output channels; n: elements of the output.
///
///  conv             2 kh kw ci ho wo co, 8 h w ci, 8 ci kh kw co, 8 ho wo co; intercept
///  relu             n; intercept
///  maxpool, avgpool kh kw ho wo ci, 8 h w ci, 8 ho wo ci
///  bn               n, ci; intercept
///  fc               2 ci co + co, 8 ci, 8 (ci + 1) co, 8 co; intercept
///  trunc            n
///
/// ho and wo of a convolution are (h + pads - kh) / stride + 1 as a real number, not rounded down; those of a pool are
/// its output's sizes. That is what reproduces the published errors. Strides must be positive.
inline FeatureValues feature_values(LayerType type, const sotto_operation& operation) noexcept {
    const double height = operation.input.height;
    const double width = operation.input.width;
    const double input_channels = operation.input.channels;
    const double output_channels = operation.output.channels;
    const double elements = static_cast<double>(operation.elements);
    switch (type) {
        case LayerType::conv: {
            const sotto_window& window = operation.window;
            const double kernel = static_cast<double>(window.kernel_height) * window.kernel_width;
            const double output_height =
                (height + window.pad_top + window.pad_bottom - window.kernel_height) / window.stride_height + 1;
            const double output_width =
                (width + window.pad_left + window.pad_right - window.kernel_width) / window.stride_width + 1;
            return {2 * kernel * input_channels * output_height * output_width * output_channels,
                    8 * height * width * input_channels, 8 * input_channels * kernel * output_channels,
                    8 * output_height * output_width * output_channels};
        }
        case LayerType::maxpool:
        case LayerType::avgpool: {
            const double kernel = static_cast<double>(operation.window.kernel_height) * operation.window.kernel_width;
            const double outputs =
                static_cast<double>(operation.output.height) * operation.output.width * input_channels;
            return {kernel * outputs, 8 * height * width * input_channels, 8 * outputs, 0};
        }
        case LayerType::bn:
            return {elements, input_channels, 0, 0};
        case LayerType::fc: {
            const double inputs = input_channels * height * width;
            return {2 * inputs * output_channels + output_channels, 8 * inputs, 8 * (inputs + 1) * output_channels,
                    8 * output_channels};
        }
        case LayerType::relu:
        case LayerType::trunc:
            return {elements, 0, 0, 0};
    }
    return {};
}

}  // namespace sotto::analytical
