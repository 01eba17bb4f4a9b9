// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace sotto::learned {

/// Makes LibTorch compute on the calling thread alone, in this whole process and for good: sums are then taken in one
/// order, and trainings beside each other do not compete. To be called before anything is computed with LibTorch.
void compute_on_calling_thread();

}  // namespace sotto::learned
