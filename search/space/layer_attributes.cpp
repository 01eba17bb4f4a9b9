// SPDX-License-Identifier: Apache-2.0
#include "search/space/layer_attributes.hpp"

namespace sotto::search::language {

Presence presence(const LayerType& type, std::string_view attribute) {
    using arch::LayerKind;
    const auto required_if = [&](bool required) { return required ? Presence::required : Presence::optional; };
    switch (type.kind) {
        case LayerKind::convolution:
            if (attribute == "channels" || attribute == "kernel" || attribute == "stride" || attribute == "padding" ||
                attribute == "groups" || attribute == "bias") {
                return required_if(attribute == "channels" || attribute == "kernel");
            }
            break;
        case LayerKind::max_pool:
        case LayerKind::average_pool:
            if (attribute == "kernel" || attribute == "stride" || attribute == "padding") {
                return required_if(attribute != "padding");
            }
            break;
        case LayerKind::fully_connected:
            if (attribute == "features" || attribute == "bias") {
                return required_if(attribute == "features");
            }
            break;
        case LayerKind::batch_normalization:
            if (attribute == "form" || attribute == "foldable") {
                return Presence::optional;
            }
            break;
        case LayerKind::activation:
            return type.activation == arch::Activation::none ? Presence::optional : Presence::unknown;
        case LayerKind::pad:
            if (attribute == "padding") {
                return Presence::required;
            }
            break;
        default:
            break;
    }
    return Presence::unknown;
}

bool joins(const LayerType& type) {
    return type.kind == arch::LayerKind::add || type.kind == arch::LayerKind::concat;
}

}  // namespace sotto::search::language
