// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "engine/arch/network.hpp"

namespace sotto::pytorch {

/// Layers that stand together in the text: `path` is what their names begin with, `stage1/block1/`, or empty.
struct LayerBlock {
    arch::LayerIndex begin = 0;
    arch::LayerIndex end = 0;  ///< one behind the last
    std::string_view path;     ///< valid as long as the network
};

/// All layers but the input, in order, cut where the path of their names changes: at the first `/`, and where that
/// leaves more than `largest` layers together at the second, and so on.
std::vector<LayerBlock> layer_blocks(const arch::Network& network, std::size_t largest = 12);

}  // namespace sotto::pytorch
