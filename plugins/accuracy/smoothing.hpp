// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plugins/accuracy/graph.hpp"

namespace sotto::accuracy {

/// Of the layers with weights and the smoothing pools on the signal's path, the share that are smoothing pools: pools
/// with a window that move by one position, so that they mix neighbours and neither learn nor reduce. 0 to below 1.
///
/// The signal's path is a random walk from the output that chooses among the operands of an addition in proportion to
/// the variance of what they bring, and among those of a concatenation in proportion to their channels. Variances are
/// those of wide networks with independent random weights, fed with white noise: batch normalisation gives 1,
/// convolutions with the activations before them keep it, additions add up, and the mean over a window leaves of it
/// what the correlations between neighbours along rows and columns say, which pools raise, convolutions keep, strides
/// thin out and additions mix. Activations do not change it.
double smoothing_share(const Graph& graph);

}  // namespace sotto::accuracy
