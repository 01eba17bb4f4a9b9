// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include <ATen/core/Tensor.h>

#include "plugins/accuracy/graph.hpp"

namespace sotto::accuracy {

/// What a proxy that differentiates a loss looks at.
struct ImageBatch {
    at::Tensor images;                 ///< [images, channels, rows, columns], float
    std::vector<std::int64_t> labels;  ///< a class for each
};

/// N(0, 1) noise with classes drawn evenly: a function of the seed and the shape alone, counter-based
/// (random_weights.hpp).
ImageBatch draw_noise(const sotto_shape& shape, std::int64_t images, std::int64_t classes, std::uint64_t seed);

}  // namespace sotto::accuracy
