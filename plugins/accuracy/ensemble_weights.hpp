// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "plugins/accuracy/ensemble_score.hpp"

namespace sotto::accuracy {

/// Printed by `ensemble_fit nasbench201_accuracies.csv` (bench/ensemble_fit), which fits them to test accuracies on
/// CIFAR-10 after 12 epochs of 1,500 random members of NAS-Bench-201. A change of a part or of these is a new version
/// of the plug-in.
inline constexpr EnsembleWeights fitted_weights{0.04837, 2.753, 4.329};
/// Standard deviations of the parts among those members.
inline constexpr EnsembleParts fitted_deviations{4.966, 0.2453, 0.05081};

}  // namespace sotto::accuracy
