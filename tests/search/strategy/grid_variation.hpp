// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "search/strategy/variation.hpp"

namespace sotto::search::test {

/// All vectors of whole numbers with gene k in [0, levels[k]).
class GridVariation : public Variation {
  public:
    explicit GridVariation(std::vector<std::int16_t> levels) : levels_(std::move(levels)) {}
    GridVariation(std::size_t genes, std::int16_t levels) : levels_(genes, levels) {}

    std::vector<std::uint32_t> levels() const override { return {levels_.begin(), levels_.end()}; }

    Genome sample(random::Stream& stream) const override {
        Genome genome{std::vector<Gene>(levels_.size())};
        for (std::size_t k = 0; k < levels_.size(); ++k) {
            genome.genes[k] = any(k, stream);
        }
        return genome;
    }

    /// One gene always and each other with probability 1/n: half the time anywhere, half the time near by.
    Genome mutate(const Genome& parent, random::Stream& stream) const override {
        Genome child = parent;
        const std::size_t always = stream.below(levels_.size());
        for (std::size_t k = 0; k < levels_.size(); ++k) {
            if (levels_[k] > 1 && (k == always || stream.below(levels_.size()) == 0)) {
                while (child.genes[k] == parent.genes[k]) {
                    child.genes[k] = stream.chance(0.5) ? any(k, stream) : near(parent.genes[k], k, stream);
                }
            }
        }
        return child;
    }

    Genome crossover(const Genome& first, const Genome& second, random::Stream& stream) const override {
        Genome child = first;
        for (std::size_t k = 0; k < levels_.size(); ++k) {
            child.genes[k] = stream.chance(0.5) ? first.genes[k] : second.genes[k];
        }
        return child;
    }

    std::vector<Change> changes(const Genome& parent) const override {
        std::vector<Change> changes;
        for (std::size_t k = 0; k < levels_.size(); ++k) {
            for (std::int32_t value = 0; value < levels_[k]; ++value) {
                if (value != parent.genes[k]) {
                    changes.push_back({Change::Kind::set_gene, static_cast<std::uint32_t>(k), value});
                }
            }
        }
        return changes;
    }

    std::optional<Genome> apply(const Genome& parent, const Change& change, random::Stream&) const override {
        Genome child = parent;
        child.genes[change.where] = static_cast<Gene>(change.value);
        return child;
    }

  private:
    Gene any(std::size_t k, random::Stream& stream) const {
        return static_cast<Gene>(stream.below(static_cast<std::uint64_t>(levels_[k])));
    }

    Gene near(Gene gene, std::size_t k, random::Stream& stream) const {
        const int reach = 1 + levels_[k] / 20;
        const int moved = gene - reach + static_cast<int>(stream.below(static_cast<std::uint64_t>(2 * reach + 1)));
        return static_cast<Gene>(std::min(std::max(moved, 0), levels_[k] - 1));
    }

    std::vector<std::int16_t> levels_;
};

}  // namespace sotto::search::test
