// SPDX-License-Identifier: Apache-2.0
#include "cost_models/analytical/features.hpp"

#include <algorithm>
#include <cassert>

#include "cost_models/training/operation_columns.hpp"

namespace sotto::analytical {
namespace {

constexpr std::array<std::string_view, 4> conv_features = {"2 kh kw ci ho wo co", "8 h w ci", "8 ci kh kw co",
                                                           "8 ho wo co"};
constexpr std::array<std::string_view, 1> element_features = {"n"};
constexpr std::array<std::string_view, 3> pool_features = {"kh kw ho wo ci", "8 h w ci", "8 ho wo ci"};
constexpr std::array<std::string_view, 2> bn_features = {"n", "ci"};
constexpr std::array<std::string_view, 4> fc_features = {"2 ci co + co", "8 ci", "8 (ci + 1) co", "8 co"};

constexpr std::array<std::string_view, layer_type_count> names = {"conv", "relu", "maxpool", "avgpool",
                                                                  "bn",   "fc",   "trunc"};
constexpr std::array<LayerTypeInfo, layer_type_count> infos = {{{names[0], conv_features, true},
                                                                {names[1], element_features, true},
                                                                {names[2], pool_features, false},
                                                                {names[3], pool_features, false},
                                                                {names[4], bn_features, true},
                                                                {names[5], fc_features, true},
                                                                {names[6], element_features, false}}};

}  // namespace

const LayerTypeInfo& info(LayerType type) {
    return infos[static_cast<std::size_t>(type)];
}

std::span<const std::string_view> layer_type_names() {
    return names;
}

std::optional<LayerType> priced_as(std::int32_t operation_kind) {
    const std::optional<std::int32_t> priced = training::priced_as(operation_kind);
    if (!priced) {
        return std::nullopt;
    }
    const auto name = std::find(names.begin(), names.end(), training::operation_name(*priced));
    assert(name != names.end());
    return static_cast<LayerType>(name - names.begin());
}

}  // namespace sotto::analytical
