// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/arch/network.hpp"

namespace sotto::search::language {

// The layer types and attributes of a template: the same names as in the YAML form of a network.

struct LayerType {
    std::string_view name;
    arch::LayerKind kind;
    arch::Activation activation = arch::Activation::none;
};

/// In the order of known_words. `none` is a layer that is left out.
inline constexpr std::array layer_types{
    LayerType{"none", arch::LayerKind::activation, arch::Activation::none},
    LayerType{"conv", arch::LayerKind::convolution},
    LayerType{"batch_norm", arch::LayerKind::batch_normalization},
    LayerType{"relu", arch::LayerKind::activation, arch::Activation::relu},
    LayerType{"square", arch::LayerKind::activation, arch::Activation::square},
    LayerType{"identity", arch::LayerKind::activation, arch::Activation::identity},
    LayerType{"max_pool", arch::LayerKind::max_pool},
    LayerType{"average_pool", arch::LayerKind::average_pool},
    LayerType{"global_max_pool", arch::LayerKind::global_max_pool},
    LayerType{"global_average_pool", arch::LayerKind::global_average_pool},
    LayerType{"fully_connected", arch::LayerKind::fully_connected},
    LayerType{"add", arch::LayerKind::add},
    LayerType{"concat", arch::LayerKind::concat},
    LayerType{"flatten", arch::LayerKind::flatten},
    LayerType{"pad", arch::LayerKind::pad},
};

enum class AttributeForm : std::uint8_t {
    number,   ///< an expression
    pair,     ///< one expression, or [height, width]
    padding,  ///< same, valid, an expression, or [top, bottom, left, right]
    flag,     ///< an expression that is true or false
    word,     ///< a word, or ${an expression}
};

struct Attribute {
    std::string_view name;
    AttributeForm form;
};

inline constexpr std::array attributes{
    Attribute{"channels", AttributeForm::number}, Attribute{"kernel", AttributeForm::pair},
    Attribute{"stride", AttributeForm::pair},     Attribute{"padding", AttributeForm::padding},
    Attribute{"groups", AttributeForm::number},   Attribute{"bias", AttributeForm::flag},
    Attribute{"features", AttributeForm::number}, Attribute{"form", AttributeForm::word},
    Attribute{"foldable", AttributeForm::flag},
};

enum class Presence : std::uint8_t { unknown, optional, required };

/// Whether a layer of this type takes the attribute. `none` takes them all, and reads none.
Presence presence(const LayerType& type, std::string_view attribute);

/// Whether the layer joins several inputs (add, concat).
bool joins(const LayerType& type);

}  // namespace sotto::search::language
