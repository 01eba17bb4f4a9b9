// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>

namespace sotto::training {

/// How far a network's measured total may lie from its predicted one: predicted * low ... predicted * high.
struct TotalInterval {
    double low = 1;
    double high = 1;
};

/// The interval that holds a share `coverage` of networks that were not measured, from measured / predicted of networks
/// that were held out (at least 2, positive). Split conformal prediction with the ratio as score (Vovk, Gammerman &
/// Shafer, "Algorithmic Learning in a Random World", 2005): of n ratios in order, the floor((n + 1) (1 - coverage) /
/// 2)-th from either end; with too few networks for that the outermost. Holds where the network to come is like those.
TotalInterval total_interval(std::span<const double> measured_over_predicted, double coverage);

/// The share of the ratios that lie in the interval which the others give: what a model's intervals are worth.
double interval_coverage(std::span<const double> measured_over_predicted, double coverage);

}  // namespace sotto::training
