// SPDX-License-Identifier: Apache-2.0
#include "cost_models/protocol/operation_counts.hpp"

#include "cost_models/protocol/comparison_counts.hpp"
#include "cost_models/protocol/linear_counts.hpp"

namespace sotto::protocol {
namespace {

std::int64_t window_elements(const sotto_operation& operation) {
    return std::int64_t{operation.window.kernel_height} * operation.window.kernel_width;
}

std::int64_t shape_elements(const sotto_shape& shape) {
    return std::int64_t{shape.channels} * shape.height * shape.width;
}

void add_normalization(const EngineProfile& profile, const sotto_operation& operation, OperationCounts& counts) {
    if (runs_homomorphically(profile, operation)) {
        add_homomorphic_normalization(profile, operation.input, counts);
    } else {
        add_elementwise_product(profile, operation.elements, counts);
        counts.parameters = operation.input.channels;
    }
}

bool add_linear(const EngineProfile& profile, const sotto_operation& operation, OperationCounts& counts) {
    if (profile.parameters().linear == LinearProtocol::unknown) {
        return false;
    }
    switch (operation.kind) {
        case SOTTO_OPERATION_CONVOLUTION:
            return add_convolution(profile, operation, counts);
        case SOTTO_OPERATION_FULLY_CONNECTED:
            add_fully_connected(profile, operation, counts);
            return true;
        case SOTTO_OPERATION_BATCH_NORMALIZATION:
            add_normalization(profile, operation, counts);
            return true;
        case SOTTO_OPERATION_MULTIPLY:
            // A square: the squares of the shares are local, one cross term is left.
            add_elementwise_product(profile, operation.elements, counts);
            return true;
        default:
            return false;
    }
}

}  // namespace

bool runs_homomorphically(const EngineProfile& profile, const sotto_operation& normalization) noexcept {
    if (profile.parameters().normalization == Normalization::homomorphic) {
        return true;
    }
    return normalization.normalization == SOTTO_NORMALIZATION_NONE
               ? homomorphic_is_cheaper(profile, normalization.input)
               : normalization.normalization == SOTTO_NORMALIZATION_HOMOMORPHIC;
}

bool count(const EngineProfile& profile, const sotto_operation& operation, OperationCounts& counts) noexcept {
    counts = {};
    switch (operation.kind) {
        case SOTTO_OPERATION_RELU:
            add_relu(profile, operation.elements, operation.truncates != 0, counts);
            break;
        case SOTTO_OPERATION_TRUNCATION:
            add_truncation(profile, operation.elements, counts);
            break;
        case SOTTO_OPERATION_MAX_POOL:
            add_max_pool(profile, operation.elements, window_elements(operation), counts);
            break;
        case SOTTO_OPERATION_AVERAGE_POOL:
            add_average_pool(profile, operation.elements, window_elements(operation), counts);
            break;
        case SOTTO_OPERATION_ARGMAX:
            add_argmax(profile, shape_elements(operation.input), counts);
            break;
        default:
            if (!add_linear(profile, operation, counts)) {
                return false;
            }
            break;
    }
    counts.elements = static_cast<double>(operation.elements);
    return true;
}

}  // namespace sotto::protocol
