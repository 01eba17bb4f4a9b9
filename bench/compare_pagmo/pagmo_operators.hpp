// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <stdexcept>
#include <utility>
#include <vector>

#include "search/strategy/variation.hpp"

namespace sotto::bench {

/// What pagmo::nsga2 does with whole numbers, so that strategies can be compared with the operators held equal:
/// two-point crossover, and each gene uniform over its levels with a fixed probability. Knows nothing of what is valid,
/// and a mutant may be its parent.
class PagmoOperators final : public search::Variation {
  public:
    PagmoOperators(std::vector<std::uint32_t> levels, double mutation_per_gene)
        : levels_(std::move(levels)), mutation_per_gene_(mutation_per_gene) {}

    std::vector<std::uint32_t> levels() const override { return levels_; }

    search::Genome sample(random::Stream& stream) const override {
        search::Genome genome{std::vector<search::Gene>(levels_.size())};
        for (std::size_t k = 0; k < levels_.size(); ++k) {
            genome.genes[k] = static_cast<search::Gene>(stream.below(levels_[k]));
        }
        return genome;
    }

    search::Genome mutate(const search::Genome& parent, random::Stream& stream) const override {
        search::Genome child = parent;
        for (std::size_t k = 0; k < levels_.size(); ++k) {
            if (stream.chance(mutation_per_gene_)) {
                child.genes[k] = static_cast<search::Gene>(stream.below(levels_[k]));
            }
        }
        return child;
    }

    search::Genome crossover(const search::Genome& first, const search::Genome& second,
                             random::Stream& stream) const override {
        search::Genome child = first;
        std::size_t begin = stream.below(levels_.size());
        std::size_t end = stream.below(levels_.size());
        if (begin > end) {
            std::swap(begin, end);
        }
        for (std::size_t k = begin; k <= end; ++k) {
            child.genes[k] = second.genes[k];
        }
        return child;
    }

    /// NSGA-II enumerates no changes.
    std::vector<search::Change> changes(const search::Genome&) const override { throw std::logic_error("no changes"); }
    std::optional<search::Genome> apply(const search::Genome&, const search::Change&, random::Stream&) const override {
        throw std::logic_error("no changes");
    }

  private:
    std::vector<std::uint32_t> levels_;
    double mutation_per_gene_;
};

}  // namespace sotto::bench
