// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "plugins/accuracy/naswot.hpp"

namespace sotto::accuracy {

/// What the scores are made from that put synaptic flow and activation patterns together; all of it a function of the
/// candidate alone.
struct ScoreMeasures {
    double synflow = 0;          ///< ln of the synaptic flow
    double naswot = 0;           ///< ln det(I + K) of the images that were compared
    double images = 1;           ///< how many those were
    double units = 0;            ///< activation units at the resolution they were compared at
    double own_units = 0;        ///< activation units at the network's own resolution
    double nonlinear_depth = 0;  ///< Graph::nonlinear_depth
    double weighted_depth = 1;   ///< Graph::weighted_depth
};

/// Takes those measures as the parameters `batch`, `repeats`, `input_size` and `memory_limit` tell.
class ScoreMeasuring {
  public:
    ScoreMeasuring(const Arguments& arguments, const sotto_host* host);

    /// The network at the resolution it is measured at. Throws CandidateError where that would take too much memory.
    Graph fit(const Graph& graph) const;

    /// `fitted`: what fit() gave.
    ScoreMeasures measure(const Graph& graph, const Graph& fitted, std::uint64_t seed) const;

  private:
    NoiseSettings settings_;
    std::int64_t input_size_;
    std::int64_t memory_limit_;
    const sotto_host* host_;
};

}  // namespace sotto::accuracy
