// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

#include "plugins/accuracy/graph.hpp"
#include "plugins/accuracy/position_classes.hpp"

namespace sotto::accuracy {

/// Feature maps here are [channels, images, rows, columns] (float, contiguous): a convolution is then one matrix
/// product over all images, and a concatenation a copy.

/// The weights of a layer, [outputs, fan-in], Kaiming uniform from the candidate's seed.
at::Tensor make_weights(const Graph& graph, std::size_t layer, std::uint64_t seed);

/// The convolution of `input` by `weights`; which input rows and columns each output reads is given by the taps.
at::Tensor convolve(const at::Tensor& input, const at::Tensor& weights, const Taps& rows, const Taps& columns,
                    std::int64_t groups);

/// weights x input for a fully connected layer: `input` is [channels, images, rows, columns], features in the order
/// channel, row, column. Returns [outputs, images, 1, 1].
at::Tensor fully_connect(const at::Tensor& input, const at::Tensor& weights);

}  // namespace sotto::accuracy
