// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "bench/compare_pagmo/problem.hpp"
#include "engine/arch/canonical_hash.hpp"
#include "engine/plugin/registry.hpp"
#include "engine/secure/lowering.hpp"
#include "search/space/space.hpp"

namespace sotto::bench {

/// A search space of Sotto: latency in a local area network as the cost model `protocol` predicts it, against a
/// stand-in for accuracy that costs nothing: log2(parameters) + the number of nonlinear layers, ReLU counting 1, square
/// and max pool 1/2. Both in units of the space's baseline; the reference is twice the baseline's latency and a
/// stand-in of 0.
///
/// A vector is normalised (Space::normalized) and decoded; it is valid where it decodes to a network that can be
/// lowered and that the cost model answers for.
class SpaceProblem final : public Problem {
  public:
    /// Throws input::InputError, and std::runtime_error for a space without a baseline or one that has no latency.
    SpaceProblem(const std::string& file, plugin::Registry& registry);

    std::string name() const override { return space_.name(); }
    const search::Variation& variation() const override { return space_; }
    std::vector<double> reference() const override { return {2, 0}; }
    search::Genome normalized(const search::Genome& genome) const override { return space_.normalized(genome); }
    bool evaluate(const search::Genome& genome, Values& values) override;
    double mutated_genes() const override { return 1.5; }

  private:
    bool measure(const search::Genome& genome, Values& values);

    search::Space space_;
    search::Space::Decoder decoder_;
    search::Rejection rejection_;
    secure::Lowering lowering_;
    secure::SecureProgram program_;
    std::vector<arch::LayerIndex> order_;
    std::unique_ptr<plugin::Instance> model_;
    std::size_t latency_ = 0;
    plugin::CandidateView view_;
    std::vector<plugin::Score> scores_;
    Values baseline_{1, 1};
};

}  // namespace sotto::bench
