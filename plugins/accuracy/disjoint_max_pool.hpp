// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

namespace sotto::accuracy {

/// Max pooling of maps [images, channels, rows, columns] of float by windows that touch and do not overlap: the stride
/// is the kernel. Rows and columns that fill no window are left out. Laid out with channels
/// last; a few times as quick there as LibTorch's. Can be differentiated once: the first largest element of a window
/// has its gradient.
at::Tensor disjoint_max_pool(const at::Tensor& map, std::int64_t kernel_height, std::int64_t kernel_width);

}  // namespace sotto::accuracy
