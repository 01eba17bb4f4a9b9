// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

#include <ATen/core/Tensor.h>

#include "plugins/accuracy/graph.hpp"

namespace sotto::accuracy {

/// Layers without weights over feature maps [channels, images, rows, columns] (float, contiguous; convolution.hpp).

std::span<float> values_of(const at::Tensor& map);

/// A map that may be changed: the same where nothing else holds it, else a copy. A view's base must not be read again.
at::Tensor owned(at::Tensor map);

/// Maximum or average; a window that lies in the padding altogether gives 0.
at::Tensor pool_map(const Node& node, const at::Tensor& map);

at::Tensor pad_map(const Node& node, const at::Tensor& map);

/// Features in the order channel, row, column; never a view of the map.
at::Tensor flatten_map(const Node& node, const at::Tensor& map);

}  // namespace sotto::accuracy
