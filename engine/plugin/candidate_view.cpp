// SPDX-License-Identifier: Apache-2.0
#include "engine/plugin/instance.hpp"

namespace sotto::plugin {
namespace {

sotto_shape flat(const arch::Shape& shape) {
    return {shape.channels, shape.height, shape.width};
}

sotto_window flat(const arch::Window& window) {
    return {window.kernel_height, window.kernel_width, window.stride_height, window.stride_width,
            window.pad_top,       window.pad_bottom,   window.pad_left,      window.pad_right};
}

sotto_window window_of(const arch::Layer& layer) {
    switch (layer.kind) {
        case arch::LayerKind::convolution:
        case arch::LayerKind::max_pool:
        case arch::LayerKind::average_pool:
        case arch::LayerKind::global_max_pool:
        case arch::LayerKind::global_average_pool:
            return flat(layer.window);
        case arch::LayerKind::pad:
            return {0,
                    0,
                    0,
                    0,
                    layer.window.pad_top,
                    layer.window.pad_bottom,
                    layer.window.pad_left,
                    layer.window.pad_right};
        default:
            return {};
    }
}

bool has_window(secure::OperationKind kind) {
    return kind == secure::OperationKind::convolution || kind == secure::OperationKind::max_pool ||
           kind == secure::OperationKind::average_pool;
}

}  // namespace

void CandidateView::set(std::uint64_t seed, const arch::Network* network, const secure::SecureProgram* program) {
    candidate_ = {sizeof(sotto_candidate), 0, seed, nullptr, nullptr};
    if (network != nullptr) {
        const std::size_t count = network->size();
        layers_.resize(count);
        operands_.clear();
        for (std::size_t i = 0; i < count; ++i) {
            const auto index = static_cast<arch::LayerIndex>(i);
            const arch::Layer& layer = network->layer(index);
            const auto operands = network->operands(index);
            const bool is_convolution = layer.kind == arch::LayerKind::convolution;
            layers_[i] = {sizeof(sotto_layer),
                          static_cast<std::int32_t>(layer.kind),
                          static_cast<std::int32_t>(layer.activation),
                          is_convolution ? layer.groups : 0,
                          layer.bias ? 1 : 0,
                          static_cast<std::uint32_t>(operands_.size()),
                          static_cast<std::uint32_t>(operands.size()),
                          flat(layer.output),
                          window_of(layer)};
            operands_.insert(operands_.end(), operands.begin(), operands.end());
        }
        network_ = {sizeof(sotto_network),
                    sizeof(sotto_layer),
                    static_cast<std::uint32_t>(count),
                    static_cast<std::uint32_t>(operands_.size()),
                    network->output(),
                    0,
                    layers_.data(),
                    operands_.data()};
        candidate_.network = &network_;
    }
    if (program != nullptr) {
        const std::size_t count = program->operations.size();
        operations_.resize(count);
        for (std::size_t i = 0; i < count; ++i) {
            const secure::Operation& operation = program->operations[i];
            operations_[i] = {sizeof(sotto_operation),
                              static_cast<std::int32_t>(operation.kind),
                              static_cast<std::int32_t>(operation.normalization),
                              operation.truncates ? 1 : 0,
                              operation.layer,
                              0,
                              operation.elements,
                              flat(operation.input),
                              flat(operation.output),
                              has_window(operation.kind) ? flat(operation.window) : sotto_window{}};
        }
        program_ = {sizeof(sotto_program), sizeof(sotto_operation), static_cast<std::uint32_t>(count), 0,
                    operations_.data()};
        candidate_.program = &program_;
    }
}

void CandidateView::refer(std::uint64_t seed, const sotto_network* network, const sotto_program* program) {
    candidate_ = {sizeof(sotto_candidate), 0, seed, nullptr, nullptr};
    if (network != nullptr) {
        network_ = *network;
        candidate_.network = &network_;
    }
    if (program != nullptr) {
        program_ = *program;
        candidate_.program = &program_;
    }
}

}  // namespace sotto::plugin
