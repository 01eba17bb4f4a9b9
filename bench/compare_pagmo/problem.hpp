// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "search/space/genome.hpp"
#include "search/strategy/strategy.hpp"
#include "search/strategy/variation.hpp"

namespace sotto::bench {

using Values = std::array<double, search::maximum_objectives>;

/// What both algorithms minimise: a function of vectors of whole numbers, gene k in [0, levels[k]).
class Problem {
  public:
    virtual ~Problem() = default;

    virtual std::string name() const = 0;
    virtual const search::Variation& variation() const = 0;
    virtual std::size_t objectives() const { return 2; }

    /// What bounds the hypervolume, one coordinate per objective.
    virtual std::vector<double> reference() const = 0;

    /// The vector as Sotto writes what it stands for: genes that are of no consequence are 0.
    virtual search::Genome normalized(const search::Genome& genome) const { return genome; }

    /// Any vector within the levels, normalised or not. False: no valid network, and `values` is not written.
    virtual bool evaluate(const search::Genome& genome, Values& values) = 0;

    /// Genes that one call of Variation::mutate changes on average, so that equal rates of mutation can be set.
    virtual double mutated_genes() const = 0;
};

/// What both algorithms are told of a vector that is no valid network: each objective ten times the magnitude of its
/// reference beyond it, so that everything valid dominates it.
Values penalty(std::span<const double> reference);

}  // namespace sotto::bench
