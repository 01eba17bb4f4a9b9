// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <ATen/core/Tensor.h>

#include "sotto/plugin.h"

#include "plugins/accuracy/graph.hpp"
#include "plugins/accuracy/image_batch.hpp"
#include "plugins/accuracy/wanted_scores.hpp"

namespace sotto::accuracy {

/// Scores out of derivatives of an untrained network. L is the mean cross-entropy over N images, g its gradient by the
/// weights w of convolutions and fully connected layers, H its Hessian, J_n the derivative of the sum of the outputs by
/// image n, all statistics of batch normalisations taken for constants.
struct GradientScores {
    /// decorrelation() of the rows J_n (jacobian_correlation.hpp): Mellor et al., "Neural architecture search without
    /// training", version 1, 2020.
    double jacob_cov = 0;
    /// ln of the sum over layers of |g|_2 (Abdelfattah et al., "Zero-cost proxies for lightweight NAS", ICLR 2021).
    double grad_norm = 0;
    /// ln sum |w g| (Lee et al., "SNIP: single-shot network pruning based on connection sensitivity", ICLR 2019).
    double snip = 0;
    /// sign(s) ln(1 + |s|), s = -sum w Hg (Wang et al., "Picking winning tickets before training by preserving gradient
    /// flow", ICLR 2020).
    double grasp = 0;
    /// ln of the sum over the output channels a of the layers with weights of sum_n (sum over positions of a dL/da)^2 /
    /// 2N (Turner et al., "BlockSwap: Fisher-guided block substitution for network compression on a budget", ICLR
    /// 2020).
    double fisher = 0;
};

/// All of them from one forward pass, and from one backward pass each for the images' derivatives, the gradient, and
/// the Hessian's product.
///
/// Weights are Kaiming uniform from `seed`, biases 0; batch normalisation uses the statistics of the batch; a square's
/// output is scaled to a mean square of 1 by a factor that counts as constant. In float; in double where that
/// overflows or a square's map vanishes, if twice gradient_bytes() (memory.hpp) are within `memory_limit_mib`; 0: no
/// limit. A logarithm is at least ln 1e-30.
///
/// At least 16 images. Any thread. Throws CandidateError: SOTTO_UNSUPPORTED without weights, with fewer than two
/// outputs where L is needed, where the repetition in double has no room, and where even a double overflows.
GradientScores gradient_scores(const Graph& graph, std::uint64_t seed, const ImageBatch& batch,
                               const WantedScores& wanted, const sotto_host* host, std::int64_t memory_limit_mib = 0);

}  // namespace sotto::accuracy
