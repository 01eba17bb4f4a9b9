// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>

#include "engine/arch/network.hpp"
#include "engine/pytorch/statement.hpp"

namespace sotto::pytorch {

/// What makes a layer: `nn.Conv2d(3, 64, kernel_size=3, stride=2)`.
struct ModuleExpression {
    std::optional<Expression> pad;  ///< makes a submodule that the layer's operand goes through first
    Expression module;
};

/// For a layer of any kind but input, add and concat. `rank`: dimensions of the operand's tensor, 4, or 2 for a vector
/// without height and width.
ModuleExpression module_expression(const arch::Network& network, arch::LayerIndex index, std::size_t rank);

}  // namespace sotto::pytorch
