// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sotto::accuracy {

/// Which of GradientScores (gradient_scores.hpp) are wanted; the others are left at 0, and cost nothing.
struct WantedScores {
    bool jacob_cov = false;
    bool grad_norm = false;
    bool snip = false;
    bool grasp = false;
    bool fisher = false;

    bool any_of_loss() const { return grad_norm || snip || grasp || fisher; }
};

}  // namespace sotto::accuracy
