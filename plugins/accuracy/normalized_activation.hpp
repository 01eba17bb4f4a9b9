// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

namespace sotto::accuracy {

/// Batch normalisation of maps [images, channels, rows, columns] of float, and the activation behind it
/// (SOTTO_ACTIVATION_), in two passes over memory each way, where LibTorch's operators take about eight. Laid out with
/// channels last. Can be differentiated once, by map, scale and shift.
///
/// By the statistics of the batch; where `momentum` is more than 0, that share of the running mean and (unbiased)
/// variance is replaced by them.
at::Tensor normalize_by_batch(const at::Tensor& map, const at::Tensor& scale, const at::Tensor& shift,
                              const at::Tensor& running_mean, const at::Tensor& running_variance, double momentum,
                              double epsilon, std::int32_t activation);

/// By the running ones. Not to be differentiated.
at::Tensor normalize_by_running(const at::Tensor& map, const at::Tensor& scale, const at::Tensor& shift,
                                const at::Tensor& running_mean, const at::Tensor& running_variance, double epsilon,
                                std::int32_t activation);

}  // namespace sotto::accuracy
