// SPDX-License-Identifier: Apache-2.0
#include "engine/arch/counts.hpp"

namespace sotto::arch {

Counts count(const Network& network) {
    Counts counts;
    for (LayerIndex index = 0; index < network.size(); ++index) {
        const Layer& layer = network.layer(index);
        const std::int64_t window = std::int64_t{layer.window.kernel_height} * layer.window.kernel_width;
        const std::int64_t bias = layer.bias ? layer.output.channels : 0;
        switch (layer.kind) {
            case LayerKind::convolution: {
                const std::int64_t per_output = window * (network.operand_shape(index).channels / layer.groups);
                counts.parameters += per_output * layer.output.channels + bias;
                counts.multiply_adds += per_output * layer.output.elements();
                break;
            }
            case LayerKind::fully_connected: {
                const std::int64_t products =
                    std::int64_t{network.operand_shape(index).channels} * layer.output.channels;
                counts.parameters += products + bias;
                counts.multiply_adds += products;
                break;
            }
            case LayerKind::batch_normalization:
                counts.parameters += 2 * std::int64_t{layer.output.channels};
                break;
            case LayerKind::activation:
                if (layer.activation == Activation::relu) {
                    counts.relu_elements += layer.output.elements();
                }
                break;
            case LayerKind::max_pool:
            case LayerKind::global_max_pool:
                counts.comparisons += layer.output.elements() * (window - 1);
                break;
            default:
                break;
        }
    }
    counts.comparisons += counts.relu_elements;
    return counts;
}

}  // namespace sotto::arch
