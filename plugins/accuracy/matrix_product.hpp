// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>

#include <ATen/core/Tensor.h>

namespace sotto::accuracy {

/// result = left x right: [m, k] x [k, n] -> [m, n], float, rows contiguous (those of `result` may stand apart). May be
/// called from any number of threads at once, and gives the same bits on each.
///
/// LibTorch's own product calls BLAS, and libopenblas0-serial, the recommended one, is built without locks around its
/// work buffers: two products at once may share a buffer and come out wrong. So the product of oneDNN is taken where
/// LibTorch brings it, else LibTorch's own, one at a time where the BLAS is an OpenBLAS without threads.
void multiply_into(at::Tensor& result, const at::Tensor& left, const at::Tensor& right);

/// Held while LibTorch may call the BLAS by itself (in double, or for convolutions of fewer than 16 images): locked
/// where the BLAS is one that a single thread at a time can use, else empty.
std::unique_lock<std::mutex> lock_blas();

}  // namespace sotto::accuracy
