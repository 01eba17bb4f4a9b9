// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <ATen/core/Tensor.h>

#include "plugins/accuracy/graph.hpp"
#include "plugins/accuracy/images/image_data.hpp"

namespace sotto::accuracy {

/// What a proxy that differentiates a loss looks at.
struct ImageBatch {
    at::Tensor images;                 ///< [images, channels, rows, columns], float
    std::vector<std::int64_t> labels;  ///< a class for each
};

/// N(0, 1) noise with classes drawn evenly: a function of the seed and the shape alone, counter-based
/// (random_weights.hpp).
ImageBatch draw_noise(const sotto_shape& shape, std::int64_t images, std::int64_t classes, std::uint64_t seed);

/// Where a proxy's images come from, as its parameter `images` says: `noise`, or a folder with a data set
/// (images/image_data.hpp), whose training part is read once. Constant; any thread.
class ImageSource {
  public:
    /// Throws CandidateError with SOTTO_INVALID_ARGUMENT, what is wrong with the folder in its text, or where it has
    /// fewer than `images`, what a batch needs.
    ImageSource(const std::string& where, std::int64_t images);

    /// The network at the resolution it is looked at: for noise at_least_size(graph, input_size), for a data set that
    /// of its images. Throws CandidateError with SOTTO_UNSUPPORTED where the network reads another number of channels,
    /// does not take the resolution, or has fewer outputs than there are classes.
    Graph fit(const Graph& graph, std::int64_t input_size) const;

    /// A batch for a network that fit() gave: distinct images, drawn from the seed; of a data set, each channel has
    /// mean 0 and variance 1 over all of it.
    ImageBatch draw(const Graph& graph, std::int64_t images, std::uint64_t seed) const;

  private:
    bool is_noise_;
    ImageData data_;
    std::vector<float> means_;
    std::vector<float> scales_;
};

}  // namespace sotto::accuracy
