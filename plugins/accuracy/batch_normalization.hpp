// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>

#include <ATen/core/Tensor.h>

namespace sotto::accuracy {

/// Batch normalisation with the statistics of the batch (scale 1, shift 0, epsilon 1e-5) for proxies that need more of
/// its derivatives than LibTorch's has. Maps are [images, channels, rows, columns], float or double.

/// Whether derivatives go through the mean and variance, or take those for constants.
struct StatisticsSwitch {
    bool are_constant = false;
};

struct Normalized {
    at::Tensor map;      ///< each channel of mean 0 and variance 1
    at::Tensor inverse;  ///< [channels], 1 / sqrt(variance + epsilon), not differentiable
};

/// `statistics` is looked at whenever something is differentiated backwards, and outlives that.
Normalized normalize(const at::Tensor& map, const StatisticsSwitch& statistics);

/// The derivative of the normalised map in the direction `tangent` of the map, through mean and variance; itself
/// differentiable by map and tangent. `normalized` is what normalize() gave for the map.
at::Tensor normalize_tangent(const at::Tensor& map, const at::Tensor& tangent, const Normalized& normalized);

}  // namespace sotto::accuracy
