// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>

#include "sotto/plugin.h"

#include "cost_models/analytical/coefficients.hpp"

namespace sotto::analytical {

/// The times that coefficients give, of which the plug-in and the trainer's model are two faces. Immutable.
class Predictor {
  public:
    struct Times {
        double client_ms = 0;
        double server_ms = 0;
    };

    explicit Predictor(const Coefficients& coefficients);

    /// Whether operations of this kind (SOTTO_OPERATION_) have a price.
    bool knows(std::int32_t kind) const noexcept {
        const auto index = static_cast<std::uint32_t>(kind);
        return index < kind_count && is_priced_[index];
    }

    /// Whether times() may be asked: the kind is known, a convolution has positive strides, an elementwise product a
    /// shape.
    bool has_price(const sotto_operation& operation) const noexcept {
        return knows(operation.kind) &&
               (operation.kind != SOTTO_OPERATION_CONVOLUTION ||
                (operation.window.stride_height > 0 && operation.window.stride_width > 0)) &&
               (operation.kind != SOTTO_OPERATION_MULTIPLY || operation.input.channels > 0);
    }

    /// Of an operation that has a price.
    Times times(const sotto_operation& operation) const noexcept {
        const LayerType type = types_[static_cast<std::uint32_t>(operation.kind)];
        const FeatureValues values = feature_values(type, operation);
        const Lines& lines = lines_[static_cast<std::size_t>(type)];
        return {lines.client.at(values), lines.server.at(values)};
    }

    /// Why an operation has no price. `index` is how the reason calls it.
    std::string refusal(const sotto_operation& operation, std::uint32_t index) const;

  private:
    static constexpr std::size_t kind_count = SOTTO_OPERATION_ARGMAX + 1;

    // One role's time of one layer type: constant + sum of slope * feature.
    struct Line {
        double constant = 0;
        std::array<double, most_features> slopes{};

        double at(const FeatureValues& values) const noexcept {
            double sum = constant;
            for (std::size_t i = 0; i < most_features; ++i) {
                sum += slopes[i] * values[i];
            }
            return std::max(sum, 0.0);
        }
    };
    struct Lines {
        Line client;
        Line server;
    };
    static Line line_of(const Fit& fit);

    std::array<Lines, layer_type_count> lines_{};
    std::array<LayerType, kind_count> types_{};
    std::array<bool, kind_count> is_priced_{};
};

}  // namespace sotto::analytical
